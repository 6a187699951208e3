#include "tests/lbd/check/plan_fixture.h"

namespace lbd::check {
namespace {

// Results are those of HAProxy 2.6.12 with the same lines and answers.
class TcpSequenceTest : public PlanTest {
 protected:
  TcpSequenceTest() { option("tcp-check"); }
  void steps(std::initializer_list<const char*> lines) {
    proxy_.check.steps.clear();
    for (const char* line : lines) step(std::string("tcp-check ") + line);
  }
};

TEST_F(TcpSequenceTest, NoStepsIsAConnect) {
  begin();
  EXPECT_EQ(result(), "L4OK");
}

TEST_F(TcpSequenceTest, SendAlone) {
  steps({"send PING"});
  EXPECT_EQ(begin(), "PING");
  EXPECT_EQ(result(), "L7OK (tcp-check)");
}

TEST_F(TcpSequenceTest, SendAndExpect) {
  steps({"send PING", "expect string +PONG"});
  EXPECT_EQ(begin(), "PING");
  receive("+PO");
  EXPECT_TRUE(waits());
  EXPECT_EQ(text(dialogue_->timed_out()), "L7TOUT  at step 2 of tcp-check (expect string '+PONG')");
  receive("+PONG\r\n");
  EXPECT_EQ(result(), "L7OK (tcp-check)");
  EXPECT_EQ(answer("-ERR"), "L7RSP TCPCHK did not match content '+PONG' at step 2");
  EXPECT_EQ(answer(""), "L7RSP TCPCHK got an empty response at step 2");
}

TEST_F(TcpSequenceTest, Comments) {
  steps({"connect comment hello", "send PING comment ping", "expect comment pong rstring ^\\+PONG"});
  EXPECT_EQ(answer(""), "L7RSP TCPCHK got an empty response at step 3 comment: 'pong'");
  EXPECT_EQ(answer("-ERR"), "L7RSP TCPCHK did not match content (regex) at step 3 comment: pong");
  begin();
  EXPECT_EQ(text(dialogue_->timed_out()), "L7TOUT  at step 3 of tcp-check (expect regex) comment: 'pong'");
  steps({"connect", "comment hello", "send PING", "comment again", "expect string x"});
  EXPECT_EQ(answer(""), "L7RSP TCPCHK got an empty response at step 5 comment: 'again'");
  steps({"comment hello", "send PING", "expect string x"});
  EXPECT_EQ(answer(""), "L7RSP TCPCHK got an empty response at step 3");
}

TEST_F(TcpSequenceTest, WhereAConnectFails) {
  steps({"send x"});
  begin();
  EXPECT_EQ(talking_plan().begin(*server_, {})->where(), " at initial connection step of tcp-check");
  steps({"connect comment hi", "send x"});
  begin();
  EXPECT_EQ(talking_plan().begin(*server_, {})->where(), " at step 1 of tcp-check (connect) comment: 'hi'");
}

TEST_F(TcpSequenceTest, Binary) {
  steps({"send-binary 50494e470d0a", "expect binary 2b504f4e47"});
  EXPECT_EQ(begin(), "PING\r\n");
  EXPECT_EQ(answer("+PONG"), "L7OK (tcp-check)");
  EXPECT_EQ(answer("-ERR.."), "L7RSP TCPCHK did not match content (binary) at step 2");
  steps({"send a", "expect rbinary ^7879"});
  EXPECT_EQ(answer("xyz"), "L7OK (tcp-check)");
  EXPECT_EQ(answer("abc"), "L7RSP TCPCHK did not match content (binary regex) at step 2");
}

TEST_F(TcpSequenceTest, Negation) {
  steps({"send a", "expect ! string y comment foo"});
  EXPECT_EQ(answer("abc"), "L7OK (tcp-check)");
  EXPECT_EQ(answer("xyz"), "L7RSP TCPCHK matched unwanted content 'y' at step 2 comment: foo");
}

TEST_F(TcpSequenceTest, WhatASendAsksForComesAfterIt) {
  steps({"expect string A", "expect string B", "send q", "expect string A"});
  EXPECT_EQ(begin(), "");
  EXPECT_EQ(receive("AB"), "q");
  EXPECT_TRUE(waits());
  receive("ABA");
  EXPECT_EQ(result(), "L7OK (tcp-check)");
}

TEST_F(TcpSequenceTest, StatusesAndTextsOfARule) {
  steps({"send a", "expect string A error-status L7STS on-error bad_thing on-success good"});
  EXPECT_EQ(answer("A"), "L7OK good");
  EXPECT_EQ(answer("-ERR"), "L7STS bad thing");
  EXPECT_EQ(answer(""), "L7STS TCPCHK got an empty response at step 2");
}

TEST_F(TcpSequenceTest, SeveralConnections) {
  steps({"connect port 25", "expect string 220", "connect port 80", "send GET", "expect string HTTP"});
  begin();
  EXPECT_EQ(dialogue_->target().port, 25);
  receive("220 ready");
  ASSERT_EQ(progress_.kind, Progress::Kind::connect);
  EXPECT_EQ(progress_.target.port, 80);
  EXPECT_EQ(dialogue_->where(), " at step 3 of tcp-check (connect)");
  EXPECT_EQ(connected(), "GET");
  receive("HTTP/1.0 200 OK");
  EXPECT_EQ(result(), "L7OK (tcp-check)");
}

TEST_F(TcpSequenceTest, Expressions) {
  steps({"set-var(check.port) int(8080)", "connect port var(check.port)", "send-lf %s:%[var(check.port)]",
         "expect string a", "set-var-fmt(check.seen) <%[res.payload(0,2)]>", "unset-var(check.port)",
         "expect string-lf %[str(b)] on-success %[var(check.seen)]%[var(check.port)] status-code res.len"});
  EXPECT_EQ(begin(), "s1:8080");
  EXPECT_EQ(talking_plan().begin(*server_, {})->target().port, 8080);
  EXPECT_TRUE(plan_->names_port());
  receive("xa");
  EXPECT_TRUE(waits());
  receive("xab");
  EXPECT_EQ(result(), "L7OK 3 <xa>");
  EXPECT_EQ(answer("xay"), "L7RSP TCPCHK did not match content (log-format string) at step 7");
  steps({"expect string-lf %[var(check.none)]"});
  EXPECT_EQ(answer("x"), "L7RSP log-format string evaluated to an empty string");
  steps({"send a", "send-binary-lf 0"});
  EXPECT_EQ(begin(), "");
  EXPECT_EQ(result(), "L7RSP tcp-check send : failed to build log-format string at step 2");
}

TEST_F(TcpSequenceTest, ScopesThatChecksDoNotHaveAreWarnedOf) {
  steps({"set-var(txn.a) int(1)", "send-lf %[var(txn.a)]x"});
  EXPECT_EQ(begin(), "x");
  EXPECT_TRUE(diagnostics_.has_warnings());
}

TEST_F(TcpSequenceTest, MistakesAreReported) {
  for (std::initializer_list<const char*> wrong :
       std::initializer_list<std::initializer_list<const char*>>{{"send"},
                                                                 {"send-binary 5zz"},
                                                                 {"send a b"},
                                                                 {"expect"},
                                                                 {"expect status 200"},
                                                                 {"send a", "connect"},
                                                                 {"set-var(x) int(1)"},
                                                                 {"send-lf %[nothing]"},
                                                                 {"connect port nothing"},
                                                                 {"expect status-code int(1)"},
                                                                 {"comment"}}) {
    diagnostics_ = {};
    steps(wrong);
    EXPECT_NE(errors(), "") << *wrong.begin();
  }
}

}  // namespace
}  // namespace lbd::check
