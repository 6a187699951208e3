// What haproxy 2.6 does was tried for every case; tests/peers/cookie_test.py does it again.
#include "lbd/balance/cookie_persistence.h"

#include "tests/lbd/balance/fixture.h"

namespace lbd::balance {
namespace {

using Mode = config::Cookie::Mode;

class CookiePersistenceTest : public BalanceTest {
 protected:
  CookiePersistenceTest() {
    cookie_.name = "S";
    cookie_.mode = Mode::insert;
    add().cookie = "a";
    add().cookie = "b";
    add().cookie = "b";
    add();
  }
  // The request's cookie read: "2V" is the server and the flag.
  std::string read(std::string_view field, bool unused = false, bool even_if_down = false) {
    proxy_.cookie = cookie_;
    if (!backend_) start("roundrobin");
    persistence_ = std::make_unique<CookiePersistence>(*backend_);
    visit_ = {};
    transaction_.termination = {};
    persistence_->begin(transaction_.termination);
    request_.headers.clear();
    request_.headers.add("cookie", field, http::Token::cookie);
    persistence_->read(transaction_, request_, unused, even_if_down, visit_);
    return (visit_.server ? visit_.server->name() : "-") + transaction_.termination.cookie_request;
  }
  std::string left() const { return std::string(request_.headers.begin()->value); }
  // What the client gets of `field` from server `number`; then what was inserted.
  std::string answer(std::string_view field, size_t number, bool at_home = false,
                     http::Method method = http::Method::get) {
    transaction_.server = &server(number);
    http::Head head(arena_);
    head.status = 200;
    head.headers.add("etag", "x");
    if (!field.empty()) head.headers.add("set-cookie", field);
    visit_.at_home = at_home;
    persistence_->edit(transaction_, head, visit_);
    persistence_->insert(transaction_, method, head, visit_);
    std::string text;
    for (const http::Header& each : head.headers)
      if (!each.removed() && each.name != "etag") text += std::string(each.value) + "|";
    return text + transaction_.termination.cookie_response;
  }

