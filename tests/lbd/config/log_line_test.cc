#include "lbd/config/log_line.h"

#include <gtest/gtest.h>

#include "tests/support/load_config.h"

namespace lbd::config {
namespace {

using support::load_config;

TEST(LogLineTest, EveryPart) {
  auto loaded = load_config("global\n log 127.0.0.1:514 len 2048 format rfc5424 sample 1-2,4:5 local3 notice err\n");
  EXPECT_EQ(loaded.said(), "");
  const LogTarget& log = loaded.global().logs.at(0);
  EXPECT_EQ(log.target, "127.0.0.1:514");
  EXPECT_EQ(log.length, 2048u);
  EXPECT_EQ(log.format, "rfc5424");
  EXPECT_EQ(log.sample_ranges, "1-2,4");
  EXPECT_EQ(log.sample_size, 5u);
  EXPECT_EQ(log.facility, "local3");
  EXPECT_EQ(log.level, 5);
  EXPECT_EQ(log.min_level, 3);
}

TEST(LogLineTest, Targets) {
  auto loaded = load_config(
      "global\n setenv SYSLOG 10.0.0.1\n log /dev/log local0\n log stdout format raw local0\n log stderr daemon\n"
      " log ring@r local0\n log fd@2 local0\n log \"${SYSLOG-127.0.0.1}:514\" local0 info\n log loghost local0\n");
  EXPECT_EQ(loaded.said(), "");
  EXPECT_EQ(loaded.global().logs.size(), 7u);
  EXPECT_EQ(loaded.global().logs[5].target, "10.0.0.1:514");
  EXPECT_EQ(loaded.global().logs[5].level, 6);
}

TEST(LogLineTest, Formats) {
  auto loaded = support::load_http(
      "frontend f\n bind :80\n log 127.0.0.1 local0\n log-format \"%ci %{+Q}r\"\nfrontend g\n bind :81\n"
      " log 127.0.0.1 local0\n log-format x\n option httplog clf\n");
  EXPECT_EQ(loaded.said(), "");
  EXPECT_EQ(loaded.proxy(0).log_format, LogFormatKind::custom);
  EXPECT_EQ(loaded.proxy(0).log_format_text->text, "%ci %{+Q}r");
  EXPECT_EQ(loaded.proxy(1).log_format, LogFormatKind::http);
  EXPECT_TRUE(loaded.proxy(1).clf);
  EXPECT_FALSE(loaded.proxy(1).log_format_text);
}

}  // namespace
}  // namespace lbd::config
