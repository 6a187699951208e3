// What HAProxy 2.6 gives for path, pathq, query, url_param was tried for each target.
#include "lbd/http/uri.h"

#include <gtest/gtest.h>

namespace lbd::http {
namespace {

TEST(Uri, PartsOfTargets) {
  struct Row {
    std::string_view target, path, path_and_query, query, authority, scheme;
  };
  const Row rows[] = {
      {"/a/b?x=1", "/a/b", "/a/b?x=1", "x=1", "", ""},
      {"/", "/", "/", "", "", ""},
      {"/a?", "/a", "/a?", "", "", ""},
      {"/p?q?a=1", "/p", "/p?q?a=1", "q?a=1", "", ""},
      {"//h/x?a=1", "//h/x", "//h/x?a=1", "a=1", "", ""},
      {"*", "", "", "", "", ""},
      {"http://h", "", "", "", "h", "http"},
      {"http://u@h:81/p?a=b/c", "/p", "/p?a=b/c", "a=b/c", "u@h:81", "http"},
      {"http://h?/x", "", "", "/x", "h", "http"},
      {"h:443", "", "", "", "h:443", ""},
      {"/x?u=http://h/p", "/x", "/x?u=http://h/p", "u=http://h/p", "", ""},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(path_of(row.target), row.path) << row.target;
    EXPECT_EQ(path_and_query_of(row.target), row.path_and_query) << row.target;
    EXPECT_EQ(query_of(row.target), row.query) << row.target;
    EXPECT_EQ(authority_of(row.target), row.authority) << row.target;
    EXPECT_EQ(scheme_of(row.target), row.scheme) << row.target;
  }
  EXPECT_EQ(query_of("/a").data(), nullptr);
  EXPECT_NE(query_of("/a?").data(), nullptr);
  EXPECT_EQ(path_of("*").data(), nullptr);
}

TEST(Uri, HostAndPort) {
  struct Row {
    std::string_view authority, host, port;
  };
  for (const Row& row : {Row{"h", "h", ""}, Row{"h:80", "h", "80"}, Row{"u:p@h:80", "h", "80"}, Row{"[::1]", "::1", ""},
                         Row{"[::1]:443", "::1", "443"}, Row{"::1", "::1", ""}, Row{"[::1", "[::1", ""},
                         Row{"h:", "h", ""}, Row{"", "", ""}}) {
    EXPECT_EQ(split_authority(row.authority).host, row.host) << row.authority;
    EXPECT_EQ(split_authority(row.authority).port, row.port) << row.authority;
  }
}

TEST(Uri, Parameters) {
  EXPECT_EQ(url_param("/a?x=1&a=2&b=3", "a"), "2");
  EXPECT_EQ(url_param("/a;a=5?b=1;a=2", "a"), "2");
  EXPECT_EQ(url_param("/p?q?a=1", "a"), "1");
  EXPECT_EQ(url_param("/p?aa=1&a=2", "a"), "2");
  EXPECT_EQ(url_param("/?&&a=1", "a"), "1");
  EXPECT_EQ(url_param("/p?a=1/a=2", "a"), "1/a=2");
  EXPECT_EQ(url_param("/?a=&b", "a"), "");
  EXPECT_NE(url_param("/?a=&b", "a").data(), nullptr);
  EXPECT_EQ(url_param("/?a=&b", "b").data(), nullptr);
  EXPECT_EQ(url_param("/p/a=3", "a").data(), nullptr);
  EXPECT_EQ(url_param("/p/a=3", "a", '/'), "3");
  EXPECT_EQ(url_param("/a;a=5?b=1;a=2", "a", '/'), "5?b=1");
  EXPECT_EQ(url_param("/p?a=1/a=2", "a", '/'), "2");

  size_t at = 0;
  Pair param;
  ASSERT_TRUE(next_param("x&=1&a=2", at, param));
  EXPECT_EQ(param.name, "");
  EXPECT_EQ(param.value, "1");
  ASSERT_TRUE(next_param("x&=1&a=2", at, param));
  EXPECT_EQ(param.name, "a");
  EXPECT_FALSE(next_param("x&=1&a=2", at, param));
}

}  // namespace
}  // namespace lbd::http
