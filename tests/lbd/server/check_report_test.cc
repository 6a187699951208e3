#include "lbd/server/check_report.h"

#include <gtest/gtest.h>

namespace lbd::server {
namespace {

using namespace std::chrono_literals;

TEST(CheckReportTest, NamesAreThoseOfTheStatistics) {
  EXPECT_EQ(short_name(CheckStatus::l7_ok), "L7OK");
  EXPECT_EQ(long_name(CheckStatus::l4_refused), "Layer4 connection problem");
  EXPECT_EQ(short_name(static_cast<CheckStatus>(14)), "");
  EXPECT_EQ(static_cast<int>(CheckStatus::l7_status), 17);
}

TEST(CheckReportTest, DowntimeGrowsWhileDown) {
  Downtime downtime{base::MonoTime(100s), 7s, 2};
  EXPECT_EQ(downtime.total(base::MonoTime(110s), true), 17s);
  EXPECT_EQ(downtime.total(base::MonoTime(110s), false), 7s);
}

}  // namespace
}  // namespace lbd::server
