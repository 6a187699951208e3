#include "replica/session.h"

#include <gtest/gtest.h>

namespace replica {
namespace {

using Kind = Session::Action::Kind;
using State = Session::State;

constexpr uint64_t kOwn = 100, kPeer = 200;

Session::Actions one(Kind kind, uint64_t sequence = 0, uint64_t generation = 0) {
  return {{.kind = kind, .generation = generation, .sequence = sequence}};
}

class SessionTest : public testing::Test {
 protected:
  void bring_live() {
    session_.up(kPeer);
    session_.resume(0, 0, 0);
    session_.caught_up();
    ASSERT_EQ(session_.state(), State::live);
  }
  Session session_{kOwn, 4};
};

TEST_F(SessionTest, FirstMeeting) {
  EXPECT_EQ(session_.up(kPeer), one(Kind::resume));
  EXPECT_FALSE(session_.may_send());
  EXPECT_TRUE(session_.resume(0, 0, 7).empty());
  EXPECT_TRUE(session_.peer_is_new());
  EXPECT_TRUE(session_.caught_up().empty()) << "7 is still to be sent";
  EXPECT_EQ(session_.sent(5), 0u);
  EXPECT_EQ(session_.sent(7), 5u);
  EXPECT_EQ(session_.caught_up(), one(Kind::taught, 7));
  EXPECT_EQ(session_.state(), State::live);
  EXPECT_FALSE(session_.complete());
  session_.taught();
  EXPECT_TRUE(session_.complete());
}

TEST_F(SessionTest, TheWindowBoundsWhatIsOnTheWay) {
  bring_live();
  for (uint64_t i = 1; i <= 4; ++i) {
    EXPECT_TRUE(session_.may_send());
    session_.sent(i);
  }
  EXPECT_FALSE(session_.may_send());
  EXPECT_TRUE(session_.ack(2).empty());
  EXPECT_TRUE(session_.may_send());
  EXPECT_EQ(session_.on_the_way(), 2u);
}

TEST_F(SessionTest, AfterABreakItGoesOnWhereThePeerStopped) {
  bring_live();
  session_.sent(3);
  session_.sent(6);
  session_.update(9, 0);
  session_.down();
  EXPECT_EQ(session_.up(kPeer), one(Kind::resume, 9, kPeer));
  session_.resume(kOwn, 3, 8);
  EXPECT_EQ(session_.cursor(), 3u);
  EXPECT_FALSE(session_.peer_is_new());
  EXPECT_EQ(session_.sent(6), 3u);
}

TEST_F(SessionTest, AMetPeerThatHasNothingOfUsIsNotNew) {
  bring_live();
  session_.down();
  EXPECT_EQ(session_.up(kPeer), one(Kind::resume, 0, kPeer));
  session_.resume(kOwn, 0, 5);
  EXPECT_FALSE(session_.peer_is_new());
  EXPECT_EQ(session_.cursor(), 0u);
}

TEST_F(SessionTest, ARestartedPeerIsTaughtFromTheStart) {
  bring_live();
  session_.sent(3);
  session_.update(9, 0);
  session_.down();
  EXPECT_EQ(session_.up(kPeer + 1), one(Kind::resume)) << "nothing is known of its new life";
  session_.resume(0, 0, 3);
  EXPECT_TRUE(session_.peer_is_new());
}

TEST_F(SessionTest, APeerThatKnewOurFormerLifeIsTaughtFromTheStart) {
  session_.up(kPeer);
  session_.resume(kOwn - 1, 50, 60);
  EXPECT_TRUE(session_.peer_is_new());
}

TEST_F(SessionTest, APeerThatClaimsTheFutureIsTaughtFromTheStart) {
  session_.up(kPeer);
  session_.resume(kOwn, 61, 60);
  EXPECT_TRUE(session_.peer_is_new());
}

TEST_F(SessionTest, AcknowledgesWhenIdleAndInBetween) {
  bring_live();
  EXPECT_TRUE(session_.idle().empty());
  EXPECT_EQ(session_.update(2, 0), one(Kind::accept, 2));
  EXPECT_EQ(session_.update(5, 2), one(Kind::accept, 5));
  EXPECT_EQ(session_.idle(), one(Kind::ack, 5));
  EXPECT_TRUE(session_.idle().empty());
  uint64_t acks = 0;
  for (uint64_t i = 6; i < 6 + 2 * Session::kAckEvery; ++i)
    for (const auto& action : session_.update(i, i - 1)) acks += action.kind == Kind::ack;
  EXPECT_EQ(acks, 2u);
}

TEST_F(SessionTest, AGapAsksOnceToGoBack) {
  bring_live();
  session_.update(2, 0);
  EXPECT_EQ(session_.update(7, 5), one(Kind::resync, 2));
  EXPECT_TRUE(session_.update(8, 7).empty()) << "asked already";
  EXPECT_EQ(session_.update(5, 2), one(Kind::accept, 5));
  EXPECT_EQ(session_.update(9, 8), one(Kind::resync, 5)) << "another gap";
}

TEST_F(SessionTest, GoesBackWhenAsked) {
  bring_live();
  session_.sent(1);
  session_.sent(4);
  session_.resync(1);
  EXPECT_EQ(session_.cursor(), 1u);
  EXPECT_EQ(session_.sent(4), 1u);
}

TEST_F(SessionTest, ABeginningIsABeginning) {
  bring_live();
  session_.update(9, 0);
  EXPECT_EQ(session_.update(2, 0), one(Kind::accept, 2));
  EXPECT_EQ(session_.update(3, 2), one(Kind::accept, 3));
}

TEST_F(SessionTest, NonsenseCloses) {
  bring_live();
  EXPECT_EQ(session_.resume(0, 0, 0).at(0).kind, Kind::close);
  EXPECT_EQ(session_.update(2, 2).at(0).kind, Kind::close);
  EXPECT_EQ(session_.ack(5).at(0).kind, Kind::close);
  EXPECT_EQ(session_.resync(5).at(0).kind, Kind::close);
}

TEST_F(SessionTest, LateMessagesOfAnEndedLinkDoNothing) {
  EXPECT_TRUE(session_.update(2, 0).empty());
  EXPECT_TRUE(session_.ack(2).empty());
  EXPECT_TRUE(session_.resync(2).empty());
  EXPECT_TRUE(session_.idle().empty());
}

}  // namespace
}  // namespace replica
