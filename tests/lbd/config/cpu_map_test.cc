#include "lbd/config/cpu_map.h"

#include <gtest/gtest.h>

#include "tests/support/load_config.h"

namespace lbd::config {
namespace {

using Cpus = std::vector<uint32_t>;

TEST(CpuMap, AllOfTheSetToEachThread) {
  CpuMap map;
  EXPECT_EQ(map.of(0), Cpus{});
  EXPECT_FALSE(map.add("1/2-3", {"0-1,4", "3"}));
  EXPECT_EQ(map.of(0), Cpus{});
  EXPECT_EQ(map.of(1), (Cpus{0, 1, 3, 4}));
  EXPECT_EQ(map.of(2), (Cpus{0, 1, 3, 4}));
  EXPECT_FALSE(map.add("1/3", {"7"}));
  EXPECT_EQ(map.of(2), Cpus{7});
  EXPECT_EQ(map.of(1000), Cpus{});
}

TEST(CpuMap, OneToEachThread) {
  CpuMap map;
  EXPECT_FALSE(map.add("auto:1/1-4", {"0-1", "6,4"}));
  EXPECT_EQ(map.of(0), Cpus{0});
  EXPECT_EQ(map.of(2), Cpus{4});
  EXPECT_EQ(map.of(3), Cpus{6});
  EXPECT_TRUE(map.add("auto:1/1-4", {"0-2"}));
}

TEST(CpuMap, Words) {
  CpuMap map;
  EXPECT_FALSE(map.add("all", {"3"}));
  EXPECT_EQ(map.of(63), Cpus{3});
  EXPECT_FALSE(map.add("1/odd", {"1"}));
  EXPECT_FALSE(map.add("1/even", {"2"}));
  EXPECT_EQ(map.of(0), Cpus{1});
  EXPECT_EQ(map.of(1), Cpus{2});
  EXPECT_FALSE(map.add("1/63-", {"5"}));
  EXPECT_EQ(map.of(63), Cpus{5});
  EXPECT_EQ(map.of(61), Cpus{2});
}

TEST(CpuMap, Wrong) {
  CpuMap map;
  EXPECT_TRUE(map.add("2/1", {"0"}));
  EXPECT_TRUE(map.add("1/65", {"0"}));
  EXPECT_TRUE(map.add("1/0", {"0"}));
  EXPECT_TRUE(map.add("x", {"0"}));
  EXPECT_TRUE(map.add("1/1", {}));
  EXPECT_TRUE(map.add("1/1", {"1024"}));
  EXPECT_TRUE(map.add("1/1", {"a"}));
  auto loaded = support::load_config("global\n cpu-map 1/1 0-\n cpu-map 1/all x\n");
  EXPECT_FALSE(loaded.says("a.cfg:2"));
  EXPECT_TRUE(loaded.says("'x' is no set of processors: all, odd, even, N or N-M"));
}

}  // namespace
}  // namespace lbd::config
