#include "cfg/cond.h"

#include <gtest/gtest.h>

namespace cfg {
namespace {

class CondTest : public testing::Test {
 protected:
  CondTest() {
    environment_.set("SET", "");
    platform_ = {"3.4.0", {"OPENSSL", "THREAD"}, {"EPOLL"}, "OpenSSL 3.0.15 3 Sep 2024", "3.0.15"};
  }
  // 't', 'f', or 'e' when the text is no condition
  char test(std::string_view text) {
    CondResult result = evaluate(text, {environment_, platform_});
    return !result.ok ? 'e' : result.value ? 't' : 'f';
  }
  Environment environment_;
  Platform platform_;
};

TEST_F(CondTest, AsHaproxyAnswersWithCc) {
  const std::pair<const char*, char> kTable[] = {
      {"", 'f'},
      {"0", 'f'},
      {"1", 't'},
      {"007", 't'},
      {"-1", 't'},
      {"foo", 'e'},
      {"defined()", 'f'},
      {"defined", 'f'},
      {"defined(SET)", 't'},
      {"defined(SET,x)", 'e'},
      {"defined SET", 'e'},
      {"streq(a,b)", 'f'},
      {"streq(a, a)", 'f'},
      {"streq(a b,a b)", 't'},
      {R"(streq("a b",a\ b))", 't'},
      {"streq(a,a,a)", 'e'},
      {"streq(a)", 'e'},
      {"streq()", 'e'},
      {"streq(,)", 't'},
      {R"(streq(\"a,b\",\"a,b\"))", 'e'},
      {R"(streq("a,b","a,b"))", 't'},
      {"strneq(a,b)", 't'},
      {"strstr(abc,b)", 't'},
      {"strstr(abc,x)", 'f'},
      {"! 1", 'f'},
      {"!!1", 't'},
      {"1 && 0 || 1", 't'},
      {"1&&0||1", 't'},
      {"0 || 1 && 0", 'f'},
      {"(1||0)&&1", 't'},
      {"(1", 'e'},
      {"1)", 'e'},
      {"1 0", 'e'},
      {"()", 'e'},
      {"1 &&", 'e'},
      {"|| 1", 'e'},
      {"1 & 1", 'e'},
      {"1 || nope", 'e'},
      {"0 && nope(1)", 'e'},
      {"streq(a,a", 'e'},
      {"streq(a,a)x", 'e'},
      {"feature(OPENSSL)", 't'},
      {"feature(openssl)", 'f'},
      {"feature(+OPENSSL)", 'f'},
      {"enabled(EPOLL)", 't'},
      {"enabled(KQUEUE)", 'f'},
      {"version_atleast(2.6)", 't'},
      {"version_atleast(3.4.1)", 'f'},
      {"version_before(3.4-dev3)", 'f'},
      {"version_before(3.5-dev1)", 't'},
      {"openssl_version_atleast(3.0.0)", 't'},
      {"openssl_version_before(1.1.1a)", 'f'},
      {"ssllib_name_startswith(OpenSSL)", 't'},
      {"!ssllib_name_startswith(wolfSSL)", 't'},
      {"awslc_api_atleast(17) || awslc_api_before(17)", 'f'},
  };
  for (const auto& [text, expected] : kTable) EXPECT_EQ(test(text), expected) << text;
}

TEST_F(CondTest, ErrorsHaveAPlaceAndASuggestion) {
  CondResult result = evaluate("1 && featur(OPENSSL)", {environment_, platform_});
  EXPECT_EQ(result.error_at, 5u);
  EXPECT_EQ(result.error, "unknown predicate 'featur'");
  EXPECT_EQ(result.hint, "did you mean 'feature'?");
}

TEST_F(CondTest, DeepNestingIsRefused) {
  EXPECT_EQ(test(std::string(100000, '(')), 'e');
  EXPECT_EQ(test(std::string(100000, '!') + "1"), 'e');
}

TEST_F(CondTest, Versions) {
  EXPECT_EQ(compare_versions("2.4", "2.4.0"), 0);
  EXPECT_LT(compare_versions("2.4-dev19", "2.4"), 0);
  EXPECT_LT(compare_versions("2.4-dev3", "2.4-dev19"), 0);
  EXPECT_GT(compare_versions("2.10", "2.9.9"), 0);
}

}  // namespace
}  // namespace cfg
