#include "lbd/expr/expr.h"

#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

using ProgramTest = ExprTest;

TEST_F(ProgramTest, Chains) {
  request("GET /a HTTP/1.1\r\nHost: Www.Example.org:8080\r\n\r\n");
  EXPECT_EQ(eval("req.hdr(host),lower,field(1,:)"), "str www.example.org");
  EXPECT_EQ(eval("req.hdr(host),field(2,:),add(1)"), "int 8081");
  EXPECT_EQ(eval("req.hdr(none),lower"), "-");
  EXPECT_EQ(eval("method,length"), "int 3");
}

TEST_F(ProgramTest, ErrorsPointAtTheWord) {
  EXPECT_EQ(eval(""), "error: the name of a sample fetch is missing");
  EXPECT_EQ(eval("nothing"), "error: unknown sample fetch 'nothing'");
  EXPECT_EQ(eval("str(a),"), "error: the name of a converter is missing after ','");
  EXPECT_EQ(eval("str(a),lowr"), "error: unknown converter 'lowr'");
  EXPECT_EQ(diagnostics_.all().front().hint, "did you mean 'lower'?");
  EXPECT_EQ(eval("str(a) b"), "error: ' b' does not belong to the sample expression");
  EXPECT_EQ(eval("str(a)x"), "error: 'x' does not belong to the sample expression");
  EXPECT_EQ(eval("meth(GET),add(1)"), "error: converter 'add' takes type sint and cannot be applied to type meth");
  EXPECT_EQ(eval("bin(41),add(1)"), "error: converter 'add' takes type sint and cannot be applied to type bin");
}

TEST_F(ProgramTest, PhasesAreChecked) {
  EXPECT_EQ(eval("status"), "error: 'status' does not exist in a frontend http-request header rule");
  EXPECT_EQ(eval("res.hdr(a)"), "error: 'res.hdr' does not exist in a frontend http-request header rule");
  EXPECT_EQ(eval("path", phase::kBackResponse), "error: 'path' does not exist in a backend http-response header rule");
  EXPECT_EQ(eval("path", phase::kConnection), "error: 'path' does not exist in a frontend tcp-request connection rule");
  EXPECT_EQ(eval("req.hdr(a)", phase::kLog), "error: 'req.hdr' does not exist in a log line");
  EXPECT_NE(compile("method", phase::kLog), nullptr);
  EXPECT_NE(compile("src", phase::kConnection), nullptr);
  // A place that several phases share: what one of them has may stand there.
  EXPECT_NE(compile("be_name", phase::kFrontRequest | phase::kBackRequest), nullptr);
  EXPECT_EQ(compile("be_name", phase::kFrontRequest), nullptr);
  for (unsigned bit = 0; bit < 18; ++bit) EXPECT_NE(name_of_phase(1u << bit), "place");
}

TEST_F(ProgramTest, ConstantsAreFolded) {
  const Expr* folded = compile("str(ABC),lower,length");
  ASSERT_TRUE(folded);
  EXPECT_TRUE(folded->is_constant());
  EXPECT_EQ(show(folded->constant()), "int 3");
  EXPECT_EQ(folded->type(), Type::integer);
  EXPECT_FALSE(compile("src")->is_constant());
  // One that fails for ever stays a program that gives nothing.
  EXPECT_FALSE(compile("str(a),field(2,.)")->is_constant());
  EXPECT_EQ(eval("str(a),field(2,.)"), "-");
}

TEST_F(ProgramTest, TellsItsPartsApart) {
  const Expr* expr = compile("req.hdr(x),lower");
  ASSERT_TRUE(expr);
  EXPECT_EQ(expr->text(), "req.hdr(x),lower");
  EXPECT_EQ(expr->fetch()->name, "req.hdr");
  EXPECT_TRUE(expr->has_converters());
  EXPECT_EQ(expr->valid(), valid::kRequest);
  EXPECT_EQ(leading_name("base32+src,lower"), "base32+src");
  EXPECT_EQ(leading_name("(x"), "");
}

TEST_F(ProgramTest, EvalAsCasts) {
  Value value;
  EXPECT_EQ(compile("str(192.0.2.9)")->eval_as(Type::address, *t_, value), Found::yes);
  EXPECT_EQ(show(value), "ipv4 192.0.2.9");
  EXPECT_EQ(compile("str(nothing)")->eval_as(Type::address, *t_, value), Found::no);
}

}  // namespace
}  // namespace lbd::expr
