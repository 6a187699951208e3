// Old words become what they meant.
#include <gtest/gtest.h>

#include "tests/support/load_config.h"

namespace lbd::config {
namespace {

using support::load_http;
using support::LoadedConfig;

// The rule that a line becomes; "" when there is none.
std::string rule(const std::string& line) {
  LoadedConfig loaded = load_http("frontend f\n bind :80\n " + line + "\n");
  EXPECT_FALSE(loaded.diagnostics.has_errors()) << loaded.said();
  EXPECT_EQ(loaded.diagnostics.warnings(), 1u) << line << "\n" << loaded.said();
  if (loaded.proxy().rules.empty()) return "";
  std::string out = loaded.proxy().rules[0].statement.join();
  EXPECT_TRUE(loaded.says("the modern form is: " + out)) << loaded.said();
  return out;
}

TEST(LegacyWordsTest, HeadersAreAdded) {
  EXPECT_EQ(rule(R"(reqadd X-Forwarded-Proto:\ https)"), "http-request add-header X-Forwarded-Proto https");
  EXPECT_EQ(rule(R"(rspadd "Load: 100%" if { path / })"), "http-response add-header Load 100%% if { path / }");
}

TEST(LegacyWordsTest, HeadersAreDeleted) {
  EXPECT_EQ(rule("reqidel ^X-Forwarded-For:.*"), "http-request del-header X-Forwarded-For");
  EXPECT_EQ(rule("rspdel Server:"), "http-response del-header Server");
}

TEST(LegacyWordsTest, HeadersAreRewritten) {
  EXPECT_EQ(rule(R"(reqirep ^Host:\ old\.(.*) Host:\ new.\1)"),
            R"(http-request replace-header Host (?i)^old\.(.*) new.\1)");
  EXPECT_EQ(rule(R"(rsprep ^Location:\ http://(.*) Location:\ https://\1)"),
            R"(http-response replace-header Location ^http://(.*) https://\1)");
}

TEST(LegacyWordsTest, Conditions) {
  EXPECT_EQ(rule("block if { path /x }"), "http-request deny if { path /x }");
  EXPECT_EQ(rule("monitor-net 10.0.0.0/8"), "http-request return status 200 if { src 10.0.0.0/8 }");
}

TEST(LegacyWordsTest, PatternsForWholeLinesStay) {
  auto advised = [](const std::string& line, const char* modern) {
    LoadedConfig loaded = load_http("listen f\n bind :80\n " + line + "\n");
    EXPECT_EQ(loaded.diagnostics.warnings(), 1u) << loaded.said();
    EXPECT_TRUE(loaded.says(std::string("the modern form is: ") + modern)) << loaded.said();
    return loaded.proxy().rules.at(0).statement.join();
  };
  EXPECT_EQ(advised(R"(reqrep ^GET\ /a GET\ /b)", "http-request replace-path"), "reqrep ^GET /a GET /b");
  EXPECT_EQ(advised(R"(reqdel ^X:\ secret)", "http-request del-header NAME if { req.hdr(X) -m reg secret }"),
            "reqdel ^X: secret");
  EXPECT_EQ(advised("reqideny ^X:a if TRUE", "http-request deny if { req.hdr(X) -m reg a }"), "reqideny ^X:a if TRUE");
  EXPECT_EQ(advised("reqitarpit cmd.exe", "http-request tarpit if { path_reg"), "reqitarpit cmd.exe");
  EXPECT_EQ(advised("rspdeny secret", "http-response deny if { status"), "rspdeny secret");
}

TEST(LegacyWordsTest, WhatCannotBeTranslatedIsAnError) {
  for (const char* line : {"reqpass x", "reqsetbe x y", "appsession A len 3"})
    EXPECT_TRUE(load_http("listen f\n bind :80\n " + std::string(line) + "\n").diagnostics.has_errors()) << line;
}

TEST(LegacyWordsTest, Timeouts) {
  LoadedConfig loaded = support::load_config(
      "defaults\n clitimeout 1s\n srvtimeout 2000\n contimeout 3s\n redispatch\nlisten l\n bind :80\n");
  EXPECT_EQ(loaded.diagnostics.warnings(), 4u) << loaded.said();
  EXPECT_EQ(loaded.proxy().timeouts.client, base::Millis(1000));
  EXPECT_EQ(loaded.proxy().timeouts.server, base::Millis(2000));
  EXPECT_EQ(loaded.proxy().timeouts.connect, base::Millis(3000));
  EXPECT_EQ(loaded.proxy().redispatch, -1);
}

TEST(LegacyWordsTest, HttpcloseWorksAndIsOnlyAdvisedAgainst) {
  LoadedConfig loaded = load_http("frontend f\n bind :80\n option httpclose\n");
  EXPECT_EQ(loaded.proxy().http_mode, HttpMode::close);
  EXPECT_TRUE(loaded.says("[WARNING] a.cfg:8:2: 'option httpclose'"));
  EXPECT_FALSE(loaded.diagnostics.has_warnings()) << "HAProxy accepts it silently, so it must start under -dW";
  EXPECT_EQ(load_http("frontend f\n bind :80\n option forceclose\n").proxy().http_mode, HttpMode::close);
}

}  // namespace
}  // namespace lbd::config
