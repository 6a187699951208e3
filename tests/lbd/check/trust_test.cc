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

TEST(Trust, TwoBadChecksInARowMeanNoWay) {
  Trust trust;
  EXPECT_TRUE(trust.has_way());
  trust.own(CheckResult::failed, kBegin);
  EXPECT_TRUE(trust.has_way());
  trust.own(CheckResult::failed, kBegin + 2s);
  EXPECT_FALSE(trust.has_way());
  trust.own(CheckResult::passed, kBegin + 4s);
  EXPECT_TRUE(trust.has_way());
}

TEST(Trust, WhatAnotherFoundBadIsOpenUntilWeHaveLooked) {
  Trust trust;
  trust.own(CheckResult::passed, kBegin);
  trust.doubt(CheckResult::passed);
  EXPECT_TRUE(trust.has_way());
  trust.doubt(CheckResult::failed);
  EXPECT_FALSE(trust.has_way());
  trust.doubt(CheckResult::passed);
  EXPECT_FALSE(trust.has_way()) << "it is our own way that counts";
  trust.own(CheckResult::failed, kBegin + 1s);
  EXPECT_FALSE(trust.has_way());
  trust.own(CheckResult::passed, kBegin + 2s);
  EXPECT_TRUE(trust.has_way());
}

TEST(Trust, OneBadCheckIsDisputedByAGoodOneElsewhere) {
  Trust trust;
  EXPECT_FALSE(trust.disputed_by(CheckResult::passed));
  trust.own(CheckResult::failed, kBegin);
  EXPECT_TRUE(trust.disputed_by(CheckResult::passed));
  EXPECT_FALSE(trust.disputed_by(CheckResult::failed));
  trust.own(CheckResult::failed, kBegin + 1s);
  EXPECT_FALSE(trust.disputed_by(CheckResult::passed));
}

}  // namespace
}  // namespace lbd::check
