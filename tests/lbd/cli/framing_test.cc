#include "lbd/cli/framing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lbd::cli {
namespace {

using testing::ElementsAre;
using State = CommandReader::State;

TEST(SplitCommandsTest, WordsAndSemicolons) {
  auto commands = split_commands("  show   info;show stat -1 4 -1 ;");
  ASSERT_EQ(commands.size(), 2u);
  EXPECT_THAT(commands[0].words, ElementsAre("show", "info"));
  EXPECT_THAT(commands[1].words, ElementsAre("show", "stat", "-1", "4", "-1"));
  EXPECT_EQ(split_commands("").size(), 1u);
  EXPECT_EQ(split_commands(";a").size(), 2u);
}

TEST(SplitCommandsTest, BackslashProtects) {
  EXPECT_THAT(split_commands(R"(add map #0 a\;b c\ d e\\f \d+)")[0].words,
              ElementsAre("add", "map", "#0", "a;b", "c d", R"(e\f)", R"(\d+)"));
}

TEST(CommandReaderTest, WaitsForTheEndOfTheLine) {
  CommandReader reader;
  std::vector<Command> commands;
  for (char c : std::string("show info")) {
    reader.feed({&c, 1});
    EXPECT_EQ(reader.next(commands), State::need_more);
  }
  reader.feed("\r\nshow");
  ASSERT_EQ(reader.next(commands), State::command);
  EXPECT_THAT(commands[0].words, ElementsAre("show", "info"));
  EXPECT_EQ(reader.next(commands), State::need_more);
}

TEST(CommandReaderTest, PayloadEndsWithAnEmptyLineOrItsMark) {
  CommandReader reader;
  std::vector<Command> commands;
  reader.feed("set ssl cert a <<\nline 1\n");
  EXPECT_EQ(reader.next(commands), State::need_payload);
  EXPECT_EQ(reader.continued_lines(), 1u);
  EXPECT_EQ(reader.next(commands), State::need_payload);
  EXPECT_EQ(reader.continued_lines(), 1u);
  reader.feed("line 2\n\nshow info\n");
  ASSERT_EQ(reader.next(commands), State::command);
  EXPECT_THAT(commands[0].words, ElementsAre("set", "ssl", "cert", "a"));
  EXPECT_EQ(commands[0].payload, "line 1\nline 2\n");
  ASSERT_EQ(reader.next(commands), State::command);
  EXPECT_EQ(commands[0].payload, "");

  reader.feed("a <<END\n\nx\nEND\n");
  EXPECT_EQ(reader.next(commands), State::need_payload);
  ASSERT_EQ(reader.next(commands), State::command);
  EXPECT_EQ(commands[0].payload, "\nx\n");
}

TEST(CommandReaderTest, RefusesWhatIsTooLong) {
  std::vector<Command> commands;
  CommandReader line(100);
  line.feed(std::string(101, 'a'));
  EXPECT_EQ(line.next(commands), State::overflow);
  CommandReader ended(100);
  ended.feed(std::string(101, 'a') + "\n");
  EXPECT_EQ(ended.next(commands), State::overflow);
  CommandReader payload(100, 200);
  payload.feed("a <<\n");
  EXPECT_EQ(payload.next(commands), State::need_payload);
  payload.feed(std::string(150, 'a'));
  EXPECT_EQ(payload.next(commands), State::need_payload);
  payload.feed(std::string(51, 'a'));
  EXPECT_EQ(payload.next(commands), State::overflow);
}

}  // namespace
}  // namespace lbd::cli
