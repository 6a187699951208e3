// ring and log-forward sections.
#include <gmock/gmock.h>
#include <unistd.h>

#include "tests/support/load_config.h"

namespace lbd::config {
namespace {

using support::load_config;
using testing::HasSubstr;

constexpr const char* kTimeouts = " timeout connect 1s\n timeout server 2s\n";

TEST(RingSection, IsRead) {
  auto loaded = load_config(std::string("ring r\n description a b\n format rfc5424\n maxlen 1200\n size 32764\n") +
                            kTimeouts + " server s 127.0.0.1:6514 log-proto octet-count\nring plain\n");
  ASSERT_FALSE(loaded.diagnostics.has_errors()) << loaded.diagnostics.render();
  const Ring& ring = loaded.config->rings[0];
  EXPECT_EQ(ring.name, "r");
  EXPECT_EQ(ring.description, "a b");
  EXPECT_EQ(ring.format, "rfc5424");
  EXPECT_EQ(ring.size, 32764u);
  EXPECT_EQ(ring.most_of_a_line, 1200u);
  ASSERT_EQ(ring.proxy->servers.size(), 1u);
  EXPECT_EQ(ring.proxy->servers[0]->log_proto, "octet-count");
  EXPECT_EQ(ring.proxy->timeouts.server, base::Millis(2000));
  EXPECT_EQ(loaded.config->rings[1].description, "plain");
  EXPECT_EQ(loaded.config->rings[1].most_of_a_line, 16384u);
  EXPECT_TRUE(loaded.config->proxies.empty());
}

TEST(RingSection, TellsWhatHasNoEffect) {
  for (const char* line : {" server s 127.0.0.1:1 check\n", " server s 127.0.0.1:1 send-proxy\n",
                           " server s 127.0.0.1:1 ssl verify none sni str(a)\n", " maxlen 100000\n"}) {
    auto loaded = load_config(std::string("ring r\n") + kTimeouts + line);
    EXPECT_FALSE(loaded.diagnostics.has_errors()) << loaded.diagnostics.render();
    EXPECT_FALSE(loaded.diagnostics.render(cfg::Severity::diag).empty()) << line;
  }
}

TEST(RingSection, TheFileMustBePossible) {
  const auto said = [](const std::string& file) {
    return load_config(std::string("ring r\n") + kTimeouts + " backing-file " + file).diagnostics.render();
  };
  EXPECT_EQ(said("/tmp/tandem-test-ring\n"), "");
  EXPECT_THAT(said("/nowhere/ring\n"),
              HasSubstr("cannot open backing-file '/nowhere/ring' for ring 'r': No such file or directory."));
  EXPECT_THAT(said("\n"), HasSubstr("expects"));
  EXPECT_THAT(said("/tmp/tandem-test-ring\n backing-file /tmp/tandem-test-ring\n"), HasSubstr("backing-file already"));
  EXPECT_NE(access("/tmp/tandem-test-ring", F_OK), 0);  // a check makes nothing
}

TEST(RingSection, ErrorsStandAtTheirWord) {
  auto loaded = load_config(
      "ring r\n size 10\n format no\n maxlen 0\n nothing\n default-server check\nring r\nring buf0\nring\n");
  EXPECT_EQ(loaded.diagnostics.errors(), 8u) << loaded.diagnostics.render();
}

TEST(LogForwardSection, IsRead) {
  auto loaded = load_config(
      "log-forward f\n bind 127.0.0.1:1514\n dgram-bind udp@127.0.0.1:1514\n dgram-bind /tmp/log mode 666\n maxconn 3\n"
      " backlog 7\n timeout client 4s\n log global\n log 127.0.0.1:514 format rfc5424 local2 info warning\n");
  ASSERT_FALSE(loaded.diagnostics.has_errors()) << loaded.diagnostics.render();
  EXPECT_FALSE(loaded.diagnostics.has_warnings()) << loaded.diagnostics.render();
  const LogForward& section = loaded.config->log_forwards[0];
  ASSERT_EQ(section.streams.size(), 1u);
  EXPECT_EQ(section.streams[0]->backlog, 7u);
  EXPECT_EQ(section.datagrams.size(), 2u);
  EXPECT_EQ(section.maxconn, 3u);
  EXPECT_EQ(section.client_timeout, base::Millis(4000));
  EXPECT_TRUE(section.log_global);
  EXPECT_EQ(section.logs[0].min_level, 4);
}

TEST(LogForwardSection, WhatIsMissingIsTold) {
  auto loaded = load_config("log-forward f\n");
  EXPECT_THAT(loaded.diagnostics.render(), HasSubstr("nothing comes in"));
  EXPECT_THAT(loaded.diagnostics.render(), HasSubstr("nothing goes out"));
}

TEST(LogForwardSection, ErrorsStandAtTheirWord) {
  auto loaded = load_config(
      std::string(support::kHttpDefaults) +
      "log-forward f\n bind 127.0.0.1:1 ssl crt x\n bind 127.0.0.1:2 accept-proxy\n dgram-bind tcp@127.0.0.1:3\n"
      " dgram-bind fd@3\n bind udp@127.0.0.1:4\n log nowhere\n option x\n log-forward\nlog-forward f\nfrontend f\n "
      "bind :80\n");
  EXPECT_GE(loaded.diagnostics.errors(), 7u) << loaded.diagnostics.render();
  EXPECT_THAT(loaded.diagnostics.render(), HasSubstr("frontend 'f' has the same name as log forward section 'f'"));
}

}  // namespace
}  // namespace lbd::config
