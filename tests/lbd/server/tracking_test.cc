#include "lbd/server/tracking.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace lbd::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class TrackingTest : public testing::Test {
 protected:
  void SetUp() override {
    proxy("a");
    line("s1", "");
    line("s2", "s1");
    line("s3", "s1");
    proxy("b");
    line("s1", "a/s2");
    line("s2", "");
    line("lost", "a/none");
    objects_ = std::make_unique<Objects>(config_, 1000);
  }
  void proxy(const std::string& name) {
    config_.proxies.push_back(std::make_unique<config::Proxy>());
    config_.proxies.back()->name = name;
    config_.proxies.back()->backend = true;
  }
  void line(const std::string& name, const std::string& track) {
    auto& line = config_.proxies.back()->servers.emplace_back(std::make_unique<config::Server>());
    line->name = name;
    line->track = track;
  }
  Server& server(const std::string& backend, const std::string& name) {
    return *objects_->find_backend(backend)->find_server(name);
  }

  config::Config config_;
  std::unique_ptr<Objects> objects_;
};

TEST_F(TrackingTest, WhoFollowsWhom) {
  Tracking tracking(*objects_);
  EXPECT_THAT(tracking.followers(server("a", "s1")), ElementsAre(&server("a", "s3"), &server("a", "s2")));
  EXPECT_THAT(tracking.followers(server("a", "s2")), ElementsAre(&server("b", "s1")));
  EXPECT_THAT(tracking.followers(server("b", "s1")), IsEmpty());
  EXPECT_EQ(tracking.leader_of(server("b", "s1")), &server("a", "s2"));
  EXPECT_EQ(tracking.root_of(server("b", "s1")), &server("a", "s1"));
  EXPECT_EQ(tracking.root_of(server("a", "s1")), nullptr);
  EXPECT_EQ(tracking.leader_of(server("b", "lost")), nullptr);
}

TEST_F(TrackingTest, OneComesAndGoes) {
  Tracking tracking(*objects_);
  tracking.add(server("b", "s2"), server("a", "s1"));
  EXPECT_THAT(tracking.followers(server("a", "s1")),
              ElementsAre(&server("b", "s2"), &server("a", "s3"), &server("a", "s2")));
  tracking.remove(server("a", "s3"));
  EXPECT_THAT(tracking.followers(server("a", "s1")), ElementsAre(&server("b", "s2"), &server("a", "s2")));
  EXPECT_EQ(tracking.leader_of(server("a", "s3")), nullptr);
  tracking.remove(server("b", "s2"));
  tracking.remove(server("a", "s2"));
  EXPECT_THAT(tracking.followers(server("a", "s1")), IsEmpty());
}

}  // namespace
}  // namespace lbd::server
