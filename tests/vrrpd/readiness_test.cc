#include "vrrpd/readiness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vrrpd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ReadinessTest : public testing::Test {
 protected:
  static tandem::NodeFacts facts() {
    tandem::NodeFacts facts;
    facts.set_serving(true);
    facts.set_configuration("c");
    facts.set_certificates("d");
    facts.set_version("1.4.2");
    facts.set_reach(1000);
    return facts;
  }
  Lacks lacks(bool teaching = false) const { return lacks_of(candidate_, active_, teaching); }

  tandem::NodeFacts candidate_ = facts(), active_ = facts();
};

TEST_F(ReadinessTest, WhoIsTheSameLacksNothing) {
  EXPECT_THAT(lacks(), IsEmpty());
  active_.set_reach(500);
  EXPECT_THAT(lacks(), IsEmpty()) << "more is no lack";
  candidate_.set_reach(460);
  EXPECT_THAT(lacks(), IsEmpty()) << "nearly as much is none either";
}

TEST_F(ReadinessTest, EachLackIsNamed) {
  candidate_.set_configuration("C");
  candidate_.set_certificates("");
  candidate_.set_version("2.0.0");
  candidate_.set_learning(true);
  candidate_.set_reach(250);
  EXPECT_THAT(lacks(), ElementsAre("its configuration is another", "its certificates are others",
                                   "its version 2.0.0 does not go with 1.4.2",
                                   "it has not learnt everything yet (tables, states, maps)",
                                   "it reaches 25 % of the servers, not 100 %"));
}

TEST_F(ReadinessTest, WhatTheNodesHaveNotToldEachOtherIsALack) {
  EXPECT_THAT(lacks(true), ElementsAre("it has not learnt everything yet (tables, states, maps)"));
}

TEST_F(ReadinessTest, WithoutAnLbdNothingElseMatters) {
  candidate_.set_configuration("C");
  candidate_.set_serving(false);
  EXPECT_THAT(lacks(), ElementsAre("its lbd does not serve"));
}

TEST_F(ReadinessTest, AMasterThatDoesNotServeIsNoMeasure) {
  active_.set_serving(false);
  candidate_.set_configuration("C");
  EXPECT_THAT(lacks(), IsEmpty());
}

TEST_F(ReadinessTest, AnOlderNodeThatDoesNotTellIsNotAnotherOne) {
  active_.clear_version();
  active_.clear_certificates();
  EXPECT_THAT(lacks(), IsEmpty());
}

}  // namespace
}  // namespace vrrpd
