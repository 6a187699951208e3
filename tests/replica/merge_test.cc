#include "replica/merge.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "replica/server_state.h"

namespace replica {
namespace {

using namespace server_state;

Entry entry(std::vector<Field> fields) {
  Entry made{.key = key("b", "s"), .fields = {}};
  for (const Field& field : fields) made.at(field.number) = field;
  return made;
}

TEST(Merge, TheLaterWriterWinsFieldByField) {
  Entry mine = entry({{kAdmin, 1, {10, 1}}, {kWeight, 5, {30, 1}}});
  Entry theirs = entry({{kAdmin, 3, {20, 2}}, {kWeight, 7, {20, 2}}});
  Merged merged = merge(mine, theirs);
  EXPECT_TRUE(merged.changed);
  EXPECT_FALSE(merged.equal) << "they must be told of the weight";
  EXPECT_EQ(mine, entry({{kAdmin, 3, {20, 2}}, {kWeight, 5, {30, 1}}}));
}

TEST(Merge, EqualTimesAreOrderedByOrigin) {
  Entry a = entry({{kWeight, 5, {10, 1}}}), b = entry({{kWeight, 7, {10, 2}}});
  Entry left = a, right = b;
  merge(left, b);
  merge(right, a);
  EXPECT_EQ(left, right);
  EXPECT_EQ(left.value(kWeight), 7u);
}

TEST(Merge, TheSameAgainChangesNothing) {
  Entry mine = entry({{kWeight, 5, {10, 1}}});
  Entry same = mine;
  Merged merged = merge(mine, same);
  EXPECT_FALSE(merged.changed);
  EXPECT_TRUE(merged.equal);
}

// Whatever the order: all permutations of five writes end in the same state.
TEST(Merge, OrderDoesNotMatter) {
  std::vector<Entry> writes = {entry({{kAdmin, 1, {10, 1}}}), entry({{kAdmin, 2, {10, 2}}, {kWeight, 1, {10, 2}}}),
                               entry({{kWeight, 2, {12, 1}}}), entry({{kAdmin, 3, {9, 3}}, {kWeight, 9, {12, 3}}}),
                               entry({})};
  std::vector<size_t> order = {0, 1, 2, 3, 4};
  do {
    Entry mine = entry({});
    for (size_t i : order) merge(mine, writes[i]);
    ASSERT_EQ(mine, entry({{kAdmin, 2, {10, 2}}, {kWeight, 9, {12, 3}}}));
  } while (std::next_permutation(order.begin(), order.end()));
}

}  // namespace
}  // namespace replica
