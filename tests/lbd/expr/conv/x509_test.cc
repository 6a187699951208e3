#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

using X509Test = ExprTest;

TEST_F(X509Test, Names) {
  EXPECT_EQ(eval("int(0),x509_v_err_str"), "str X509_V_OK");
  EXPECT_EQ(eval("int(10),x509_v_err_str"), "str X509_V_ERR_CERT_HAS_EXPIRED");
  EXPECT_EQ(eval("int(18),x509_v_err_str"), "str X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT");
  EXPECT_EQ(eval("int(9999),x509_v_err_str"), "str 9999");
}

}  // namespace
}  // namespace lbd::expr
