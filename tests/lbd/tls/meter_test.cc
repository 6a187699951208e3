#include "lbd/tls/meter.h"

#include <gtest/gtest.h>

namespace lbd::tls {
namespace {

base::MonoTime at(int64_t milliseconds) {
  return base::MonoTime(base::Seconds(1000)) + base::Millis(milliseconds);
}

TEST(MeterTest, Limits) {
  Meter meter;
  meter.connections = 3;
  EXPECT_FALSE(meter.is_full(at(0)) || meter.too_many());
  meter.most_connections = 3;
  EXPECT_TRUE(meter.is_full(at(0)));
  EXPECT_FALSE(meter.too_many());
  meter.connections = 4;
  EXPECT_TRUE(meter.too_many());
  meter.connections = 0;
  meter.most_accepted = 2;
  meter.accepted.add(at(0));
  EXPECT_FALSE(meter.is_full(at(0)));
  meter.accepted.add(at(0));
  EXPECT_TRUE(meter.is_full(at(0)));
  EXPECT_FALSE(meter.is_full(at(1600)));
}

TEST(MeterTest, ShareOfResumedConnections) {
  Meter meter;
  EXPECT_EQ(meter.reuse_percent(at(0)), 0u);
  for (int i = 0; i < 4; ++i) meter.accepted.add(at(0));
  meter.client_keys.add(at(0));
  EXPECT_EQ(meter.reuse_percent(at(0)), 75u);
}

}  // namespace
}  // namespace lbd::tls
