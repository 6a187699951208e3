#include "cfg/value.h"

#include <gtest/gtest.h>

namespace cfg {
namespace {

using base::Micros;

Micros time_of(std::string_view text, TimeUnit bare = TimeUnit::ms) {
  auto value = parse_time(text, bare);
  return value ? *value : Micros(-1);
}

TEST(ValueTest, TimesWithEveryUnit) {
  EXPECT_EQ(time_of("5us"), Micros(5));
  EXPECT_EQ(time_of("5ms"), Micros(5000));
  EXPECT_EQ(time_of("5"), Micros(5000));
  EXPECT_EQ(time_of("5", TimeUnit::s), Micros(5000000));
  EXPECT_EQ(time_of("5", TimeUnit::us), Micros(5));
  EXPECT_EQ(time_of("5s"), Micros(5000000));
  EXPECT_EQ(time_of("2m"), Micros(120000000));
  EXPECT_EQ(time_of("1h"), Micros(3600000000));
  EXPECT_EQ(time_of("1d"), Micros(86400000000));
  EXPECT_EQ(time_of("0"), Micros(0));
}

TEST(ValueTest, BadTimes) {
  for (const char* text : {"", "x", "-5", "5x", "5 s", "5sm", "s", "100d", "99999999999999999999", "2147483648"})
    EXPECT_FALSE(parse_time(text)) << text;
  EXPECT_NE(parse_time("30sec").error().text.find("unknown time unit 'sec'"), std::string::npos);
  EXPECT_TRUE(parse_time("2147483647"));
}

TEST(ValueTest, Sizes) {
  EXPECT_EQ(*parse_size("16384"), 16384u);
  EXPECT_EQ(*parse_size("16k"), 16384u);
  EXPECT_EQ(*parse_size("1M"), 1048576u);
  EXPECT_EQ(*parse_size("2g"), 2147483648u);
  for (const char* text : {"", "k", "16kb", "-1", "16x", "9223372036854775807g"})
    EXPECT_FALSE(parse_size(text)) << text;
  EXPECT_FALSE(parse_size("2k", {0, 1024}));
}

TEST(ValueTest, NumbersInARange) {
  EXPECT_EQ(*parse_number("42", {1, 64}), 42);
  EXPECT_EQ(parse_number("65", {1, 64}).error().text, "must be between 1 and 64 (was 65)");
  EXPECT_EQ(parse_number("0", {1, Range{}.max}).error().text, "must be at least 1 (was 0)");
  EXPECT_EQ(parse_number("4x").error().text, "expects a number, not '4x'");
  EXPECT_EQ(*parse_number("-3"), -3);
  EXPECT_FALSE(parse_number("99999999999999999999"));
}

TEST(ValueTest, OnOff) {
  EXPECT_TRUE(*parse_on_off("on"));
  EXPECT_FALSE(*parse_on_off("off"));
  EXPECT_FALSE(parse_on_off("yes"));
}

}  // namespace
}  // namespace cfg
