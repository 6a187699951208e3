#include "lbd/http/quality.h"

#include <gtest/gtest.h>

namespace lbd::http {
namespace {

TEST(QualityTest, ReadsWeights) {
  EXPECT_EQ(quality_of("gzip"), 1000);
  EXPECT_EQ(quality_of("gzip;q=0.5"), 500);
  EXPECT_EQ(quality_of("gzip ; Q=0.125"), 125);
  EXPECT_EQ(quality_of("gzip;level=3;q=0.001"), 1);
  EXPECT_EQ(quality_of("gzip;q=0"), 0);
  EXPECT_EQ(quality_of("gzip;q=0.0000"), 0);
  EXPECT_EQ(quality_of("gzip;q=1"), 1000);
  EXPECT_EQ(quality_of("gzip;q=7"), 1000);
  EXPECT_EQ(quality_of("gzip;q="), 0);
  EXPECT_EQ(quality_of("gzip;q=x"), 0);
  EXPECT_EQ(quality_of(""), 1000);
}

}  // namespace
}  // namespace lbd::http
