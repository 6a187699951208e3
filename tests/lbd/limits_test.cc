#include "lbd/limits.h"

#include <gtest/gtest.h>

namespace lbd {
namespace {

TEST(LimitsTest, TwoDescriptorsAConnection) {
  EXPECT_EQ(connections_for(20000, 100), 9950u);
  EXPECT_EQ(connections_for(50, 100), 1u);
  EXPECT_EQ(files_for(9950, 100), 20000u);
}

TEST(LimitsTest, TheCommandLineIsAboveTheFile) {
  config::Config config;
  config.global.maxconn = 50;
  config.global.nbthread = 3;
  CommandLine line;
  Limits limits = apply_limits(config, line);
  EXPECT_EQ(limits.threads, 3u);
  EXPECT_EQ(limits.maxconn, 50u);
  EXPECT_EQ(limits.warning, "");
  line.maxconn = 20;
  EXPECT_EQ(apply_limits(config, line).maxconn, 20u);
}

TEST(LimitsTest, SaysWhatTheSystemDoesNotGrant) {
  config::Config config;
  config.global.fd_hard_limit = 100;
  config.global.maxconn = 1 << 30;
  Limits limits = apply_limits(config, {});
  EXPECT_NE(limits.warning.find("too low for maxconn=1073741824"), std::string::npos) << limits.warning;
}

}  // namespace
}  // namespace lbd
