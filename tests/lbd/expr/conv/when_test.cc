#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

using WhenTest = ExprTest;

TEST_F(WhenTest, LetsThroughInSomeCases) {
  EXPECT_EQ(eval("int(5),when(normal),add(1)"), "int 6");
  EXPECT_EQ(eval("str(x),when(error)"), "-");
  EXPECT_EQ(eval("str(x),when(!error)"), "str x");
  EXPECT_EQ(eval("str(x),when(forwarded)"), "-");
  EXPECT_EQ(eval("str(x),when(stopping)"), "-");
  EXPECT_EQ(eval("str(x),when(toapplet)"), "-");
  t_->termination.cause = 'S';
  EXPECT_EQ(eval("str(x),when(normal)"), "-");
  EXPECT_EQ(eval("str(x),when(error)"), "str x");
  t_->at.connected = t_->now;
  EXPECT_EQ(eval("str(x),when(forwarded)"), "str x");
  EXPECT_EQ(eval("str(x),when(processed)"), "str x");
  t_->service = "STATS";
  EXPECT_EQ(eval("str(x),when(toapplet)"), "str x");
  stopping_ = true;
  EXPECT_EQ(eval("str(x),when(stopping)"), "str x");
  EXPECT_EQ(eval("str(x),when(never)").substr(0, 6), "error:");
}

}  // namespace
}  // namespace lbd::expr
