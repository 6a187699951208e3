#include "lbd/expr/regex.h"

#include <gtest/gtest.h>

namespace lbd::expr {
namespace {

std::string replaced(std::string_view pattern, std::string_view with, std::string_view in) {
  base::BlockPool pool(4096, 1);
  base::Arena arena(pool);
  auto regex = Regex::compile(pattern, false);
  auto text = Substitution::compile(with);
  if (!regex) return regex.error().text;
  if (!text) return text.error().text;
  Regex::Groups groups;
  if (!regex->match(in, 0, groups)) return "none";
  std::string made(text->make(groups, arena));
  TextBuilder builder(arena, 0);
  text->append(groups, builder);
  EXPECT_EQ(builder.view(), made);
  EXPECT_EQ(text->length(groups), made.size());
  return made;
}

TEST(Regex, Groups) {
  EXPECT_EQ(replaced("(a)(b)?(c)", "[\\1|\\2|\\3|\\0]", "xacx"), "[a||c|ac]");
  EXPECT_EQ(replaced("(a)", "\\9\\1", "a"), "a");
  EXPECT_EQ(replaced("^(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)", "\\9\\1", "abcdefghijk"), "ia");
  EXPECT_EQ(replaced("b", "x", "a"), "none");
}

TEST(Regex, Substitutions) {
  EXPECT_EQ(replaced("a", "\\x41\\x2f\\\\\\-", "a"), "A/\\-");
  EXPECT_EQ(replaced("a", "x\\", "a"), "'x\\' ends with a backslash");
  EXPECT_EQ(replaced("a", "\\x4", "a"), "'\\x' in '\\x4' needs two hexadecimal digits");
}

TEST(Regex, Errors) {
  auto bad = Regex::compile("a(b", false);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().text.substr(0, 24), "regex 'a(b' is invalid: ");
  EXPECT_TRUE(Regex::compile("ABC", true)->matches("xabc"));
  EXPECT_FALSE(Regex::compile("ABC", false)->matches("xabc"));
  EXPECT_TRUE(Regex::compile("", false)->matches({}));
}

}  // namespace
}  // namespace lbd::expr
