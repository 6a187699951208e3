#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

using BackendConverterTest = ExprTest;

TEST_F(BackendConverterTest, ByName) {
  EXPECT_EQ(eval("str(be),nbsrv"), "int 2");
  EXPECT_EQ(eval("str(fe),nbsrv"), "-");
  EXPECT_EQ(eval("str(be/s1),srv_queue"), "int 0");
  EXPECT_EQ(eval("str(be/s3),srv_queue"), "-");
  EXPECT_EQ(eval("str(none/s1),srv_queue"), "-");
  EXPECT_EQ(eval("str(s1),srv_queue"), "-");
  with_backend();
  EXPECT_EQ(eval("str(s1),srv_queue"), "int 0");
}

}  // namespace
}  // namespace lbd::expr
