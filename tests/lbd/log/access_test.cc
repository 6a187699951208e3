#include "lbd/log/access.h"

#include <gmock/gmock.h>

#include "lbd/expr/logformat_parser.h"
#include "tests/lbd/log/log_fixture.h"

namespace lbd::log {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::MatchesRegex;

class AccessLogTest : public testing::Test, public LogFixture {
 protected:
  void SetUp() override {
    proxy_ = &proxy("fe");
    proxy_->logs = {line()};
    session_.src = {*base::IpAddr::parse("10.0.0.1"), 1234};
    session_.dst = {*base::IpAddr::parse("10.0.0.2"), 80};
    session_.accepted = base::WallTime(std::chrono::seconds(0));
    transaction_.bytes_in = 100;
    transaction_.bytes_out = 200;
    transaction_.status = 200;
  }
  AccessLog open(std::string_view format = "%ST") {
    targets_ = std::make_unique<LogTargets>(config, diagnostics);
    expr::CompileContext context(config, *proxy_, storage_, diagnostics);
    format_ = expr::parse_logformat(context, format, expr::phase::kLog, expr::TextFor::log);
    EXPECT_FALSE(diagnostics.has_errors()) << diagnostics.render();
    return AccessLog(*proxy_, targets_->of(*proxy_), {&format_, nullptr, nullptr});
  }
  // What an exchange with this end logs.
  std::vector<std::string> logged(const AccessLog& log) {
    log.begin(transaction_);
    log.emit(transaction_);
    return received();
  }
  void set(config::Option option) { proxy_->options.set(static_cast<size_t>(option)); }

  config::Proxy* proxy_ = nullptr;
  expr::Storage storage_;
  expr::LogFormat format_;
  std::unique_ptr<LogTargets> targets_;
  expr::Session session_;
  base::BlockPool pool_{4096, 4};
  base::Arena arena_{pool_};
  expr::Transaction transaction_{session_, arena_};
};

TEST_F(AccessLogTest, ALineAnExchange) {
  EXPECT_THAT(logged(open("status %ST")), ElementsAre("<134>haproxy[42]: status 200"));
  proxy_->log_tag = "web";
  EXPECT_THAT(logged(open("%ST")), ElementsAre("<134>web[42]: 200"));
}

TEST_F(AccessLogTest, WithoutTargetsNothingHappens) {
  proxy_->logs.clear();
  AccessLog log = open();
  EXPECT_FALSE(log.enabled());
  EXPECT_THAT(logged(log), IsEmpty());
}

TEST_F(AccessLogTest, WithoutFormatTheConnectionIsSaid) {
  EXPECT_THAT(logged(open("")), ElementsAre("<134>haproxy[42]: Connect from 10.0.0.1:1234 to 10.0.0.2:80 (fe/HTTP)"));
}

TEST_F(AccessLogTest, DontlogNormalLeavesOutWhatWentWell) {
  set(config::Option::dontlog_normal);
  AccessLog log = open();
  EXPECT_THAT(logged(log), IsEmpty());
  transaction_.status = 503;
  EXPECT_EQ(logged(log).size(), 1u);
  transaction_.status = 200;
  transaction_.retries = 1;
  EXPECT_EQ(logged(log).size(), 1u);
  transaction_.retries = 0;
  transaction_.termination.cause = 'c';
  EXPECT_EQ(logged(log).size(), 1u);
  transaction_.termination.cause = 'L';
  EXPECT_THAT(logged(log), IsEmpty());
}

TEST_F(AccessLogTest, SeparateErrorsAreRaised) {
  set(config::Option::log_separate_errors);
  AccessLog log = open();
  EXPECT_THAT(logged(log), ElementsAre("<134>haproxy[42]: 200"));
  transaction_.status = 502;
  EXPECT_THAT(logged(log), ElementsAre("<131>haproxy[42]: 502"));
}

TEST_F(AccessLogTest, NullConnectionsMayBeLeftOut) {
  transaction_.bytes_in = transaction_.bytes_out = 0;
  AccessLog log = open();
  EXPECT_EQ(logged(log).size(), 1u);
  set(config::Option::dontlognull);
  EXPECT_THAT(logged(log), IsEmpty());
}

TEST_F(AccessLogTest, ARuleSetsTheLevel) {
  AccessLog log = open();
  transaction_.log_level = 3;
  EXPECT_THAT(logged(log), ElementsAre("<131>haproxy[42]: 200"));
  transaction_.log_level = -1;
  EXPECT_THAT(logged(log), IsEmpty());
}

TEST_F(AccessLogTest, ConnectionErrors) {
  AccessLog log = open();
  config::Bind bind;
  session_.bind = &bind;
  session_.bind_index = 1;
  log.connection_error(transaction_, "SSL handshake failure");
  auto lines = received();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(lines[0],
              MatchesRegex("<134>haproxy.42.: 10.0.0.1:1234 .01/Jan/1970:..:..:00.000. fe/1: SSL handshake failure"));
  bind.name = "tls";
  log.connection_error(transaction_, "x");
  EXPECT_THAT(received()[0], MatchesRegex(".* fe/tls: x"));
}

}  // namespace
}  // namespace lbd::log
