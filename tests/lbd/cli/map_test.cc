#include <gtest/gtest.h>

#include "tests/lbd/cli/cli_fixture.h"

namespace lbd::cli {
namespace {

// What HAProxy answers is compared in tests/peers/maps_cli_test.py.
class MapCommandsTest : public ::testing::Test, public CliFixture {
 protected:
  MapCommandsTest() {
    std::string error;
    map_ = patterns.open("virt@hosts", true, error);
    map_->add_use(expr::Match::string, false, error);
    cfg::Diagnostics diagnostics;
    patterns.finish(diagnostics);
  }
  std::string with_payload(const std::string& line, const std::string& payload) {
    Invocation invocation{*services, session, split_commands(line)[0].words, payload, {}, 0};
    execute(invocation);
    return invocation.answer;
  }
  // Without the references.
  std::string shown(const std::string& name) {
    std::string text, answer = run("show map " + name);
    for (size_t at = 0; at < answer.size();) {
      const size_t blank = answer.find(' ', at), end = answer.find('\n', at);
      text += answer.substr(blank + 1, end - blank);
      at = end + 1;
    }
    return text;
  }
  expr::PatternRef* map_ = nullptr;
};

TEST_F(MapCommandsTest, EntriesAreNamedByKeyOrReference) {
  EXPECT_EQ(run("add map virt@hosts a 1"), "");
  EXPECT_EQ(run("add map #0 a 2"), "");
  EXPECT_EQ(shown("virt@hosts"), "a 1\na 2\n");
  const std::string answer = run("show map #0");
  const std::string second = answer.substr(answer.find('\n') + 1, 14);
  EXPECT_EQ(run("set map #0 #" + second + " 3"), "");
  EXPECT_EQ(shown("#0"), "a 1\na 3\n");
  EXPECT_EQ(run("del map #0 #" + second), "");
  EXPECT_EQ(run("del map #0 #" + second), "Key not found.\n");
  EXPECT_EQ(run("set map #0 #" + second + " 4"), "key or pattern not found.\n");
  EXPECT_EQ(shown("#0"), "a 1\n");
}

TEST_F(MapCommandsTest, LinesOfAPayloadBeforeAWrongOneAreTaken) {
  EXPECT_EQ(with_payload("add map #0", "a 1\n b  two words \nc\nd 4\n"), "Missing value for key 'c'.\n");
  EXPECT_EQ(shown("#0"), "a 1\nb two words \n");
}

TEST_F(MapCommandsTest, NothingIsAddedToAVersionThatIsOver) {
  EXPECT_EQ(run("prepare map #0"), "New version created: 1\n");
  EXPECT_EQ(run("prepare map #0"), "New version created: 2\n");
  EXPECT_EQ(run("add map @2 #0 a 1"), "");
  EXPECT_EQ(shown("#0"), "");
  EXPECT_EQ(shown("@2 #0"), "a 1\n");
  EXPECT_EQ(run("commit map @2 #0"), "");
  EXPECT_EQ(shown("#0"), "a 1\n");
  EXPECT_EQ(run("add map @1 #0 b 1"), "Version number out of range.\n");
  EXPECT_EQ(run("add map @3 #0 b 1"), "Version number in the future, please use 'prepare map' before.\n");
}

TEST_F(MapCommandsTest, ALongListIsShownInPieces) {
  std::string all;
  for (int i = 0; i < 2500; ++i) {
    map_->add(std::to_string(i), "v");
    all += std::to_string(i) + " v\n";
  }
  Invocation invocation{*services, session, {"show", "map", "#0"}, {}, {}, 0};
  execute(invocation);
  ASSERT_TRUE(invocation.more);
  EXPECT_EQ(invocation.more(invocation.answer), More::there_is);
  EXPECT_EQ(std::count(invocation.answer.begin(), invocation.answer.end(), '\n'), 1000);
  map_->clear();
  EXPECT_EQ(invocation.more(invocation.answer), More::there_is);
  EXPECT_EQ(invocation.more(invocation.answer), More::done);
  EXPECT_EQ(std::count(invocation.answer.begin(), invocation.answer.end(), '\n'), 1000);
}

}  // namespace
}  // namespace lbd::cli
