#include "lbd/expr/pattern.h"

#include <gtest/gtest.h>

namespace lbd::expr {
namespace {

bool text(Match match, std::string_view pattern, std::string_view value, bool ignore_case = false) {
  PatternSet set(match, ignore_case);
  EXPECT_EQ(set.add(pattern), "") << pattern;
  return set.matches(Value::of_text(value));
}
bool number(std::string_view pattern, int64_t value, std::string_view comparison = "eq") {
  PatternSet set(Match::integer, false);
  EXPECT_EQ(set.add(pattern, comparison), "") << pattern;
  return set.matches(Value::of_int(value));
}
bool address(std::string_view pattern, const char* value) {
  PatternSet set(Match::ip, false);
  EXPECT_EQ(set.add(pattern), "") << pattern;
  return set.matches(Value::of_ip(*base::IpAddr::parse(value)));
}
std::string wrong(Match match, std::string_view pattern, std::string_view comparison = "eq") {
  return PatternSet(match, false).add(pattern, comparison);
}

TEST(Pattern, Strings) {
  EXPECT_TRUE(text(Match::string, "abc", "abc"));
  EXPECT_FALSE(text(Match::string, "abc", "abcd"));
  EXPECT_FALSE(text(Match::string, "abc", "ABC"));
  EXPECT_TRUE(text(Match::string, "aBc", "AbC", true));
  EXPECT_TRUE(text(Match::string, "", ""));
  PatternSet many(Match::string, true);
  for (const char* one : {"One", "two", "three"}) EXPECT_EQ(many.add(one), "");
  EXPECT_EQ(many.size(), 3u);
  EXPECT_TRUE(many.matches(Value::of_text("ONE")));
  EXPECT_FALSE(many.matches(Value::of_text("four")));
}

TEST(Pattern, PartsOfStrings) {
  EXPECT_TRUE(text(Match::begin, "ab", "abc"));
  EXPECT_FALSE(text(Match::begin, "abcd", "abc"));
  EXPECT_TRUE(text(Match::begin, "AB", "abc", true));
  EXPECT_TRUE(text(Match::begin, "", "abc"));
  EXPECT_TRUE(text(Match::end, "bc", "abc"));
  EXPECT_FALSE(text(Match::end, "ab", "abc"));
  EXPECT_TRUE(text(Match::end, "BC", "abc", true));
  EXPECT_TRUE(text(Match::sub, "b", "abc"));
  EXPECT_FALSE(text(Match::sub, "ac", "abc"));
  EXPECT_TRUE(text(Match::sub, "B", "abc", true));
  EXPECT_TRUE(text(Match::sub, "", ""));
}

TEST(Pattern, Directories) {
  EXPECT_TRUE(text(Match::dir, "b", "/a/b/c"));
  EXPECT_TRUE(text(Match::dir, "/a/b/", "/a/b/c"));
  EXPECT_TRUE(text(Match::dir, "c", "/a/b/c?x"));
  EXPECT_FALSE(text(Match::dir, "b", "/a/bb/c"));
  EXPECT_FALSE(text(Match::dir, "a.b", "/a/b"));
  EXPECT_TRUE(text(Match::dir, "B", "/a/b", true));
  EXPECT_TRUE(text(Match::dir, "b", "bb/xb/b"));
}

TEST(Pattern, Domains) {
  EXPECT_TRUE(text(Match::domain, "example", "www.example.org"));
  EXPECT_TRUE(text(Match::domain, "example.org", "www.example.org:80"));
  EXPECT_TRUE(text(Match::domain, ".org", "example.org"));
  EXPECT_FALSE(text(Match::domain, "ample", "www.example.org"));
  EXPECT_TRUE(text(Match::domain, "ORG", "example.org", true));
}

TEST(Pattern, Regexes) {
  EXPECT_TRUE(text(Match::regex, "^a.c$", "abc"));
  EXPECT_FALSE(text(Match::regex, "^A", "abc"));
  EXPECT_TRUE(text(Match::regex, "^A", "abc", true));
  EXPECT_EQ(wrong(Match::regex, "(").substr(0, 20), "regex '(' is invalid");
}

TEST(Pattern, Numbers) {
  EXPECT_TRUE(number("5", 5));
  EXPECT_FALSE(number("5", 6));
  EXPECT_TRUE(number("5:7", 7));
  EXPECT_TRUE(number("5-7", 7));
  EXPECT_FALSE(number("5:7", 8));
  EXPECT_TRUE(number(":7", -100));
  EXPECT_TRUE(number("5:", 1'000'000));
  EXPECT_TRUE(number("5", 5, "ge"));
  EXPECT_FALSE(number("5", 5, "gt"));
  EXPECT_TRUE(number("5", 6, "gt"));
  EXPECT_TRUE(number("5", 5, "le"));
  EXPECT_FALSE(number("5", 5, "lt"));
  EXPECT_TRUE(number("0", -1, "lt"));
  EXPECT_FALSE(number("0", 0, "lt"));
  EXPECT_FALSE(number("9223372036854775807", 9223372036854775807, "gt"));
  // A sign separates the ends of a range, and ranges have no comparison.
  EXPECT_TRUE(number("-5", -6));
  EXPECT_TRUE(number("-5", 5));
  EXPECT_FALSE(number("-5", 6));
  EXPECT_TRUE(number("1:2", 1, "gt"));
  EXPECT_FALSE(number("1:2", 3, "gt"));
  EXPECT_EQ(wrong(Match::integer, "x"), "'x' is not a number");
  EXPECT_EQ(wrong(Match::integer, "+5"), "'+5' is not a number");
  EXPECT_EQ(wrong(Match::integer, ""), "'' is not a number");
  EXPECT_EQ(wrong(Match::integer, "1:x"), "'1:x' is not a valid number range");
  EXPECT_EQ(wrong(Match::integer, "9:5"), "'9:5' is not a valid number range");
  EXPECT_EQ(wrong(Match::integer, ":"), "':' is not a valid number range");
  PatternSet length(Match::length, false);
  EXPECT_EQ(length.add("3"), "");
  EXPECT_TRUE(length.matches(Value::of_text("abc")));
  EXPECT_FALSE(length.matches(Value::of_text("ab")));
  EXPECT_EQ(from_dotted("3.1"), "196609");
  EXPECT_EQ(from_dotted("3:3.1"), "196608:196609");
  EXPECT_EQ(from_dotted("3.x"), "");
}

TEST(Pattern, Addresses) {
  EXPECT_TRUE(address("192.0.2.0/24", "192.0.2.255"));
  EXPECT_FALSE(address("192.0.2.0/24", "192.0.3.0"));
  EXPECT_TRUE(address("192.0.2.77/24", "192.0.2.1"));
  EXPECT_TRUE(address("0.0.0.0/0", "255.0.0.1"));
  EXPECT_TRUE(address("0.0.0.0/0", "::1"));  // ::0.0.0.1
  EXPECT_FALSE(address("0.0.0.0/0", "2001::1"));
  EXPECT_TRUE(address("10.0.0.0/8", "::ffff:10.1.2.3"));
  EXPECT_TRUE(address("10.0.0.0/8", "2002:a01:203::5"));
  EXPECT_TRUE(address("::ffff:10.0.0.0/104", "10.1.2.3"));
  EXPECT_FALSE(address("::10.1.2.3", "10.1.2.3"));
  EXPECT_TRUE(address("127.1", "127.0.0.1"));
  EXPECT_TRUE(address("10.1/16", "10.0.0.1"));
  EXPECT_FALSE(address("10.1/16", "10.1.0.1"));
  EXPECT_TRUE(address("10.1.2.3/255.0.0.255", "10.9.9.3"));
  EXPECT_FALSE(address("10.1.2.3/255.0.0.255", "10.9.9.4"));
  EXPECT_TRUE(address("192.0.2.1", "192.0.2.1"));
  EXPECT_TRUE(address("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(address("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_EQ(wrong(Match::ip, "192.0.2.0/33"), "'192.0.2.0/33' is not a valid IPv4 or IPv6 address");
  PatternSet many(Match::ip, false);
  for (const char* one : {"10.0.0.0/8", "192.0.2.1", "::1"}) EXPECT_EQ(many.add(one), "");
  EXPECT_TRUE(many.matches(Value::of_ip(*base::IpAddr::parse("10.9.8.7"))));
  EXPECT_TRUE(many.matches(Value::of_ip(*base::IpAddr::parse("::1"))));
  EXPECT_FALSE(many.matches(Value::of_ip(*base::IpAddr::parse("192.0.2.2"))));
}

TEST(Pattern, BytesAndTruths) {
  PatternSet bytes(Match::binary, false);
  EXPECT_EQ(bytes.add("00fF"), "");
  EXPECT_TRUE(bytes.matches(Value::of_text(std::string_view("\0\xff", 2), Type::binary)));
  EXPECT_FALSE(bytes.matches(Value::of_text("", Type::binary)));
  EXPECT_EQ(wrong(Match::binary, "123"), "'123' has an odd number of hexadecimal digits");
  EXPECT_EQ(wrong(Match::binary, "1x"), "'1x' is not hexadecimal");
  EXPECT_TRUE(PatternSet(Match::boolean, false).matches(Value::of_bool(true)));
  EXPECT_FALSE(PatternSet(Match::boolean, false).matches(Value::of_bool(false)));
  EXPECT_TRUE(PatternSet(Match::found, false).matches(Value::of_text("")));
}

}  // namespace
}  // namespace lbd::expr
