#include <gtest/gtest.h>

#include "tests/support/load_config.h"

namespace lbd::config {
namespace {

using support::load_config;

TEST(GlobalWordsTest, Process) {
  auto loaded = load_config(
      "global\n daemon\n nbthread 4\n maxconn 5000\n chroot /var/empty\n pidfile /run/x.pid\n hard-stop-after 1m\n"
      " grace 500\n log-send-hostname\n log-tag web\n node n1\n description two words\n stats timeout 2m\n"
      " ulimit-n 1000\n uid 5\n ca-base /ca\n crt-base /crt\n no strict-limits\n localpeer p1\n nosplice\n");
  EXPECT_EQ(loaded.said(), "");
  const Global& g = loaded.global();
  EXPECT_TRUE(g.daemon && g.no_splice);
  EXPECT_EQ(g.nbthread, 4u);
  EXPECT_EQ(g.maxconn, 5000u);
  EXPECT_EQ(g.hard_stop_after, base::Millis(60000));
  EXPECT_EQ(g.grace, base::Millis(500));
  EXPECT_EQ(g.log_send_hostname, "");
  EXPECT_EQ(g.log_tag, "web");
  EXPECT_EQ(g.description, "two words");
  EXPECT_EQ(g.stats_timeout, base::Millis(120000));
  EXPECT_EQ(g.uid, 5u);
  EXPECT_FALSE(g.strict_limits);
  EXPECT_EQ(g.localpeer, "p1");
}

TEST(GlobalWordsTest, Tune) {
  auto loaded = load_config(
      "global\n tune.bufsize 32k\n tune.maxrewrite 2048\n tune.http.maxhdr 200\n tune.idletimer 2s\n"
      " tune.ssl.lifetime 10m\n tune.maxaccept -1\n tune.idle-pool.shared off\n");
  EXPECT_EQ(loaded.said(), "");
  EXPECT_EQ(loaded.global().tune.bufsize, 32768u);
  EXPECT_EQ(loaded.global().tune.http_maxhdr, 200u);
  EXPECT_EQ(loaded.global().tune.idletimer_ms, 2000u);
  EXPECT_EQ(loaded.global().tune.ssl_lifetime_s, 600u);
  EXPECT_FALSE(loaded.global().tune.idle_pool_shared);
}

TEST(GlobalWordsTest, ThePeerOfTheCommandLine) {
  LoadOptions options;
  options.local_peer = "lb1";
  auto loaded = load_config("global\n description \"${HAPROXY_LOCALPEER} ${HAPROXY_CFGFILES}\"\n", options);
  EXPECT_EQ(loaded.global().localpeer, "lb1");
  EXPECT_EQ(loaded.global().description, "lb1 a.cfg");
}

TEST(GlobalWordsTest, WhatHasNoEffectIsToldOnce) {
  auto loaded = load_config("global\n lua-load /a.lua\n lua-load /b.lua\n");
  EXPECT_EQ(loaded.diagnostics.all().size(), 1u);
  EXPECT_TRUE(loaded.says("[WARNING] a.cfg:2:2: 'lua-load' takes no effect yet: Lua is not run"));
  EXPECT_FALSE(loaded.diagnostics.has_warnings());
}

TEST(GlobalWordsTest, WordsAboutTheSameAreToldOnce) {
  auto loaded = load_config("global\n lua-load /a\n lua-prepend-path /b\n shm-stats-file /c\n stats-file /d\n");
  EXPECT_EQ(loaded.diagnostics.all().size(), 2u);
  EXPECT_TRUE(loaded.says("'lua-load' takes no effect yet: Lua is not run"));
  EXPECT_TRUE(loaded.says("'shm-stats-file' takes no effect yet: "));
}

TEST(GlobalWordsTest, WhatIsSoAnywayIsNotTold) {
  auto loaded = support::load_http(
      "listen l\n bind :80 nice 5\n option http-no-delay\n option splice-auto\n no option forwarded\n");
  EXPECT_TRUE(loaded.diagnostics.all().empty()) << loaded.diagnostics.render(cfg::Severity::diag);
}

}  // namespace
}  // namespace lbd::config
