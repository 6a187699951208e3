#include "lbd/stream/observer.h"

#include <gtest/gtest.h>

namespace lbd::stream {
namespace {

struct Silent final : server::EventSink {
  void event(const server::Backend&, base::Level, const std::string&) override {}
  void shutdown_sessions(server::Server&) override {}
};

class ObserverTest : public testing::Test {
 protected:
  server::Server& start(const char* observe, bool checked = true) {
    config_.proxies.push_back(std::make_unique<config::Proxy>());
    config::Proxy& proxy = *config_.proxies.back();
    proxy.name = "b";
    proxy.backend = true;
    auto& line = proxy.servers.emplace_back(std::make_unique<config::Server>());
    line->name = "s";
    line->observe = observe;
    line->error_limit = 3;
    line->check.enabled = checked;
    objects_ = std::make_unique<server::Objects>(config_, 1000);
    supervisor_ = std::make_unique<server::Supervisor>(*objects_, sink_);
    observer_.report_to(mailbox_, *supervisor_);
    return *objects_->find_backend("b")->servers()[0];
  }
  // How often the limit was reached.
  uint64_t after(server::Server& server, std::initializer_list<Outcome> outcomes) {
    for (Outcome outcome : outcomes) observer_.note(server, outcome);
    loop_.run_nowait();
    return server.health.traffic_errors;
  }

  config::Config config_;
  Silent sink_;
  base::Loop loop_;
  base::Mailbox mailbox_{loop_};
  std::unique_ptr<server::Objects> objects_;
  std::unique_ptr<server::Supervisor> supervisor_;
  Observer observer_;
};

constexpr Outcome kBad = Outcome::bad_status, kGood = Outcome::good_answer, kRefused = Outcome::no_connection,
                  kConnected = Outcome::connected;

TEST(ObserverOutcome, ByStatus) {
  for (uint32_t status : {101u, 200u, 404u, 499u, 501u, 505u}) EXPECT_EQ(outcome_of(status), kGood) << status;
  for (uint32_t status : {500u, 502u, 503u, 504u, 506u, 599u}) EXPECT_EQ(outcome_of(status), kBad) << status;
}

TEST_F(ObserverTest, AsManyInARowAsTheLimitSays) {
  server::Server& s = start("layer7");
  EXPECT_EQ(after(s, {kBad, kBad, kGood, kBad, kBad}), 0u);
  EXPECT_EQ(after(s, {kRefused}), 1u) << "of any kind";
  EXPECT_EQ(s.health.last.detail, "Detected 3 consecutive errors, last one was: L4 unsuccessful connection");
  EXPECT_EQ(after(s, {kBad, kBad}), 1u) << "they count anew";
  EXPECT_EQ(after(s, {kBad, kBad, kBad, kBad}), 3u);
}

TEST_F(ObserverTest, AConnectionIsNoGoodAnswer) {
  server::Server& s = start("layer7");
  EXPECT_EQ(after(s, {kConnected, kBad, kConnected, kBad, kConnected, kBad}), 1u);
}

TEST_F(ObserverTest, Layer4SeesConnectionsOnly) {
  server::Server& s = start("layer4");
  EXPECT_EQ(after(s, {kBad, kBad, kBad, Outcome::closed, Outcome::read_error, Outcome::timed_out, Outcome::bad_head}),
            0u);
  EXPECT_EQ(after(s, {kRefused, kRefused, kConnected, kRefused, kRefused}), 0u);
  EXPECT_EQ(after(s, {kRefused}), 1u);
}

TEST_F(ObserverTest, None) {
  EXPECT_EQ(after(start("none"), {kRefused, kRefused, kRefused}), 0u);
}

TEST_F(ObserverTest, NothingWithoutChecks) {
  EXPECT_EQ(after(start("layer7", false), {kRefused, kRefused, kRefused}), 0u);
}

}  // namespace
}  // namespace lbd::stream
