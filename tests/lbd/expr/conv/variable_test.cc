#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

using VariableTest = ExprTest;

TEST_F(VariableTest, SetsAndForgets) {
  EXPECT_EQ(eval("str(x),set-var(txn.a),length"), "int 1");
  EXPECT_EQ(eval("var(txn.a)"), "str x");
  EXPECT_EQ(eval("int(5),set-var(sess.n),add(sess.n)"), "int 10");
  EXPECT_EQ(eval("int(5),unset-var(sess.n)"), "int 5");
  EXPECT_EQ(eval("var(sess.n)"), "-");
  EXPECT_EQ(eval("str(p),set-var(proc.p)"), "str p");
  EXPECT_EQ(eval("var(proc.p)"), "str p");
}

TEST_F(VariableTest, UnderConditions) {
  EXPECT_EQ(eval("str(x),set-var(txn.a,ifexists)"), "-");
  EXPECT_EQ(eval("str(x),set-var(txn.a,ifnotexists)"), "str x");
  EXPECT_EQ(eval("str(y),set-var(txn.a,ifset,ifnotempty)"), "str y");
  EXPECT_EQ(eval("str(),set-var(txn.a,ifset,ifnotempty)"), "-");
  EXPECT_EQ(eval("var(txn.a)"), "str y");
  EXPECT_EQ(eval("str(y),set-var(txn.a,ifset,,ifnotempty)"), "error: converter 'set-var': there is no condition ''");
  EXPECT_EQ(eval("str(y),set-var(txn.a,ifnever)"), "error: converter 'set-var': there is no condition 'ifnever'");
}

TEST_F(VariableTest, CapturesTakeAsMuchAsFits) {
  std::string_view slots[] = {{}, {}};
  const uint32_t lengths[] = {3, 10};
  t_->request_captures = t_->response_captures = slots;
  t_->request_capture_lengths = t_->response_capture_lengths = lengths;
  EXPECT_EQ(eval("str(abcdef),capture-req(0),length"), "int 6");
  EXPECT_EQ(slots[0], "abc");
  EXPECT_EQ(eval("int(12),capture-res(1)"), "str 12");
  EXPECT_EQ(slots[1], "12");
  EXPECT_EQ(eval("str(a),capture-req(2)"), "-");
}

}  // namespace
}  // namespace lbd::expr
