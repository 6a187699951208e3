#include "vrrpd/dual_active.h"

#include <gtest/gtest.h>

namespace vrrpd {
namespace {

using base::Millis;
using base::MonoTime;
using base::Seconds;

constexpr MonoTime at(int64_t millis) {
  return MonoTime(Seconds(100) + Millis(millis));
}

TEST(DualActive, TellsTheTimeOfBothWhenOneHasStopped) {
  DualActive both;
  both.set_master(true, at(0));
  EXPECT_FALSE(both.compare({.began = at(300)}, at(500))) << "it goes on";
  EXPECT_EQ(both.total(), Millis(200));
  EXPECT_EQ(both.compare({.began = at(300), .ended = at(900)}, at(1000)), Millis(600));
  EXPECT_EQ(both.total(), Millis(600));
  EXPECT_EQ(both.last_end(), at(900));
  EXPECT_FALSE(both.compare({.began = at(300), .ended = at(900)}, at(2000))) << "told once";
  EXPECT_EQ(both.total(), Millis(600));
}

TEST(DualActive, TellsItWhenThisOneHasStopped) {
  DualActive both;
  both.set_master(true, at(0));
  both.set_master(false, at(400));
  EXPECT_EQ(both.compare({.began = at(100)}, at(450)), Millis(300));
}

TEST(DualActive, OneAfterTheOtherIsNone) {
  DualActive both;
  EXPECT_FALSE(both.compare({.began = at(0)}, at(50))) << "we never were";
  both.set_master(true, at(100));
  EXPECT_FALSE(both.compare({.began = at(0), .ended = at(100)}, at(200)));
  EXPECT_FALSE(both.compare({}, at(200)));
  EXPECT_EQ(both.total(), Millis(0));
}

TEST(DualActive, WhatPreemptionLooksLikeCountsAndIsNotTold) {
  DualActive both;
  both.set_master(true, at(0));
  EXPECT_FALSE(both.compare({.began = at(-1000), .ended = at(9)}, at(50)));
  EXPECT_EQ(both.total(), Millis(9));
}

TEST(DualActive, TimesAddUp) {
  DualActive both;
  both.set_master(true, at(0));
  both.compare({.began = at(100), .ended = at(200)}, at(300));
  EXPECT_EQ(both.compare({.began = at(400), .ended = at(450)}, at(500)), Millis(50));
  EXPECT_EQ(both.total(), Millis(150));
  EXPECT_EQ(both.last(), Millis(50));
}

TEST(DualActive, OfForeignMastersAdvertsTell) {
  DualActive both;
  both.set_master(true, at(0));
  both.heard(Millis(100), at(1000));
  EXPECT_EQ(both.total(), Millis(0)) << "one may be late";
  both.heard(Millis(100), at(1100));
  both.heard(Millis(100), at(1200));
  EXPECT_EQ(both.total(), Millis(200));
  both.heard(Millis(100), at(5000));
  EXPECT_EQ(both.total(), Millis(200)) << "another time";
  both.heard(Millis(100), at(5100));
  EXPECT_EQ(both.total(), Millis(300));
}

}  // namespace
}  // namespace vrrpd
