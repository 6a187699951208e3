#include "syncd/config.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "cfg/keyword.h"

namespace syncd {
namespace {

class ConfigTest : public testing::Test {
 protected:
  ConfigTest() {
    char name[] = "/tmp/tandem-syncd-XXXXXX";
    dir_ = mkdtemp(name);
  }
  ~ConfigTest() override {
    for (const char* file : {"/conf", "/secret"}) unlink((dir_ + file).c_str());
    EXPECT_EQ(rmdir(dir_.c_str()), 0);
  }
  std::optional<Config> read(const std::string& text) {
    EXPECT_TRUE(base::write_file_atomic(dir_ + "/conf", text));
    diagnostics_ = {};
    auto config = load(sources_, dir_ + "/conf", diagnostics_);
    errors_ = diagnostics_.render();
    return config;
  }
  void write_secret(const std::string& text, mode_t mode = 0600) {
    EXPECT_TRUE(base::write_file_atomic(dir_ + "/secret", text, mode));
    chmod((dir_ + "/secret").c_str(), mode);
  }
  std::string dir_, errors_;
  cfg::SourceSet sources_;
  cfg::Diagnostics diagnostics_;
};

TEST_F(ConfigTest, EveryWord) {
  write_secret("0123456789abcdef\n");
  auto config = read(
      "node lb1\nlisten 192.0.2.1:7890\nlisten [2001:db8::1]:7890\npeer lb2 192.0.2.2:7890\n"
      "socket /run/x.sock mode 660 user root group adm\nsecret-file \"" +
      dir_ +
      "/secret\"\n"
      "allow-unauthenticated-peers\nheartbeat 200ms\nentries 1000\n"
      "table-entries 5000\nsnapshot /var/lib/tandem/snapshot every 10m\n"
      "log 127.0.0.1:514 len 2048 format rfc5424 sample 1:2 local3 notice err\n"
      "pidfile /run/syncd.pid\nuser root\ngroup root\n");
  ASSERT_TRUE(config) << errors_;
  EXPECT_EQ(config->node, "lb1");
  ASSERT_EQ(config->listen.size(), 2u);
  EXPECT_EQ(config->listen[1].address.to_string(), "[2001:db8::1]:7890");
  ASSERT_EQ(config->peers.size(), 1u);
  EXPECT_EQ(config->peers[0].name, "lb2");
  EXPECT_EQ(config->peers[0].place.address.to_string(), "192.0.2.2:7890");
  EXPECT_EQ(config->socket, "/run/x.sock");
  EXPECT_EQ(config->socket_mode, mode_t{0660});
  EXPECT_EQ(config->socket_user, "root");
  EXPECT_EQ(config->socket_group, "adm");
  EXPECT_EQ(config->secret, "0123456789abcdef");
  EXPECT_TRUE(config->allow_unauthenticated);
  EXPECT_EQ(config->heartbeat, base::Millis(200));
  EXPECT_EQ(config->entries, 1000u);
  EXPECT_EQ(config->table_entries, 5000u);
  EXPECT_EQ(config->snapshot, "/var/lib/tandem/snapshot");
  EXPECT_EQ(config->snapshot_every, base::Millis(600'000));
  ASSERT_EQ(config->logs.size(), 1u);
  EXPECT_EQ(config->logs[0].length, 2048u);
  EXPECT_EQ(config->logs[0].format, base::LogFormat::rfc5424);
  EXPECT_EQ(config->logs[0].sample.period, 2u);
  EXPECT_EQ(config->logs[0].facility, 19);
  EXPECT_EQ(config->logs[0].level, base::Level::notice);
  EXPECT_EQ(config->logs[0].min_level, base::Level::err);
  EXPECT_EQ(config->pidfile, "/run/syncd.pid");
  EXPECT_EQ(config->user, "root");
  EXPECT_EQ(config->group, "root");
}

TEST_F(ConfigTest, OneFileForBothNodes) {
  for (const char* us : {"lb1", "lb2"}) {
    auto config = read(std::string("node ") + us + "\npeer lb1 127.0.0.1:7001\npeer lb2 127.0.0.2:7002\n");
    ASSERT_TRUE(config) << errors_;
    ASSERT_EQ(config->peers.size(), 1u);
    EXPECT_NE(config->peers[0].name, us);
    ASSERT_EQ(config->listen.size(), 1u);
    EXPECT_EQ(config->listen[0].address.port(), us == std::string("lb1") ? 7001 : 7002);
  }
}

TEST_F(ConfigTest, TheNodeIsNamedAfterTheHost) {
  auto config = read("peer other-node 127.0.0.1:7001\n");
  ASSERT_TRUE(config);
  EXPECT_FALSE(config->node.empty());
}

TEST_F(ConfigTest, OpenPortsNeedASecretOrPlainWords) {
  EXPECT_FALSE(read("node a\nlisten 192.0.2.1:1\n"));
  EXPECT_NE(errors_.find("without a secret anyone who reaches 192.0.2.1:1"), std::string::npos) << errors_;
  EXPECT_FALSE(read("node a\npeer b 192.0.2.1:1\n"));
  EXPECT_FALSE(read("node a\nlisten :7000\n"));
  EXPECT_TRUE(read("node a\nlisten 127.8.8.8:1\nlisten [::1]:1\n")) << errors_;
  EXPECT_TRUE(read("node a\nlisten 192.0.2.1:1\nallow-unauthenticated-peers\n"));
  write_secret("0123456789abcdef");
  EXPECT_TRUE(read("node a\nlisten 192.0.2.1:1\nsecret-file " + dir_ + "/secret\n")) << errors_;
}

TEST_F(ConfigTest, SecretsAreChecked) {
  std::string text = "node a\nsecret-file " + dir_ + "/secret\n";
  EXPECT_FALSE(read(text)) << "no such file";
  write_secret("short\n");
  EXPECT_FALSE(read(text));
  EXPECT_NE(errors_.find("the secret has 5 bytes"), std::string::npos) << errors_;
  write_secret("0123456789abcdef", 0644);
  EXPECT_FALSE(read(text));
  EXPECT_NE(errors_.find("may be read by anyone"), std::string::npos) << errors_;
}

TEST_F(ConfigTest, MistakesAreToldWithTheirPlace) {
  for (const char* bad : {"peer x\n",
                          "peer x 127.0.0.1\n",
                          "peer x 127.0.0.1:1 y\n",
                          "peer x/y 127.0.0.1:1\n",
                          "peer x 127.0.0.1:1\npeer x 127.0.0.1:2\n",
                          "listen name:1\n",
                          "listen 127.0.0.1:1-9\n",
                          "listen fd@x\n",
                          "socket relative\n",
                          "socket /x mode 8\n",
                          "socket /x mode 1000\n",
                          "socket /x color red\n",
                          "heartbeat 1\n",
                          "entries 0\n",
                          "log\n",
                          "log stdout\n",
                          "log stdout nope\n",
                          "log stdout daemon loud\n",
                          "log stdout len 20 daemon\n",
                          "node a b\n",
                          "unheard of\n"}) {
    EXPECT_FALSE(read(bad)) << bad;
    EXPECT_NE(errors_.find("[ALERT] " + dir_ + "/conf:"), std::string::npos) << bad << errors_;
  }
}

TEST_F(ConfigTest, EveryWordIsDocumented) {
  base::Registered<cfg::Keyword<Config>>::for_each(
      [](const cfg::Keyword<Config>& row) { EXPECT_FALSE(row.doc.empty()) << row.name; });
}

}  // namespace
}  // namespace syncd
