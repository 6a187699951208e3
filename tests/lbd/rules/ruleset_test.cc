#include "tests/lbd/rules/fixture.h"

namespace lbd::rules {
namespace {

class RuleSetTest : public RulesTest {
 protected:
  RuleSetTest() { request("GET /api?x=1 HTTP/1.1\r\nHost: a\r\nCookie: sid=abc; b=c\r\n\r\n"); }
};

TEST_F(RuleSetTest, InOrderUntilOneEnds) {
  EXPECT_EQ(
      http_request(" http-request set-header X 1\n http-request add-header X 2\n http-request set-header Y 3 if FALSE\n"
                   " http-request allow if { path /api }\n http-request set-header Z 4"),
      Verdict::accept);
  EXPECT_EQ(request_fields(), "host: a\ncookie: sid=abc; b=c\nx: 1\nx: 2\n");
  ASSERT_NE(t_->last_rule, nullptr);
  EXPECT_EQ(t_->last_rule->line, 13u);
  EXPECT_EQ(http_request(" http-request set-header Q 1"), Verdict::next);
  EXPECT_EQ(run(rules("").http_request), Verdict::next);
}

TEST_F(RuleSetTest, ARuleSeesWhatThoseBeforeDid) {
  http_request(
      " http-request set-var(txn.a) path\n http-request set-path /new%[var(txn.a)]\n"
      " http-request set-header X-Path %[path] if { path_beg /new }");
  EXPECT_EQ(request_fields(), "host: a\ncookie: sid=abc; b=c\nx-path: /new/api\n");
}

TEST_F(RuleSetTest, WaitsAndBeginsAnew) {
  const RuleSet& set = rules(
                           " tcp-request inspect-delay 1s\n tcp-request content set-var(txn.n) int(1)\n"
                           " tcp-request content accept if WAIT_END")
                           .tcp_content;
  t_->payload_final = false;
  Outcome outcome;
  size_t at = 0;
  EXPECT_EQ(evaluate(set, *t_, outcome, at), Verdict::wait);
  EXPECT_EQ(at, 0u);
  EXPECT_EQ(var("txn.n"), "int 1");
  t_->vars.unset(*expr::parse_var_name("txn.n"));
  EXPECT_EQ(evaluate(set, *t_, outcome, at), Verdict::wait);
  EXPECT_EQ(var("txn.n"), "int 1");  // done again: more may have come that it looks at
  t_->payload_final = true;
  EXPECT_EQ(evaluate(set, *t_, outcome, at), Verdict::accept);
}

TEST_F(RuleSetTest, ChoosesBackends) {
  auto chosen = [&](const std::string& lines) {
    const config::Proxy* found = rules(lines).choose_backend(*t_);
    return found ? found->name : std::string("none");
  };
  EXPECT_EQ(chosen(""), "l");
  EXPECT_EQ(chosen(" default_backend other"), "other");
  EXPECT_EQ(chosen(" use_backend other if { path /api }"), "other");
  EXPECT_EQ(chosen(" use_backend other unless { path /api }"), "l");
  EXPECT_EQ(chosen(" use_backend oth%[str(er)]"), "other");
  EXPECT_EQ(chosen(" use_backend %[path]"), "l");
  EXPECT_EQ(chosen(" use_backend %[path]\n use_backend other"), "other");
}

TEST_F(RuleSetTest, ChoosesServers) {
  const config::Server* server = rules(" use-server s2 if { path /api }\n use-server s1 if TRUE").choose_server(*t_);
  ASSERT_NE(server, nullptr);
  EXPECT_EQ(server->name, "s2");
  EXPECT_EQ(rules(" use-server s2 if FALSE").choose_server(*t_), nullptr);
}

TEST_F(RuleSetTest, MonitorFails) {
  EXPECT_TRUE(rules(" monitor fail if { path /api }").monitor_fails(*t_));
  EXPECT_FALSE(rules(" monitor fail if { path /no }").monitor_fails(*t_));
}

TEST_F(RuleSetTest, Captures) {
  response("HTTP/1.1 200 OK\r\nServer: one\r\nServer: twofold\r\nSet-Cookie: x=y; path=/\r\n\r\n");
  const ProxyRules& all = rules(
      " capture request header Host len 10\n capture request header None len 5\n"
      " capture response header server len 3\n capture cookie si len 6\n declare capture request len 4");
  all.capture_request(*t_);
  all.capture_response(*t_);
  ASSERT_EQ(t_->request_captures.size(), 3u);
  EXPECT_EQ(t_->request_captures[0], "a");
  EXPECT_EQ(t_->request_captures[1], "");
  ASSERT_EQ(t_->response_captures.size(), 1u);
  EXPECT_EQ(t_->response_captures[0], "two");
  EXPECT_EQ(t_->request_cookie, "sid=ab");
  EXPECT_EQ(t_->response_cookie, "");
}

// A rule that waits is asked again with each piece that comes: what it allocated before is given back.
TEST_F(RuleSetTest, WaitingRulesDoNotFillTheArena) {
  const ProxyRules& all = rules(
      " tcp-request content reject if { req.payload(0,0),lower,bytes(0,5000) -m str none }\n"
      " tcp-request content accept if { req.payload(0,0),set-var(txn.last),lower -m str none }");
  ASSERT_EQ(said_, "");
  std::string payload;
  const auto blocks = [&] { return arena_.mark().cursor; };
  const char* before = blocks();
  for (size_t at = 0; at < 2;) {
    payload += "Some bytes that came. ";
    t_->payload = payload;
    t_->payload_final = payload.size() > 3000;
    Verdict verdict = all.tcp_content.empty() ? Verdict::next : evaluate(all.tcp_content, *t_, outcome_, at);
    if (verdict != Verdict::wait) break;
    EXPECT_EQ(blocks(), before);
  }
  EXPECT_EQ(var("txn.last"), "bin " + payload);
}

}  // namespace
}  // namespace lbd::rules
