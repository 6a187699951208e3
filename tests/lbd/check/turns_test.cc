#include "lbd/check/turns.h"

#include "tests/lbd/check/plan_fixture.h"

namespace lbd::check {
namespace {

// Each answer in tests/peers/server_checks_cases.py is compared with HAProxy's check; here is what the parts promise.
class TurnsTest : public PlanTest {};

TEST_F(TurnsTest, AQuestionMakesWhatCameBeforeItOld) {
  option("smtpchk", "EHLO a.example");
  EXPECT_EQ(begin(), "");
  EXPECT_EQ(receive("220 hi\r\n250 early\r\n"), "EHLO a.example\r\n");
  EXPECT_TRUE(waits());
  EXPECT_EQ(receive("220 hi\r\n250 early\r\n250-a\r\n"), "");
  EXPECT_EQ(receive("220 hi\r\n250 early\r\n250-a\r\n250 b\r\n"), "QUIT\r\n");
  receive("220 hi\r\n250 early\r\n250-a\r\n250 b\r\n221 bye\r\n");
  EXPECT_EQ(result(), "L7OK 221 bye");
}

TEST_F(TurnsTest, TheEndIsTheAnswerToTheLastQuestion) {
  option("smtpchk");
  begin();
  EXPECT_EQ(receive("220 hi\r\n"), "HELO localhost\r\n");
  receive("220 hi\r\n", true);
  EXPECT_EQ(result(), "L7STS TCPCHK got an empty response at step 5");
  option("mysql-check");
  EXPECT_EQ(answer(""), "L7RSP TCPCHK got an empty response at step 2");
}

TEST_F(TurnsTest, AnEndThatLeavesItOpenIsInvalid) {
  option("ldap-check");
  EXPECT_EQ(answer("\x30\x0c"), "L7RSP");
  option("mysql-check");
  EXPECT_EQ(answer(std::string_view("\5\0\0\0\xff", 5)), "L7RSP");
}

// HAProxy 2.6 does not survive this one.
TEST_F(TurnsTest, AnAgentRefusesForAReasonThatNobodyKnows) {
  option("spop-check");
  for (const char code : {14, 98})
    EXPECT_EQ(answer(std::string("\0\0\0\x1f\x66\0\0\0\1\0\0\x0bstatus-code\x03", 24) + code +
                     std::string("\7message\x08\0", 10)),
              "L7RSP an unknown error occurred");
}

TEST_F(TurnsTest, Timeouts) {
  option("redis-check");
  begin();
  EXPECT_EQ(text(dialogue_->timed_out()), "L7TOUT");
  option("ssl-hello-chk");
  begin();
  EXPECT_EQ(text(dialogue_->timed_out()), "L6TOUT");
}

TEST_F(TurnsTest, HowTheyLeave) {
  option("redis-check");
  begin();
  EXPECT_FALSE(dialogue_->target().gentle);
  option("pgsql-check", "user bob");
  begin();
  EXPECT_TRUE(dialogue_->target().gentle);
}

TEST_F(TurnsTest, DetailsAreOneLineAndShort) {
  option("redis-check");
  EXPECT_EQ(answer("-ERR a\r\nb"), "L7STS -ERR a");
  EXPECT_EQ(answer(std::string_view("-ERR\0b", 6)), "L7STS -ERR");
  EXPECT_EQ(answer(std::string(500, 'x')), "L7STS " + std::string(127, 'x'));
}

TEST_F(TurnsTest, LdapCodesAreNeverNegative) {
  option("ldap-check");
  EXPECT_EQ(answer(std::string_view("\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\xff\x04\x00\x04\x00", 14)),
            "L7STS 255 See RFC: http://tools.ietf.org/html/rfc4511#section-4.1.9");
}

TEST_F(TurnsTest, Mistakes) {
  option("mysql-check", "user");
  EXPECT_EQ(errors(), "'option mysql-check user' expects <username> as argument");
  diagnostics_ = {};
  option("redis-check", "x");
  EXPECT_EQ(errors(), "'option redis-check' cannot handle unexpected argument 'x'");
}

}  // namespace
}  // namespace lbd::check
