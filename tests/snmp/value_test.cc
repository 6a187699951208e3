#include "snmp/value.h"

#include <gtest/gtest.h>

namespace snmp {
namespace {

TEST(Value, StaysAtTheHighestThatItsTypeHas) {
  EXPECT_EQ(as_gauge(int64_t{1} << 40), 4294967295u);
  EXPECT_EQ(as_gauge(-1), 0u);
  EXPECT_EQ(as_gauge(4294967295), 4294967295u);
  EXPECT_EQ(as_integer(int64_t{1} << 40), 2147483647);
  EXPECT_EQ(as_integer(-(int64_t{1} << 40)), -2147483648);
}

TEST(Value, DateAndTimeIsThatOfRfc2579) {
  using namespace std::string_literals;
  EXPECT_EQ(date_and_time(1795345485, 3), "\x07\xea\x0b\x16\x0b\x04\x2d\x03+\0\0"s);  // 2026-11-22 11:04:45.3 UTC
  EXPECT_EQ(date_and_time(0), std::string(8, '\0'));
}

TEST(Value, TextIsCutAtACharacter) {
  const std::string text = std::string(254, 'a') + "\u00e4\u00e4";
  EXPECT_EQ(admin_string(text), std::string(254, 'a'));
  EXPECT_EQ(admin_string(std::string(300, 'b')).size(), 255u);
  EXPECT_EQ(admin_string("short"), "short");
}

TEST(Value, TicksAreHundredths) {
  EXPECT_EQ(ticks(base::Millis(1234)), 123);
  EXPECT_EQ(ticks(base::Millis(-5)), 0);
}

}  // namespace
}  // namespace snmp
