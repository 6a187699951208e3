// What HAProxy 2.6 gives for req.cook and req.cook_cnt was tried for each field.
#include "lbd/http/cookie.h"

#include <gtest/gtest.h>

#include <string>

namespace lbd::http {
namespace {

std::string all(std::string_view field, bool set_cookie = false) {
  std::string text;
  Pair cookie;
  for (size_t at = 0; next_cookie(field, at, cookie, set_cookie);)
    text += std::string(cookie.name) + "=" + std::string(cookie.value) + "|";
  return text;
}

TEST(Cookie, Request) {
  EXPECT_EQ(all("a=1; b=2"), "a=1|b=2|");
  EXPECT_EQ(all("a=1;b=2"), "a=1|b=2|");
  EXPECT_EQ(all("a=1, b=2"), "a=1|b=2|");
  EXPECT_EQ(all("a = 1 ; b = 2"), "a=1|b=2|");
  EXPECT_EQ(all("a=\"x;y\"; b=2"), "a=\"x;y\"|b=2|");
  EXPECT_EQ(all("a=\"x,y\"; b=2"), "a=\"x,y\"|b=2|");
  EXPECT_EQ(all("a; b=2"), "b=2|");
  EXPECT_EQ(all("=1; b=2"), "=1|b=2|");
  EXPECT_EQ(all("a=; b=2"), "a=|b=2|");
  EXPECT_EQ(all(" ; a=1;; b=2"), "a=1|b=2|");
  EXPECT_EQ(all("a=1 2; b=2 "), "a=1 2|b=2|");
  EXPECT_EQ(all("$V=1; a=2; $Path=/; b=3"), "a=2|b=3|");
  EXPECT_EQ(all("a==1; b=2"), "a==1|b=2|");
  EXPECT_EQ(all("a=1 b=2"), "a=1 b=2|");
  EXPECT_EQ(all(""), "");
}

TEST(Cookie, SetCookie) {
  EXPECT_EQ(all("a=1; Path=/; Expires=Wed, 21 Oct 2015 07:28:00 GMT", true), "a=1|");
  EXPECT_EQ(all("a", true), "");
}

TEST(Cookie, FindsTheLast) {
  base::BlockPool pool(4096, 1);
  base::Arena arena(pool);
  Headers headers(arena);
  headers.add("cookie", "a=1; A=9");
  headers.add("x", "a=7");
  headers.add("cookie", "a=2; b=3");
  EXPECT_EQ(find_cookie(headers, "a"), "2");
  EXPECT_EQ(find_cookie(headers, "A"), "9");
  EXPECT_EQ(find_cookie(headers, "c").data(), nullptr);
}

}  // namespace
}  // namespace lbd::http
