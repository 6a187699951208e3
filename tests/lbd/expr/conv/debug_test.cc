#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

using DebugTest = ExprTest;

TEST_F(DebugTest, PrintsAndPassesOn) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(eval("str(abc),debug(pre,stderr)"), "str abc");
  EXPECT_EQ(eval("int(12),debug,add(1)"), "int 13");
  EXPECT_EQ(eval("src,debug(x)"), "ipv4 192.0.2.1");
  EXPECT_EQ(eval("var(txn.none),debug(none)"), "-");
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "[debug] pre: type=str <abc>\n[debug] : type=sint <12>\n[debug] x: type=ipv4 <192.0.2.1>\n");
  testing::internal::CaptureStdout();
  EXPECT_EQ(eval("str(a),debug(b,stdout)"), "str a");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "[debug] b: type=str <a>\n");
  EXPECT_EQ(eval("str(a),debug(b,buf1)"),
            "error: converter 'debug': there is no ring 'buf1': debug prints to stdout or stderr");
}

}  // namespace
}  // namespace lbd::expr
