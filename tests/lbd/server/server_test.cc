#include "lbd/server/server.h"

#include <gtest/gtest.h>

namespace lbd::server {
namespace {

class ServerTest : public testing::Test {
 protected:
  config::Server& line(const std::string& name) {
    lines_.push_back(std::make_unique<config::Server>());
    lines_.back()->name = name;
    return *lines_.back();
  }
  std::vector<std::unique_ptr<config::Server>> lines_;
  config::Proxy proxy_;
};

TEST_F(ServerTest, DynamicLimitFollowsTheLoadOfTheBackend) {
  proxy_.fullconn = 1000;
  Backend backend(proxy_, 0);
  config::Server& s = line("s");
  s.minconn = 10;
  s.maxconn = 100;
  Server& server = backend.add_server(s, 1);
  EXPECT_TRUE(backend.has_dynamic_limits());
  EXPECT_EQ(server.max_connections(), 10u);
  backend.streams = 500;
  EXPECT_EQ(server.max_connections(), 50u);
  backend.streams = 2000;
  EXPECT_EQ(server.max_connections(), 100u);
  server.set_ramp(10);
  EXPECT_EQ(server.max_connections(), 10u);
  server.set_ramp(1);
  EXPECT_EQ(server.max_connections(), 1u);
}

TEST_F(ServerTest, MinconnAloneIsALimit) {
  Backend backend(proxy_, 0);
  config::Server& s = line("s");
  s.minconn = 7;
  EXPECT_EQ(backend.add_server(s, 1).max_connections(), 7u);
}

TEST_F(ServerTest, CountsWhenItAndItsBackendWentDown) {
  Backend backend(proxy_, 0);
  Server& a = backend.add_server(line("a"), 1);
  Server& b = backend.add_server(line("b"), 2);
  EXPECT_EQ(backend.downtime.went_down, 0u);
  a.set_operational(Operational::stopped);
  EXPECT_EQ(a.downtime.went_down, 1u);
  EXPECT_EQ(backend.downtime.went_down, 0u);
  b.set_admin(kForcedMaintenance);
  EXPECT_EQ(b.downtime.went_down, 1u);  // HAProxy counts the operator's will, too
  EXPECT_EQ(backend.downtime.went_down, 1u);
  a.set_operational(Operational::running);
  EXPECT_GT(a.downtime.before, base::Nanos(0));
  EXPECT_GT(backend.downtime.before, base::Nanos(0));
}

TEST_F(ServerTest, NoLimit) {
  Backend backend(proxy_, 0);
  Server& server = backend.add_server(line("s"), 1);
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(server.take_slot());
  EXPECT_EQ(server.served(), 1000u);
}

TEST_F(ServerTest, BackupsServeWhenNoActiveServerIsUsable) {
  Backend backend(proxy_, 0);
  Server& active = backend.add_server(line("a"), 1);
  config::Server &b1 = line("b1"), &b2 = line("b2");
  b1.backup = b2.backup = true;
  Server& first = backend.add_server(b1, 2);
  Server& second = backend.add_server(b2, 3);
  EXPECT_TRUE(active.in_rotation());
  EXPECT_FALSE(first.in_rotation() || second.in_rotation());

  active.set_operational(Operational::stopped);
  EXPECT_FALSE(active.up());
  EXPECT_TRUE(first.in_rotation());
  EXPECT_FALSE(second.in_rotation());
  first.set_admin(kForcedMaintenance);
  EXPECT_TRUE(second.in_rotation());
  EXPECT_EQ(backend.backup_usable(), 1u);

  active.set_operational(Operational::running);
  EXPECT_TRUE(active.in_rotation());
  EXPECT_FALSE(second.in_rotation());
}

TEST_F(ServerTest, AllBackups) {
  proxy_.options.set(static_cast<size_t>(config::Option::allbackups));
  Backend backend(proxy_, 0);
  config::Server &a = line("a"), &b1 = line("b1"), &b2 = line("b2");
  a.disabled = b1.backup = b2.backup = true;
  Server& active = backend.add_server(a, 1);
  Server& first = backend.add_server(b1, 2);
  Server& second = backend.add_server(b2, 3);
  EXPECT_FALSE(active.up());
  EXPECT_EQ(active.admin(), kForcedMaintenance | kConfigMaintenance);
  EXPECT_TRUE(first.in_rotation() && second.in_rotation());
}

TEST_F(ServerTest, DrainAndWeightZeroKeepTheServerUp) {
  Backend backend(proxy_, 0);
  Server& server = backend.add_server(line("s"), 1);
  uint32_t generation = backend.generation();
  server.set_admin(kForcedDrain);
  EXPECT_TRUE(server.up());
  EXPECT_FALSE(server.usable() || server.in_rotation());
  EXPECT_FALSE(backend.has_usable());
  EXPECT_NE(backend.generation(), generation);
  server.set_admin(0);
  EXPECT_TRUE(server.in_rotation());
  server.set_user_weight(0);
  EXPECT_TRUE(server.up());
  EXPECT_FALSE(server.in_rotation());
  server.set_user_weight(256);
  EXPECT_EQ(server.weight(), 4096u);
  server.set_ramp(50);
  EXPECT_EQ(server.weight(), 2048u);
}

TEST_F(ServerTest, ANameWithoutAddressIsInMaintenance) {
  Backend backend(proxy_, 0);
  config::Server& s = line("s");
  s.host = "nowhere.invalid";
  Server& server = backend.add_server(s, 1);
  EXPECT_EQ(server.admin(), kResolveMaintenance);
  EXPECT_FALSE(server.up());
}

TEST_F(ServerTest, OldAddressesStayReadable) {
  Backend backend(proxy_, 0);
  config::Server& s = line("s");
  s.address = base::SockAddr(base::IpPort{base::IpAddr::v4(0x7f000001), 80});
  Server& server = backend.add_server(s, 1);
  const base::SockAddr& old = server.address();
  base::SockAddr other(base::IpPort{base::IpAddr::v4(0x7f000002), 81});
  server.set_address(other);
  EXPECT_EQ(server.address().to_string(), "127.0.0.2:81");
  EXPECT_EQ(old.to_string(), "127.0.0.1:80");
  server.set_address(s.address);
  EXPECT_EQ(&server.address(), &old);
}

}  // namespace
}  // namespace lbd::server
