#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

class TlsTest : public ExprTest {};

TEST_F(TlsTest, OnlyWhetherThereIsAny) {
  EXPECT_EQ(eval("ssl_fc"), "bool 0");
  session_.tls = true;
  EXPECT_EQ(eval("ssl_fc"), "bool 1");
}

}  // namespace
}  // namespace lbd::expr
