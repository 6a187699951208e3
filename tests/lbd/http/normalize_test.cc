#include "lbd/http/normalize.h"

#include <gtest/gtest.h>

namespace lbd::http {
namespace {

class NormalizeTest : public testing::Test {
 protected:
  base::BlockPool pool_{4096, 4};
  base::Arena arena_{pool_};
};

TEST_F(NormalizeTest, Fragments) {
  EXPECT_EQ(encode_fragment("/#foo#", arena_), "/%23foo%23");
  EXPECT_EQ(encode_fragment("/foo", arena_), "/foo");
  EXPECT_EQ(strip_fragment("/a?b#c#d"), "/a?b");
  EXPECT_EQ(strip_fragment("/a"), "/a");
}

TEST_F(NormalizeTest, Escapes) {
  auto decode = [&](std::string_view text, bool strict = false) {
    return std::string(decode_unreserved(text, strict, arena_).value_or("refused"));
  };
  EXPECT_EQ(decode("/%61dmin"), "/admin");
  EXPECT_EQ(decode("/foo%3Fbar=baz"), "/foo%3Fbar=baz");
  EXPECT_EQ(decode("/%%36%36"), "/%66");
  EXPECT_EQ(decode("/%7e%4"), "/~%4");
  EXPECT_EQ(decode("/%%36%36", true), "refused");
  EXPECT_EQ(decode("/%ZZ", true), "refused");
  EXPECT_EQ(decode("/%61", true), "/a");
  EXPECT_EQ(uppercase_escapes("/%6f%zz%Af", false, arena_), "/%6F%zz%AF");
  EXPECT_EQ(uppercase_escapes("/%zz", true, arena_), std::nullopt);
  EXPECT_EQ(uppercase_escapes("/%", true, arena_), std::nullopt);
}

TEST_F(NormalizeTest, Segments) {
  EXPECT_EQ(merge_slashes("//a///b/", arena_), "/a/b/");
  EXPECT_EQ(merge_slashes("/", arena_), "/");
  for (auto [path, normal] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"/.", "/"}, {"/./bar/", "/bar/"}, {"/a/./a", "/a/a"}, {"/.well-known/", "/.well-known/"}, {"/a/.", "/a/"}})
    EXPECT_EQ(strip_dot(path, arena_), normal) << path;
}

TEST_F(NormalizeTest, ParentSegments) {
  for (auto [path, normal, full] :
       std::initializer_list<std::tuple<std::string_view, std::string_view, std::string_view>>{
           {"/foo/../", "/", "/"},
           {"/foo/../bar/", "/bar/", "/bar/"},
           {"/foo/bar/../", "/foo/", "/foo/"},
           {"/../bar/", "/../bar/", "/bar/"},
           {"/bar/../../", "/../", "/"},
           {"/foo//../", "/foo/", "/foo/"},
           {"/foo/%2E%2E/", "/foo/%2E%2E/", "/foo/%2E%2E/"},
           {"/a/../../b/../c", "/../c", "/c"},
           {"/..", "/../", "/"},
           {"/a/..b/...", "/a/..b/...", "/a/..b/..."}}) {
    EXPECT_EQ(strip_dotdot(path, false, arena_), normal) << path;
    EXPECT_EQ(strip_dotdot(path, true, arena_), full) << path;
  }
}

TEST_F(NormalizeTest, Queries) {
  EXPECT_EQ(sort_query("c=3&a=1&b=2", arena_), "a=1&b=2&c=3");
  EXPECT_EQ(sort_query("aaa=3&a=1&aa=2", arena_), "a=1&aa=2&aaa=3");
  EXPECT_EQ(sort_query("a=3&b=4&a=1&b=5&a=2", arena_), "a=3&a=1&a=2&b=4&b=5");
  EXPECT_EQ(sort_query("b&&a&", arena_), "&a&b");
  EXPECT_EQ(sort_query("", arena_), "");
}

}  // namespace
}  // namespace lbd::http