  config::Cookie cookie_;
  std::unique_ptr<CookiePersistence> persistence_;
  CookieVisit visit_;
  http::Head request_{arena_};
};

TEST_F(CookiePersistenceTest, FindsTheServer) {
  EXPECT_EQ(read("S=a"), "1V");
  EXPECT_EQ(read("x=1; S=b"), "2V");
  EXPECT_EQ(read("S=c"), "-I");
  EXPECT_EQ(read("S="), "-I");
  EXPECT_EQ(read("S=\"a\""), "-I");
  EXPECT_EQ(read("s=a"), "-N");
  EXPECT_EQ(read("S=c; S=a; S=b"), "1V");
  EXPECT_EQ(read("S=a|x"), "1V");
  EXPECT_EQ(read("S=a", true), "-U");
  EXPECT_EQ(left(), "S=a");
}

TEST_F(CookiePersistenceTest, ServersThatAreDown) {
  read("");
  server(2).set_operational(server::Operational::stopped);
  EXPECT_EQ(read("S=b"), "3V");
  server(3).set_operational(server::Operational::stopped);
  EXPECT_EQ(read("S=b"), "-D");
  EXPECT_EQ(read("S=b", false, true), "2D");
}

TEST_F(CookiePersistenceTest, InsertsWhereTheClientDoesNotBelong) {
  read("");
  EXPECT_EQ(answer("", 1), "S=a; path=/|I");
  EXPECT_EQ(answer("S=x", 1), "S=a; path=/|I");
  EXPECT_EQ(answer("y=x", 1), "y=x|S=a; path=/|I");
  EXPECT_EQ(answer("", 4), "S=; Expires=Thu, 01-Jan-1970 00:00:01 GMT; path=/|I");
  read("S=a");
  EXPECT_EQ(answer("", 1, true), "N");
  EXPECT_EQ(answer("S=x", 1, true), "D");
  EXPECT_EQ(answer("", 2), "S=b; path=/|I");
  read("S=a", true);
  visit_.ignored = true;
  EXPECT_EQ(answer("", 1), "N");
}

TEST_F(CookiePersistenceTest, Options) {
  cookie_.attributes = "; HttpOnly";
  cookie_.nocache = true;
  cookie_.indirect = true;
  read("x=1; S=a");
  EXPECT_EQ(left(), "x=1");
  EXPECT_EQ(answer("", 2), "S=b; path=/; HttpOnly|private|I");
  cookie_.postonly = true;
  read("");
  EXPECT_EQ(answer("S=x", 2), "D");
  EXPECT_EQ(answer("", 2, false, http::Method::post), "S=b; path=/; HttpOnly|I");
  cookie_.preserve = true;
  cookie_.postonly = false;
  read("S=a");
  EXPECT_EQ(request_.headers.begin()->removed(), true);
  EXPECT_EQ(answer("S=; path=/", 1, true), "S=; path=/|P");
}

TEST_F(CookiePersistenceTest, Rewrites) {
  cookie_.mode = Mode::rewrite;
  read("S=b");
  EXPECT_EQ(answer("S=x; path=/", 2, true), "S=b; path=/|R");
  EXPECT_EQ(answer("S = \"x\" ; path=/", 1), "S=a ; path=/|R");
  EXPECT_EQ(answer("S=x", 4), "S=x|P");
  read("S=b");
  EXPECT_EQ(answer("", 1), "N");
}

TEST_F(CookiePersistenceTest, Prefixes) {
  cookie_.mode = Mode::prefix;
  EXPECT_EQ(read("x=1; S=b~in~ner; y=2"), "2V");
  EXPECT_EQ(left(), "x=1; S=in~ner; y=2");
  EXPECT_EQ(answer("S=own; path=/", 2, true), "S=b~own; path=/|R");
  EXPECT_EQ(read("S=c~x"), "-I");
  EXPECT_EQ(left(), "S=x");
  EXPECT_EQ(read("S=b"), "2V");
  EXPECT_EQ(read("S=b|x"), "-I");
}

TEST_F(CookiePersistenceTest, OnlyLooking) {
  cookie_.mode = Mode::observe;
  EXPECT_EQ(read("S=b"), "2-");
  EXPECT_EQ(answer("S=x", 2, true), "S=x|-");
  cookie_.indirect = true;
  EXPECT_EQ(read("S=b"), "2V");
  EXPECT_EQ(answer("S=x", 2, true), "D");
  EXPECT_EQ(read("S=c"), "-I");
  EXPECT_EQ(answer("S=x", 2), "S=x|P");
}

TEST_F(CookiePersistenceTest, Dates) {
  cookie_.max_life = base::Seconds(600);
  cookie_.max_idle = base::Seconds(300);
  read("");
  const std::string inserted = answer("", 1);  // S=a|LAST|FIRST; path=/|I
  const std::string fresh = inserted.substr(0, inserted.find(';'));
  ASSERT_EQ(fresh.size(), std::string("S=a|xxxxx|xxxxx").size());
  EXPECT_EQ(read(fresh), "1V");
  EXPECT_EQ(read("S=a"), "1V");  // no date: one is added
  EXPECT_TRUE(answer("", 1, true).ends_with("|U"));
  EXPECT_EQ(read("S=a|aaaaa|" + fresh.substr(10)), "-E");
  EXPECT_EQ(read("S=a|aaaaa|aaaaa"), "-O");
  EXPECT_EQ(read("S=a|//////|x"), "-E");  // far in the future
  EXPECT_EQ(read("S=a|!!!!!|aaaa"), "1V");
  EXPECT_EQ(read("S=a" + fresh.substr(3, 7)), "1V");
  cookie_.max_idle = cookie_.max_life = base::Seconds(0);
  EXPECT_EQ(read("S=a|aaaaa|aaaaa"), "1V");
}

TEST_F(CookiePersistenceTest, DynamicCookiesAreThoseOfHaproxy) {
  cookie_.dynamic = true;
  proxy_.dynamic_cookie_key = "secret";
  read("");
  server(4).set_address(base::SockAddr(base::IpPort{base::IpAddr::v4(0x7f000001), 18099}));
  EXPECT_EQ(read("S=b24ad55e9e9912dd"), "4V");
  EXPECT_EQ(answer("", 4), "S=b24ad55e9e9912dd; path=/|I");
  EXPECT_EQ(answer("", 1), "S=a; path=/|I");
  EXPECT_EQ(read("S=b24ad55e9e9912de"), "-I");
}

}  // namespace
}  // namespace lbd::balance
