#include "lbd/tls/sni_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lbd::tls {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<uint32_t> entries(const SniIndex& index, uint32_t at) {
  std::vector<uint32_t> out;
  for (; at != SniIndex::kNone; at = index.next(at)) out.push_back(index.entry(at));
  return out;
}

TEST(SniIndexTest, NamesHaveTheirEntriesInOrder) {
  SniIndex index;
  index.add("a.example", 3);
  index.add("b.example", 4);
  index.add("a.example", 1);
  EXPECT_THAT(entries(index, index.exact("a.example")), ElementsAre(3, 1));
  EXPECT_THAT(entries(index, index.exact("b.example")), ElementsAre(4));
  EXPECT_THAT(entries(index, index.exact("c.example")), IsEmpty());
}

TEST(SniIndexTest, AWildcardStandsForOneLabel) {
  SniIndex index;
  index.add("*.a.example", 1);
  EXPECT_THAT(entries(index, index.wildcard("x.a.example")), ElementsAre(1));
  EXPECT_THAT(entries(index, index.wildcard("x.y.a.example")), IsEmpty());
  EXPECT_THAT(entries(index, index.wildcard("a.example")), IsEmpty());
  EXPECT_THAT(entries(index, index.exact("x.a.example")), IsEmpty());
}

// Names that clients may send but nobody has.
TEST(SniIndexTest, OddNames) {
  SniIndex index;
  for (const char* name : {"*.a.example", "*", "*x.example", ".b.example", ""}) index.add(name, 1);
  EXPECT_EQ(index.size(), 1u);
  EXPECT_THAT(entries(index, index.exact(".a.example")), IsEmpty());
  EXPECT_THAT(entries(index, index.wildcard(".a.example")), IsEmpty());
  EXPECT_THAT(entries(index, index.exact("*.a.example")), IsEmpty());
  EXPECT_THAT(entries(index, index.exact("")), IsEmpty());
  EXPECT_THAT(entries(index, index.wildcard("localhost")), IsEmpty());
}

}  // namespace
}  // namespace lbd::tls
