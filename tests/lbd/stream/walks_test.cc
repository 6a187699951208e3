#include "lbd/stream/walks.h"

#include <set>

#include "tests/lbd/stream/fixture.h"

namespace lbd::stream {
namespace {

class WalksTest : public StreamTest {
 protected:
  // The paths of the requests that a walk sees from now on; at most so many pieces of it.
  std::multiset<const Stream*> rest_of(uint64_t walk, int pieces = 1000) {
    std::multiset<const Stream*> seen;
    while (pieces-- > 0 && worker_->walks().go_on(walk, [&](Stream& stream) { seen.insert(&stream); })) {
    }
    return seen;
  }
};

TEST_F(WalksTest, SeesEveryExchangeOnce) {
  for (int i = 0; i < 250; ++i) client(kGet);
  const uint64_t walk = worker_->walks().begin();
  const auto seen = rest_of(walk);
  EXPECT_EQ(seen.size(), 250u);
  EXPECT_EQ(std::set<const Stream*>(seen.begin(), seen.end()).size(), 250u);
  EXPECT_FALSE(worker_->walks().go_on(walk, [](Stream&) { FAIL(); })) << "the walk is over";
}

TEST_F(WalksTest, GoesInPieces) {
  for (int i = 0; i < 250; ++i) client(kGet);
  const uint64_t walk = worker_->walks().begin();
  const size_t first = rest_of(walk, 1).size();
  EXPECT_GT(first, 0u);
  EXPECT_LT(first, 250u);
  EXPECT_EQ(first + rest_of(walk).size(), 250u);
}

TEST_F(WalksTest, DoesNotSeeWhoComesLater) {
  client(kGet);
  const uint64_t walk = worker_->walks().begin();
  client(kGet);
  EXPECT_EQ(rest_of(walk).size(), 1u);
  EXPECT_EQ(rest_of(worker_->walks().begin()).size(), 2u);
}

TEST_F(WalksTest, OutlivesThoseWhoseTurnIsNext) {
  std::vector<Side*> all;
  for (int i = 0; i < 250; ++i) all.push_back(&client(kGet));
  const uint64_t walk = worker_->walks().begin();
  const size_t first = rest_of(walk, 1).size();
  for (size_t i = first; i < all.size(); ++i) all[i]->close();
  for (size_t i = first; i < servers.size(); ++i) servers[i]->close();
  settle();
  EXPECT_TRUE(rest_of(walk).empty());
}

TEST_F(WalksTest, SeveralDoNotDisturbEachOther) {
  for (int i = 0; i < 120; ++i) client(kGet);
  const uint64_t one = worker_->walks().begin(), other = worker_->walks().begin();
  rest_of(one, 1);
  EXPECT_EQ(rest_of(other).size(), 120u);
  worker_->walks().end(one);
  EXPECT_TRUE(rest_of(one).empty());
}

TEST_F(WalksTest, NobodyIsSeenWhereNobodyIs) {
  EXPECT_TRUE(rest_of(worker_->walks().begin()).empty());
  EXPECT_TRUE(rest_of(4711).empty());
}

}  // namespace
}  // namespace lbd::stream
