#include "lbd/config/status_codes.h"

#include <gtest/gtest.h>

#include "tests/support/load_config.h"

namespace lbd::config {
namespace {

TEST(StatusCodes, Usual) {
  const StatusCodes errors = StatusCodes::of_clients(), failures = StatusCodes::of_servers();
  EXPECT_TRUE(errors.has(400) && errors.has(499) && !errors.has(399) && !errors.has(500));
  EXPECT_TRUE(failures.has(500) && failures.has(599) && !failures.has(501) && !failures.has(505));
  EXPECT_FALSE(errors.has(0) || failures.has(600) || failures.has(-1));
}

TEST(StatusCodes, Changes) {
  StatusCodes codes = StatusCodes::of_clients();
  EXPECT_FALSE(codes.apply("-450-459"));
  EXPECT_FALSE(codes.apply("+500,100"));
  EXPECT_TRUE(codes.has(449) && !codes.has(450) && !codes.has(459) && codes.has(460));
  EXPECT_TRUE(codes.has(500) && codes.has(100));
  EXPECT_FALSE(codes.apply("404,410-411"));
  EXPECT_TRUE(codes.has(404) && codes.has(411) && !codes.has(403) && !codes.has(500));
}

TEST(StatusCodes, Wrong) {
  StatusCodes codes = StatusCodes::of_clients();
  for (const char* word : {"", "+", "99", "600", "400-", "450-440", "x", "400,,401", "400-410-420"})
    EXPECT_TRUE(codes.apply(word)) << word;
  EXPECT_TRUE(codes.has(404) && codes.has(450));
  auto loaded = support::load_config("global\n http-err-codes 400-\n http-fail-codes\n");
  EXPECT_TRUE(loaded.says("'400-' is no status or range of statuses from 100 to 599"));
  EXPECT_TRUE(loaded.says("'http-fail-codes' expects statuses"));
}

}  // namespace
}  // namespace lbd::config
