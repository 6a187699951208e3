// Headers, inheritance and the sides that words need.
#include <gtest/gtest.h>

#include "tests/support/load_config.h"

namespace lbd::config {
namespace {

using support::load_config;
using support::load_http;
using support::LoadedConfig;

TEST(ProxySectionTest, TheLastDefaultsCount) {
  LoadedConfig loaded = load_config(
      "defaults\n mode http\n retries 7\n timeout client 1s\nfrontend a\n bind :80\n"
      "defaults\n timeout client 2s\nfrontend b\n bind :81\n");
  EXPECT_EQ(loaded.said(), "");
  EXPECT_EQ(loaded.proxy(0).mode, Mode::http);
  EXPECT_EQ(loaded.proxy(0).retries, 7u);
  EXPECT_EQ(loaded.proxy(1).mode, Mode::tcp) << "a new defaults section starts from nothing";
  EXPECT_EQ(loaded.proxy(1).retries, 3u);
  EXPECT_EQ(loaded.proxy(1).timeouts.client, base::Millis(2000));
}

TEST(ProxySectionTest, NamedDefaults) {
  LoadedConfig loaded = load_config(
      "defaults one\n mode http\n timeout client 1s\n http-request set-header a b\n acl x always_true\n"
      "defaults two from one\n timeout client 2s\n"
      "frontend a from one\n bind :80\n http-request set-header c d\nfrontend b from two\n bind :81\n");
  EXPECT_EQ(loaded.said(), "");
  EXPECT_EQ(loaded.proxy(0).defaults_name, "one");
  EXPECT_EQ(loaded.proxy(0).timeouts.client, base::Millis(1000));
  ASSERT_EQ(loaded.proxy(0).rules.size(), 3u);
  EXPECT_TRUE(loaded.proxy(0).rules[0].from_defaults);
  EXPECT_FALSE(loaded.proxy(0).rules[2].from_defaults);
  EXPECT_EQ(loaded.proxy(1).mode, Mode::http);
  EXPECT_EQ(loaded.proxy(1).timeouts.client, base::Millis(2000));
  EXPECT_EQ(loaded.proxy(1).rules.size(), 2u);
}

TEST(ProxySectionTest, NamedAndSilentUseOfOneDefaults) {
  EXPECT_TRUE(load_config("defaults d\n timeout client 1s\nfrontend a from d\n bind :80\nfrontend b\n bind :81\n")
                  .says("is named by another proxy and used silently here"));
}

TEST(ProxySectionTest, Negation) {
  LoadedConfig loaded = load_config(
      "defaults\n mode http\n timeout client 1s\n option dontlognull\n option http-server-close\n option redispatch 3\n"
      " log 127.0.0.1 local0\n log global\n"
      "frontend a\n bind :80\n no option dontlognull\n no option httpclose\n"
      "frontend b\n bind :81\n default option dontlognull\n no option http-server-close\n no log\n");
  EXPECT_EQ(loaded.said(), "");
  EXPECT_FALSE(loaded.proxy(0).has(Option::dontlognull));
  EXPECT_EQ(loaded.proxy(0).http_mode, HttpMode::server_close) << "only the mode that is named is undone";
  EXPECT_EQ(loaded.proxy(0).logs.size(), 1u);
  EXPECT_EQ(loaded.proxy(1).http_mode, HttpMode::keep_alive);
  EXPECT_TRUE(loaded.proxy(1).logs.empty());
  EXPECT_FALSE(loaded.proxy(1).log_global);
  EXPECT_EQ(loaded.proxy(0).redispatch, 3);
}

TEST(ProxySectionTest, AWordWithoutItsSideIsIgnored) {
  LoadedConfig loaded = load_http("frontend f\n bind :80\n balance leastconn\n");
  EXPECT_EQ(loaded.said(), "WARNING 8:2 'balance' is ignored because frontend 'f' has no backend capability\n");
  EXPECT_EQ(loaded.proxy().balance.algorithm, "roundrobin");
}

TEST(ProxySectionTest, RulesAreKeptInOrder) {
  LoadedConfig loaded = load_http(
      "frontend f\n bind :80\n acl a path /x\n http-request set-header X \"y z\" if a\n use_backend b if a\nbackend "
      "b\n");
  std::string rules;
  for (const RuleLine& rule : loaded.proxy().rules) rules += rule.statement.join() + ";";
  EXPECT_EQ(rules, "acl a path /x;http-request set-header X y z if a;use_backend b if a;");
  EXPECT_EQ(loaded.proxy().rules[1].statement.words[3].text, "y z");
}

TEST(ProxySectionTest, OptionsWithArguments) {
  LoadedConfig loaded = load_http(
      "listen l\n bind :80\n option forwardfor except 10.0.0.0/8 header X-C if-none\n option originalto header X-T\n"
      " option http-restrict-req-hdr-names reject\n option tcpka\n option redispatch\n option httpchk GET /h\n"
      " http-check expect status 200\n cookie S insert\n hash-type consistent\n retry-on 503 conn-failure\n"
      " source 1.2.3.4 usesrc client\n");
  EXPECT_EQ(loaded.said(), "");
  const Proxy& p = loaded.proxy();
  EXPECT_TRUE(p.forward_for.on && p.forward_for.if_none);
  EXPECT_EQ(p.forward_for.header, "X-C");
  EXPECT_EQ(p.forward_for.except->to_string(), "10.0.0.0/8");
  EXPECT_EQ(p.original_to, "X-T");
  EXPECT_EQ(p.restrict_header_names, "reject");
  EXPECT_TRUE(p.has(Option::clitcpka) && p.has(Option::srvtcpka));
  EXPECT_EQ(p.redispatch, -1);
  EXPECT_EQ(p.check.type, "httpchk");
  EXPECT_EQ(p.check.arguments.size(), 2u);
  EXPECT_EQ(p.check.steps.size(), 1u);
  EXPECT_EQ(p.cookie->name, "S");
  EXPECT_EQ(p.cookie->mode, Cookie::Mode::insert);
  EXPECT_EQ(p.source->address.to_string(), "1.2.3.4:0");
  EXPECT_EQ(p.source->shown, Source::Shown::client);
}

TEST(ProxySectionTest, TheStatisticsPageIsSwitchedOnByEachOfItsWords) {
  EXPECT_TRUE(load_http("frontend f\n bind :80\n stats uri /s\n").proxy().stats.enabled);
  LoadedConfig loaded = load_http("frontend f\n bind :80\n stats refresh 10s\n stats auth a:b\n stats hide-version\n");
  EXPECT_EQ(loaded.proxy().stats.refresh, base::Seconds(10));
  EXPECT_TRUE(loaded.proxy().stats.hide_version);
  EXPECT_FALSE(load_http("frontend f\n bind :80\n").proxy().stats.enabled);
}

TEST(ProxySectionTest, Forwarded) {
  auto forwarded = [](const std::string& words) {
    return load_http("backend b\n option forwarded " + words + "\n").proxy().forwarded;
  };
  const auto usual = forwarded("");
  ASSERT_TRUE(usual);
  EXPECT_TRUE(usual->proto && usual->for_.wanted && !usual->host.wanted && !usual->by.wanted);
  const auto said = forwarded("by_port by-expr src,hex for");
  ASSERT_TRUE(said);
  EXPECT_TRUE(!said->proto && said->by_port.wanted && !said->by_port.expression && said->for_.wanted);
  EXPECT_EQ(said->by.expression.value().text, "src,hex");
  EXPECT_FALSE(forwarded("\n no option forwarded"));
  auto error = [](const std::string& words) {
    return load_http("backend b\n option forwarded " + words + "\n").said();
  };
  EXPECT_EQ(error("proto forr"), "ALERT 7:25 'option forwarded' does not take 'forr'\n");
  EXPECT_EQ(error("proto-expr src"), "ALERT 7:19 'option forwarded' does not take 'proto-expr'\n");
  EXPECT_EQ(error("for for-expr src"), "ALERT 7:23 'for' stands here twice\n");
  EXPECT_NE(error("for-expr"), "");
}

}  // namespace
}  // namespace lbd::config
