#include "lbd/server/operator.h"

#include <gtest/gtest.h>

#include <vector>

namespace lbd::server {
namespace {

struct Heard final : OperatorObserver {
  void operator_changed(Server& server, Field field) override { all.emplace_back(server.name(), field); }
  std::vector<std::pair<std::string, Field>> all;
};

class OperatorTest : public testing::Test {
 protected:
  OperatorTest() {
    line_.name = "s";
    line_.weight = 10;
    server_ = &backend_.add_server(line_, 1);
    operator_.set_observer(&heard_);
  }
  config::Proxy proxy_;
  config::Server line_;
  Backend backend_{proxy_, 0};
  Server* server_;
  Heard heard_;
  Operator operator_;
};

// The numbers are those of haproxy's `show servers state` after the same commands.
TEST_F(OperatorTest, StatesExcludeEachOther) {
  operator_.set_state(*server_, OperatorState::drain);
  EXPECT_EQ(server_->admin(), 0x08);
  EXPECT_TRUE(server_->up());
  EXPECT_FALSE(server_->usable());
  operator_.set_state(*server_, OperatorState::maint);
  EXPECT_EQ(server_->admin(), 0x01);
  EXPECT_FALSE(server_->up());
  operator_.set_state(*server_, OperatorState::drain);
  EXPECT_EQ(server_->admin(), 0x08);
  operator_.set_state(*server_, OperatorState::ready);
  EXPECT_EQ(server_->admin(), 0x00);
  EXPECT_TRUE(server_->usable());
}

TEST_F(OperatorTest, ReadyLeavesTheMarkOfTheFile) {
  EXPECT_EQ(Operator::apply(kForcedMaintenance | kConfigMaintenance, OperatorState::ready), kConfigMaintenance);
  EXPECT_EQ(Operator::apply(kInheritedMaintenance, OperatorState::drain), kInheritedMaintenance | kForcedDrain);
}

TEST_F(OperatorTest, TheObserverHearsWhatIsSaidHereOnly) {
  operator_.set_weight(*server_, 5);
  operator_.replicate_weight(*server_, 7);
  operator_.replicate_state(*server_, OperatorState::maint);
  ASSERT_EQ(heard_.all.size(), 1u);
  EXPECT_EQ(heard_.all[0], std::pair(std::string("s"), OperatorObserver::Field::weight));
  EXPECT_EQ(server_->user_weight(), 7u);
  EXPECT_FALSE(server_->up());
}

TEST_F(OperatorTest, TheBitsSayWhatWasSaidLast) {
  for (OperatorState state : {OperatorState::ready, OperatorState::drain, OperatorState::maint})
    EXPECT_EQ(Operator::state_of(Operator::apply(kInheritedMaintenance | kConfigMaintenance, state)), state);
}

}  // namespace
}  // namespace lbd::server
