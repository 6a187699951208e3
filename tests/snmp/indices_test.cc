#include "snmp/indices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace snmp {
namespace {

uint32_t clash(std::string_view, std::string_view name) {
  return static_cast<uint32_t>(name.size());
}
uint32_t last(std::string_view, std::string_view) {
  return 0x7fffffff;
}

TEST(Indices, AreThoseOfTheNamesWhateverElseThereIs) {
  Indices here, there;
  const uint32_t app = here.of("backend", "app");
  there.of("backend", "new");
  there.of("frontend", "app");
  EXPECT_EQ(there.of("backend", "app"), app);
  EXPECT_EQ(here.of("backend", "app"), app);
  EXPECT_FALSE(here.changed());
  EXPECT_EQ(here.deviations(), "");
}

// Numbers that a monitoring system has stored: another hash would move every graph.
TEST(Indices, NeverChangeBetweenVersions) {
  EXPECT_EQ(Indices::hash("frontend", "web"), 848437471u);
}

TEST(Indices, FitTheTypeOfTheMib) {
  Indices indices;
  std::set<uint32_t> seen;
  for (int i = 0; i < 20000; ++i) {
    const uint32_t number = indices.of("server app", "s" + std::to_string(i));
    EXPECT_GE(number, 1u);
    EXPECT_LE(number, 0x7fffffffu);
    EXPECT_TRUE(seen.insert(number).second);
  }
}

TEST(Indices, OfNamesWithOneHashDifferAndAreKept) {
  Indices before(clash);
  EXPECT_EQ(before.of("backend", "aa"), 2u);
  EXPECT_EQ(before.of("backend", "bb"), 3u);
  EXPECT_EQ(before.of("frontend", "bb"), 2u) << "another scope";
  EXPECT_TRUE(before.changed());
  before.saved();
  EXPECT_FALSE(before.changed());
  EXPECT_EQ(before.deviations(), "3\tbackend\tbb\n");

  Indices after(clash);
  ASSERT_TRUE(after.restore(before.deviations()));
  EXPECT_EQ(after.of("backend", "bb"), 3u) << "though 'aa' is gone";
  EXPECT_EQ(after.of("backend", "aa"), 2u);
  EXPECT_EQ(after.of("backend", "ccc"), 4u) << "3 belongs to 'bb'";
}

TEST(Indices, GoOnFromTheFirstBehindTheLast) {
  Indices indices(last);
  EXPECT_EQ(indices.of("backend", "a"), 0x7fffffffu);
  EXPECT_EQ(indices.of("backend", "b"), 1u);
}

TEST(Indices, AreThoseOfTheConfigurationWhereItNamesThem) {
  Indices indices(clash);
  EXPECT_EQ(indices.of("backend", "aa"), 2u);
  indices.fix({{"backend", "app", 2}, {"server app", "s1", 77}});
  EXPECT_EQ(indices.of("backend", "app"), 2u);
  EXPECT_EQ(indices.of("server app", "s1"), 77u);
  EXPECT_EQ(indices.of("backend", "s1"), 3u) << "the next that is free: of another scope nothing is said";
  EXPECT_EQ(indices.of("backend", "aa"), 4u) << "it had the number that the configuration gives away now";
  EXPECT_EQ(indices.deviations(), "3\tbackend\ts1\n4\tbackend\taa\n") << "what is configured needs no file";

  indices.fix({{"backend", "app", 9}});
  EXPECT_EQ(indices.of("backend", "app"), 9u) << "another number";
  EXPECT_EQ(indices.of("server app", "s1"), 2u) << "none: that of the name";
  indices.fix({});
  EXPECT_EQ(indices.of("backend", "app"), 5u) << "3 and 4 are taken";
  EXPECT_EQ(indices.of("backend", "aa"), 4u) << "who has a number keeps it";
}

TEST(Indices, MayChangePlacesInTheConfiguration) {
  Indices indices;
  indices.fix({{"backend", "a", 1}, {"backend", "b", 2}});
  indices.fix({{"backend", "a", 2}, {"backend", "b", 1}});
  EXPECT_EQ(indices.of("backend", "a"), 2u);
  EXPECT_EQ(indices.of("backend", "b"), 1u);
  EXPECT_FALSE(indices.changed());
}

TEST(Indices, RefuseAFileThatIsNone) {
  const auto error = [](std::string_view text) {
    Indices indices;
    const auto status = indices.restore(text);
    return status ? std::string() : status.error().text;
  };
  EXPECT_EQ(error("3\tbackend\tbb\n"), "");
  EXPECT_THAT(error("x\tbackend\tbb\n"), testing::HasSubstr("line 1"));
  EXPECT_THAT(error("0\tbackend\tbb\n"), testing::HasSubstr("line 1"));
  EXPECT_THAT(error("3\tbackend\tbb\n3\tbackend\tcc\n"), testing::HasSubstr("line 2"));
  EXPECT_THAT(error("3 backend bb"), testing::HasSubstr("line 1"));
}

}  // namespace
}  // namespace snmp
