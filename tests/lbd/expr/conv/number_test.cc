#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

using NumberTest = ExprTest;

TEST_F(NumberTest, Arithmetic) {
  EXPECT_EQ(eval("int(7),add(3)"), "int 10");
  EXPECT_EQ(eval("int(7),add(-3)"), "int 4");
  EXPECT_EQ(eval("int(7),sub(9)"), "int -2");
  EXPECT_EQ(eval("int(7),mul(-3)"), "int -21");
  EXPECT_EQ(eval("int(7),div(2)"), "int 3");
  EXPECT_EQ(eval("int(-7),div(2)"), "int -3");
  EXPECT_EQ(eval("int(7),mod(4)"), "int 3");
  EXPECT_EQ(eval("int(6),and(3)"), "int 2");
  EXPECT_EQ(eval("int(6),or(1)"), "int 7");
  EXPECT_EQ(eval("int(6),xor(3)"), "int 5");
  EXPECT_EQ(eval("int(6),neg"), "int -6");
  EXPECT_EQ(eval("int(5),cpl"), "int -6");
  EXPECT_EQ(eval("str(12ab),add(1)"), "int 13");
  EXPECT_EQ(eval("ipv4(0.0.1.0),add(1)"), "int 257");
}

TEST_F(NumberTest, SaturatesAndDividesByZero) {
  constexpr const char *kMost = "int 9223372036854775807", *kLeast = "int -9223372036854775808";
  EXPECT_EQ(eval("int(9223372036854775807),add(1)"), kMost);
  EXPECT_EQ(eval("int(-9223372036854775808),add(-1)"), kLeast);
  EXPECT_EQ(eval("int(-9223372036854775808),sub(1)"), kLeast);
  EXPECT_EQ(eval("int(0),sub(-9223372036854775808)"), kMost);
  EXPECT_EQ(eval("int(9223372036854775807),mul(-2)"), kLeast);
  EXPECT_EQ(eval("int(-9223372036854775808),mul(-1)"), kMost);
  EXPECT_EQ(eval("int(-9223372036854775808),neg"), kMost);
  EXPECT_EQ(eval("int(-9223372036854775808),div(-1)"), kMost);
  EXPECT_EQ(eval("int(-9223372036854775808),mod(-1)"), "int 0");
  EXPECT_EQ(eval("int(5),div(0)"), kMost);
  EXPECT_EQ(eval("int(-5),div(0)"), kMost);
  EXPECT_EQ(eval("int(5),mod(0)"), "int 0");
  EXPECT_EQ(eval("str(99999999999999999999),add(0)"), kMost);
}

TEST_F(NumberTest, Variables) {
  t_->vars.set(*parse_var_name("txn.n"), Value::of_int(7), &arena_);
  EXPECT_EQ(eval("int(1),add(txn.n)"), "int 8");
  EXPECT_EQ(eval("int(1),sub(txn.none)"), "-");
  EXPECT_EQ(eval("int(1),add()"), "int 1");
  EXPECT_EQ(eval("int(1),add(x)"),
            "error: argument 1 of converter 'add': must be an integer or a variable such as txn.x");
}

TEST_F(NumberTest, Truths) {
  EXPECT_EQ(eval("bool(1),iif(yes,no)"), "str yes");
  EXPECT_EQ(eval("str(0),iif(yes,no)"), "str no");
  EXPECT_EQ(eval("str(),iif(yes,no)"), "-");
  EXPECT_EQ(eval("bool(1),iif(yes)"), "error: argument 2 of converter 'iif' is missing: (string,string)");
  EXPECT_EQ(eval("int(0),not"), "bool 1");
  EXPECT_EQ(eval("int(5),not"), "bool 0");
  EXPECT_EQ(eval("int(5),bool"), "bool 1");
  EXPECT_EQ(eval("int(0),bool"), "bool 0");
  EXPECT_EQ(eval("int(-4),even"), "bool 1");
  EXPECT_EQ(eval("int(-3),even"), "bool 0");
  EXPECT_EQ(eval("int(-3),odd"), "bool 1");
  EXPECT_EQ(eval("int(4),odd"), "bool 0");
  EXPECT_EQ(eval("always_true,not,add(1)"), "int 1");
}

}  // namespace
}  // namespace lbd::expr
