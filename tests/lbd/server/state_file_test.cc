#include "lbd/server/state_file.h"

#include <gtest/gtest.h>

namespace lbd::server {
namespace {

using Kind = StateFile::Problem::Kind;
constexpr char kLine[] = "2 app 1 a 127.0.0.1 2 8 55 10 90 6 3 4 6 22 0 0 - 8181 - 0 0 - 127.0.0.7 98\n";

// What each value does is compared with HAProxy in tests/peers/server_states_test.py.
TEST(StateFileTest, ALine) {
  StateFile file;
  EXPECT_EQ(file.parse("1\n# be_id be_name\n" + std::string(kLine)).kind, Kind::none);
  const StateFile::Fields* fields = file.find("app", "a");
  ASSERT_TRUE(fields);
  EXPECT_EQ(file.find("app", "b"), nullptr);
  EXPECT_EQ(saved_address(*fields), "127.0.0.1");
  const auto saved = interpret(*fields);
  ASSERT_TRUE(saved);
  EXPECT_EQ(saved->operational, Operational::running);
  EXPECT_EQ(saved->admin, kForcedDrain);
  EXPECT_EQ(saved->weight, 55u);
  EXPECT_EQ(saved->configured_weight, 10u);
  EXPECT_EQ(saved->since, base::Seconds(90));
  EXPECT_EQ(saved->status, CheckStatus::l4_ok);
  EXPECT_EQ(saved->result, CheckResult::passed);
  EXPECT_FALSE(saved->checks_paused);
  EXPECT_EQ(saved->port, 8181);
  EXPECT_EQ(saved->agent_address, "127.0.0.7");
  EXPECT_EQ(saved->agent_port, 98);
}

TEST(StateFileTest, Problems) {
  StateFile file;
  EXPECT_EQ(file.parse("").kind, Kind::version);
  EXPECT_EQ(file.parse("1").kind, Kind::version);
  EXPECT_EQ(file.parse("2\n").kind, Kind::version);
  EXPECT_EQ(file.parse("1\n").kind, Kind::none);
  const auto problem = file.parse("1\n" + std::string(kLine) + "rubbish\n");
  EXPECT_EQ(problem.kind, Kind::corrupt);
  EXPECT_EQ(problem.line, 2u);
  EXPECT_EQ(file.size(), 0u) << "nothing of it counts";
}

TEST(StateFileTest, TheFirstValueThatCannotBe) {
  StateFile file;
  file.parse("1\n2 app 1 a - 4 9 x 10 90 6 3 4 6 22 0 0 - 8181 -\n");
  const auto saved = interpret(*file.find("app", "a"));
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().text, "invalid srv_op_state value '4'");
  EXPECT_EQ(saved_address(*file.find("app", "a")), "");
}

}  // namespace
}  // namespace lbd::server
