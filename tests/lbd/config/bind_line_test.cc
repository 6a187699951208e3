#include "lbd/config/bind_line.h"

#include <gtest/gtest.h>

#include "tests/support/load_config.h"

namespace lbd::config {
namespace {

using support::load_http;
using support::LoadedConfig;
using Kind = BindAddress::Kind;

LoadedConfig bind(const std::string& line) {
  return load_http("frontend f\n bind " + line + "\n");
}

TEST(BindLineTest, OneEntryForEachAddressAndPort) {
  LoadedConfig loaded = bind("*:8000-8002,[::1]:443");
  ASSERT_EQ(loaded.bind().addresses.size(), 4u);
  EXPECT_EQ(loaded.bind().addresses[2].address.to_string(), "0.0.0.0:8002");
  EXPECT_TRUE(loaded.bind().addresses[2].wildcard);
  EXPECT_EQ(loaded.bind().addresses[3].address.to_string(), "[::1]:443");
  EXPECT_FALSE(loaded.bind().addresses[3].wildcard);
}

TEST(BindLineTest, KindsOfAddresses) {
  LoadedConfig unix_socket = bind("/run/x.sock mode 660");
  EXPECT_EQ(unix_socket.bind().addresses[0].kind, Kind::unix);
  EXPECT_EQ(unix_socket.bind().addresses[0].address.path(), "/run/x.sock");
  EXPECT_EQ(unix_socket.bind().mode, 0660u);
  EXPECT_EQ(bind("abns@x").bind().addresses[0].kind, Kind::abstract);
  EXPECT_EQ(bind("abnsz@x").bind().addresses[0].kind, Kind::abstract_short);
  EXPECT_EQ(bind("abnsz@x").bind().addresses[0].address.length(), 4u);
  EXPECT_EQ(bind("fd@5").bind().addresses[0].kind, Kind::fd);
  EXPECT_EQ(bind("fd@5").bind().addresses[0].fd, 5);
  EXPECT_EQ(bind("sockpair@6").bind().addresses[0].kind, Kind::sockpair);
}

TEST(BindLineTest, InheritedSocketsComeFromVariables) {
  LoadOptions options;
  options.environment.set("FD_WEB", "9");
  for (const char* line : {"fd@${FD_WEB}", "\"fd@${FD_WEB}\"", "stream+fd@$FD_WEB"}) {
    LoadedConfig loaded =
        support::load_config(std::string(support::kHttpDefaults) + "frontend f\n bind " + line + "\n", options);
    EXPECT_EQ(loaded.said(), "") << line;
    EXPECT_EQ(loaded.bind().addresses[0].fd, 9) << line;
  }
}

TEST(BindLineTest, Words) {
  LoadedConfig loaded = bind(
      ":80 name web id 7 maxconn 10 backlog 20 accept-proxy transparent v6only v4v6 defer-accept tfo mss -20 nice 3 "
      "interface lo tcp-ut 5s thread 1 shards 2 proto h1 level admin severity-output string expose-fd listeners");
  EXPECT_EQ(loaded.said(), "");
  const Bind& b = loaded.bind();
  EXPECT_EQ(b.name, "web");
  EXPECT_EQ(b.id, 7u);
  EXPECT_EQ(b.maxconn, 10u);
  EXPECT_EQ(b.backlog, 20u);
  EXPECT_TRUE(b.accept_proxy && b.transparent && b.v6only && b.v4v6 && b.defer_accept && b.tfo && b.expose_listeners);
  EXPECT_EQ(b.mss, -20);
  EXPECT_EQ(b.interface, "lo");
  EXPECT_EQ(b.tcp_user_timeout, base::Millis(5000));
  EXPECT_EQ(b.level, CliLevel::admin);
}

TEST(BindLineTest, Threads) {
  auto threads = [](const std::string& words) {
    auto loaded = support::load_http("frontend f\n bind :80 " + words + "\n");
    return loaded.says("ALERT") ? ~uint64_t{0} >> 1 : loaded.bind().threads;
  };
  EXPECT_EQ(threads(""), 0u);
  EXPECT_EQ(threads("thread 1"), 1u);
  EXPECT_EQ(threads("thread 2-4"), 0b1110u);
  EXPECT_EQ(threads("thread 1/1,1/3"), 0b101u);
  EXPECT_EQ(threads("thread odd") & 0xff, 0x55u);
  EXPECT_EQ(threads("thread even") & 0xff, 0xaau);
  EXPECT_EQ(threads("thread all"), ~uint64_t{0});
  EXPECT_EQ(threads("thread 64"), uint64_t{1} << 63);
  EXPECT_EQ(threads("process 1/2"), 2u);
  for (const char* wrong : {"0", "3-2", "x", "1-", "65", "1/"})
    EXPECT_EQ(threads(std::string("thread ") + wrong), ~uint64_t{0} >> 1) << wrong;
}

TEST(BindLineTest, TlsWords) {
  LoadedConfig loaded = bind(":443 ssl crt /a.pem alpn h2,http/1.1 strict-sni crt /b.pem crt-list /c verify optional");
  EXPECT_EQ(loaded.said(), "");
  EXPECT_TRUE(loaded.bind().ssl);
  const BindTls& tls = loaded.bind().tls;
  ASSERT_EQ(tls.certificates.size(), 3u);
  EXPECT_EQ(tls.certificates[1].file.text, "/b.pem");
  EXPECT_EQ(tls.certificates[2].kind, BindCertificate::Kind::crt_list);
  EXPECT_EQ(tls.alpn->text, "h2,http/1.1");
  EXPECT_EQ(tls.strict_sni, true);
  EXPECT_EQ(tls.verify, TlsVerify::optional);
  EXPECT_FALSE(tls.ciphers);
  EXPECT_EQ(bind(":443 ssl alpn h2 no-alpn").bind().tls.alpn->text, "");
}

TEST(BindLineTest, TlsVersions) {
  LoadedConfig loaded = bind(":443 ssl ssl-min-ver TLSv1.1 no-tlsv12 no-sslv3");
  EXPECT_EQ(loaded.bind().tls.min_version, TlsVersion::tls1_1);
  EXPECT_FALSE(loaded.bind().tls.max_version);
  EXPECT_EQ(loaded.bind().tls.refused_versions, 0b01001);
  EXPECT_EQ(bind(":443 ssl force-tlsv13").bind().tls.max_version, TlsVersion::tls1_3);
  EXPECT_TRUE(bind(":443 ssl ssl-min-ver TLSv1.4").says("TLSv1.4"));
}

TEST(BindLineTest, NamesOfProtocols) {
  EXPECT_EQ(bind(":443 ssl alpn h2,,x").said(), "ALERT 7:24 'alpn': the name of a protocol is empty\n");
  const std::string line = ":443 ssl alpn " + std::string(256, 'x');
  EXPECT_TRUE(bind(line.c_str()).says("too long"));
}

TEST(BindLineTest, AWrongAddressDoesNotHideAWrongWord) {
  LoadedConfig loaded = bind("1.2.3.4 nmae x");
  EXPECT_EQ(loaded.diagnostics.errors(), 2u) << loaded.said();
}

TEST(BindLineTest, TheRuntimeSocketTakesTheSameWords) {
  LoadedConfig loaded = support::load_config(
      "global\n unix-bind prefix /tmp mode 600\n stats socket /run/api.sock level admin expose-fd listeners\n stats "
      "socket 127.0.0.1:9999\n");
  EXPECT_EQ(loaded.said(), "");
  ASSERT_EQ(loaded.global().stats_sockets.size(), 2u);
  const Bind& api = loaded.global().stats_sockets[0];
  EXPECT_EQ(api.level, CliLevel::admin);
  EXPECT_EQ(api.addresses[0].address.path(), "/tmp/run/api.sock");
  EXPECT_EQ(api.mode, 0600u);
  EXPECT_FALSE(loaded.global().stats_sockets[1].mode);
  EXPECT_TRUE(support::load_config("global\n stats socket 127.0.0.1:1-5\n").says("one port only"));
}

}  // namespace
}  // namespace lbd::config
