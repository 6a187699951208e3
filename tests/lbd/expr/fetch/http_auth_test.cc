#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

class HttpAuthTest : public ExprTest {
 protected:
  HttpAuthTest()
      : ExprTest("userlist users\n group a users me\n group b\n user me insecure-password secret groups b\n" +
                 std::string(kFixtureConfig).substr(std::string(kFixtureConfig).find("frontend"))) {}
};

TEST_F(HttpAuthTest, SaysWhoItIs) {
  request("GET / HTTP/1.1\r\nAuthorization: Basic bWU6c2VjcmV0\r\nX-Token: Bearer abc\r\n\r\n");
  EXPECT_EQ(eval("http_auth_type"), "str Basic");
  EXPECT_EQ(eval("http_auth_user"), "str me");
  EXPECT_EQ(eval("http_auth_pass"), "str secret");
  EXPECT_EQ(eval("http_auth_bearer"), "-");
  EXPECT_EQ(eval("http_auth_bearer(X-Token)"), "str abc");
  EXPECT_EQ(eval("http_auth(users)"), "bool 1");
  EXPECT_EQ(eval("http_auth_group(users)"), "str me");
  EXPECT_EQ(holds("if { http_auth(users) }"), "yes");
  EXPECT_EQ(holds("if { http_auth_group(users) a }"), "yes");
  EXPECT_EQ(holds("if { http_auth_group(users) x b }"), "yes");
  EXPECT_EQ(holds("if { http_auth_group(users) x }"), "no");
  EXPECT_EQ(eval("http_auth(nobody)").substr(0, 5), "error");
}

TEST_F(HttpAuthTest, WithoutCredentialsNothingIsThere) {
  request("GET / HTTP/1.1\r\n\r\n");
  for (const char* name : {"http_auth_type", "http_auth_user", "http_auth_pass", "http_auth_bearer", "http_auth(users)",
                           "http_auth_group(users)"})
    EXPECT_EQ(eval(name), "-") << name;
  EXPECT_EQ(holds("if { http_auth(users) }"), "no");
  request("GET / HTTP/1.1\r\nAuthorization: Bearer abc\r\n\r\n");
  EXPECT_EQ(eval("http_auth_bearer"), "str abc");
  EXPECT_EQ(eval("http_auth_user"), "-");
  request("GET / HTTP/1.1\r\nAuthorization: Basic bWU6d3Jvbmc=\r\n\r\n");
  EXPECT_EQ(eval("http_auth(users)"), "bool 0");
  EXPECT_EQ(holds("if { http_auth_group(users) a }"), "no");
}

}  // namespace
}  // namespace lbd::expr
