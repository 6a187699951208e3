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

// Drops "S", or cuts it behind '~' in `cuts`.
class Editor final : public CookieEditor {
 public:
  explicit Editor(bool cuts) : cuts_(cuts) {}
  CookieEdit edit(std::string_view value) override {
    if (!cuts_) return {CookieEdit::Do::drop};
    const size_t sign = value.find('~');
    if (sign == std::string_view::npos) return {};
    return {CookieEdit::Do::replace, value.substr(sign + 1)};
  }

 private:
  const bool cuts_;
};

std::string edited(std::string_view field, bool cuts = false) {
  base::BlockPool pool(4096, 4);
  base::Arena arena(pool);
  Editor editor(cuts);
  return std::string(edit_cookies(field, "S", editor, arena));
}

TEST(Cookie, Dropped) {
  EXPECT_EQ(edited("S=1"), "");
  EXPECT_EQ(edited(""), "");
  EXPECT_EQ(edited("S=1; y=2"), "y=2");
  EXPECT_EQ(edited("x=1; S=2"), "x=1");
  EXPECT_EQ(edited("x=1; S=2; y=3"), "x=1; y=3");
  EXPECT_EQ(edited("x=1;S=2;y=3;z=4"), "x=1; y=3;z=4");
  EXPECT_EQ(edited("S=1;S=2; x=1; S=3"), "x=1");
  EXPECT_EQ(edited("S=1, x=1"), "x=1");
  EXPECT_EQ(edited("s=1; xS=2; S; x=\"S=1; S=2\""), "s=1; xS=2; S; x=\"S=1; S=2\"");
  EXPECT_EQ(edited("$Version=1; S=b; $Path=/; $Domain=a; y=2; $Path=/y"), "$Version=1; y=2; $Path=/y");
}

TEST(Cookie, Replaced) {
  EXPECT_EQ(edited("x=1; S=a~b; y=2", true), "x=1; S=b; y=2");
  EXPECT_EQ(edited("S = a~b~c", true), "S=b~c");
  EXPECT_EQ(edited("x=1;S=a~;y=2", true), "x=1;S=;y=2");
  EXPECT_EQ(edited("x=1;  S=a; y=2", true), "x=1;  S=a; y=2");
}

bool cacheable(std::vector<std::pair<std::string_view, std::string_view>> fields, uint16_t status = 200,
               Method method = Method::get) {
  base::BlockPool pool(4096, 4);
  base::Arena arena(pool);
  Head head(arena);
  head.status = status;
  for (const auto& [name, value] : fields) head.headers.add(name, value);
  return cookie_is_cacheable(method, head);
}

// The manual's list under option checkcache; that an answer must say how long it is good was tried with HAProxy 2.6.
TEST(Cookie, Cacheable) {
  EXPECT_FALSE(cacheable({}));
  for (const char* field : {"etag", "last-modified", "expires"}) EXPECT_TRUE(cacheable({{field, "x"}})) << field;
  EXPECT_TRUE(cacheable({{"cache-control", "max-age=1"}}));
  EXPECT_FALSE(cacheable({{"etag", "x"}}, 500));
  EXPECT_FALSE(cacheable({{"etag", "x"}}, 200, Method::post));
  EXPECT_TRUE(cacheable({{"etag", "x"}, {"cache-control", "public"}}, 500, Method::post));
  EXPECT_FALSE(cacheable({{"etag", "x"}, {"pragma", "No-Cache"}}));
  for (const char* value : {"private", "No-Store", "no-cache", "max-age=0", "S-maxage=0", "no-cache=\"set-cookie\"",
                            "no-cache=\"set-cookie, x\"", "max-age=9, private", "public, private"})
    EXPECT_FALSE(cacheable({{"etag", "x"}, {"cache-control", value}})) << value;
  EXPECT_TRUE(cacheable({{"etag", "x"}, {"cache-control", "private, public"}}));
}

}  // namespace
}  // namespace lbd::http
