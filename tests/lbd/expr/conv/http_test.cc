#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

using HttpConverterTest = ExprTest;

TEST_F(HttpConverterTest, Escapes) {
  EXPECT_EQ(eval("str(a%20b+c),url_dec"), "str a b+c");
  EXPECT_EQ(eval("str(a%20b+c),url_dec(1)"), "str a b c");
  EXPECT_EQ(eval("str(a+?b+c),url_dec"), "str a+?b c");
  EXPECT_EQ(eval("str(a%2),url_dec"), "-");
  EXPECT_EQ(eval("str(a%zz),url_dec"), "-");
  EXPECT_EQ(eval("str('a-._~Z9 /?+'),url_enc"), "str a-._~Z9%20%2F%3F%2B");
  EXPECT_EQ(eval("str(a),url_enc(query)"), "str a");
  EXPECT_EQ(eval("str(a),url_enc(path)"), "error: converter 'url_enc': the only type is query");
}

TEST_F(HttpConverterTest, Hosts) {
  struct {
    const char *host, *name, *port;
  } constexpr kCases[] = {{"Www.Example.com", "www.example.com", "0"},
                          {"a:80", "a", "80"},
                          {"a:", "a", "0"},
                          {"[::1]", "[::1]", "0"},
                          {"[::1]:8080", "[::1]", "8080"},
                          {":80", "", "80"},
                          {"", "", "0"},
                          {"a:8x", "a", "8"},
                          {"a:x", "a", "0"}};
  for (const auto& one : kCases) {
    EXPECT_EQ(eval("str(" + std::string(one.host) + "),host_only"), "str " + std::string(one.name));
    EXPECT_EQ(eval("str(" + std::string(one.host) + "),port_only"), "int " + std::string(one.port));
  }
}

TEST_F(HttpConverterTest, Languages) {
  EXPECT_EQ(eval("str('de;q=0.5, en'),language(en;de)"), "str en");
  EXPECT_EQ(eval("str('de;q=0.8,en;q=0.8'),language(en;de)"), "str de");
  EXPECT_EQ(eval("str('de-AT, en;q=0.9'),language(en;de)"), "str de");
  EXPECT_EQ(eval("str('de-AT, en;q=0.9'),language(en;de;de-AT)"), "str de-AT");
  EXPECT_EQ(eval("str('de-AT, en;q=0.9'),language(en;de-CH)"), "str en");
  EXPECT_EQ(eval("str('en;q=0'),language(en)"), "-");
  EXPECT_EQ(eval("str('fr'),language(en;de,xx)"), "str xx");
  EXPECT_EQ(eval("str('en;q=0.123,de ; q = 0.124'),language(en;de)"), "str de");
}

TEST_F(HttpConverterTest, ParametersAndDomains) {
  EXPECT_EQ(eval("str(a=1&b=2&a=3),param(a)"), "str 1");
  EXPECT_EQ(eval("str(aa=1&a&b=2),param(a)"), "str ");
  EXPECT_EQ(eval("str(a=1;b=2),param(b,;)"), "str 2");
  EXPECT_EQ(eval("str(a=1),param(c)"), "-");
  EXPECT_EQ(eval("str(a=1),param(a,&&)").substr(0, 6), "error:");
  EXPECT_EQ(eval("str(www.example.com),reverse_dom"), "str com.example.www");
  EXPECT_EQ(eval("str(x),reverse_dom"), "str x");
}

}  // namespace
}  // namespace lbd::expr
