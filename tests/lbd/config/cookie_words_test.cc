#include <gtest/gtest.h>

#include "tests/support/load_config.h"

namespace lbd::config {
namespace {

using support::load_http;
using support::LoadedConfig;

LoadedConfig load(const std::string& line) {
  return load_http("backend b\n cookie " + line + "\n dynamic-cookie-key k\n");
}

TEST(CookieWordsTest, Options) {
  LoadedConfig loaded = load(
      "SRV insert indirect nocache postonly preserve attr a=b secure httponly domain .x.test domain y.test attr c "
      "maxidle 5m maxlife 1h dynamic");
  EXPECT_EQ(loaded.said(), "");
  const Cookie& cookie = *loaded.proxy().cookie;
  EXPECT_EQ(cookie.name, "SRV");
  EXPECT_EQ(cookie.mode, Cookie::Mode::insert);
  EXPECT_TRUE(cookie.indirect && cookie.nocache && cookie.postonly && cookie.preserve && cookie.dynamic);
  EXPECT_EQ(cookie.attributes, "; domain=.x.test; domain=y.test; HttpOnly; Secure; a=b; c");
  EXPECT_EQ(cookie.max_idle, base::Seconds(300));
  EXPECT_EQ(cookie.max_life, base::Seconds(3600));
  EXPECT_TRUE(cookie.dated() && cookie.shown());
  EXPECT_EQ(loaded.proxy().dynamic_cookie_key, "k");
}

TEST(CookieWordsTest, Modes) {
  EXPECT_EQ(load("S").proxy().cookie->mode, Cookie::Mode::observe);
  EXPECT_FALSE(load("S nocache").proxy().cookie->shown());
  EXPECT_TRUE(load("S indirect").proxy().cookie->shown());
  EXPECT_EQ(load("S rewrite").proxy().cookie->mode, Cookie::Mode::rewrite);
  EXPECT_FALSE(load("S rewrite maxidle 5").proxy().cookie->dated());
  EXPECT_EQ(load("S prefix").proxy().cookie->mode, Cookie::Mode::prefix);
}

TEST(CookieWordsTest, Errors) {
  EXPECT_NE(load("").said().find("expects the name"), std::string::npos);
  EXPECT_NE(load("S insert rewrite").said().find("only one of"), std::string::npos);
  EXPECT_NE(load("S rewrite indirect").said().find("exclude each other"), std::string::npos);
  EXPECT_NE(load("S prefix preserve").said().find("'preserve' needs"), std::string::npos);
  EXPECT_NE(load("S insert attr 'a;b'").said().find("'%x3B' is not permitted"), std::string::npos);
  EXPECT_NE(load("S insert domain local").said().find("no embedded dot"), std::string::npos);
  EXPECT_NE(load("S insert attr").said(), "");
  EXPECT_NE(load("S insert maxidle x").said(), "");
  EXPECT_NE(load("S insert indirekt").said().find("indirect"), std::string::npos);
}

}  // namespace
}  // namespace lbd::config
