#include "lbd/check/trust.h"

#include <gtest/gtest.h>

namespace lbd::check {
namespace {

using namespace std::chrono_literals;
using server::CheckResult;
using Advice = Trust::Advice;

constexpr base::MonoTime kBegin = base::MonoTime(1000s);
constexpr base::Nanos kInter = 2s;

TEST(Trust, NothingIsBelievedBeforeAGoodCheckOfOurOwn) {
  Trust trust;
  EXPECT_EQ(trust.hear(CheckResult::passed, kBegin, kInter), Advice::ignore);
  EXPECT_EQ(trust.hear(CheckResult::failed, kBegin, kInter), Advice::ignore);
  trust.own(CheckResult::failed, kBegin);
  EXPECT_EQ(trust.hear(CheckResult::passed, kBegin + 1s, kInter), Advice::ignore);
  trust.own(CheckResult::passed, kBegin + 2s);
  EXPECT_EQ(trust.hear(CheckResult::passed, kBegin + 3s, kInter), Advice::believe);
  EXPECT_EQ(trust.hear(CheckResult::conditional, kBegin + 3s, kInter), Advice::believe);
}

TEST(Trust, ABadResultMakesUsLook) {
  Trust trust;
  trust.own(CheckResult::passed, kBegin);
  EXPECT_EQ(trust.hear(CheckResult::failed, kBegin + 1s, kInter), Advice::check);
}

TEST(Trust, OurOwnCheckComesEveryTenthTime) {
  Trust trust;
  trust.own(CheckResult::passed, kBegin);
  EXPECT_EQ(trust.hear(CheckResult::passed, kBegin + 19s, kInter), Advice::believe);
  EXPECT_EQ(trust.hear(CheckResult::passed, kBegin + 20s, kInter), Advice::ignore);
}

TEST(Trust, WhoIsSilentIsNotWaitedForLong) {
  Trust trust;
  trust.own(CheckResult::passed, kBegin);
  EXPECT_EQ(trust.next(kBegin + 2s, kInter), kBegin + 6s);
  EXPECT_EQ(trust.next(kBegin + 19s, kInter), kBegin + 20s) << "our own turn comes first";
}

}  // namespace
}  // namespace lbd::check
