#include "tests/lbd/check/plan_fixture.h"

namespace lbd::check {
namespace {

// Requests and results are those of HAProxy 2.6.12 with the same lines and answers.
using HttpTest = PlanTest;

constexpr const char* kOk = "HTTP/1.0 200 OK\r\n\r\nhello";

TEST_F(HttpTest, RequestOfTheOptionLine) {
  option("httpchk");
  EXPECT_EQ(begin(), "OPTIONS / HTTP/1.0\r\n\r\n");
  option("httpchk", "/foo");
  EXPECT_EQ(begin(), "OPTIONS /foo HTTP/1.0\r\n\r\n");
  option("httpchk", "HEAD /foo");
  EXPECT_EQ(begin(), "HEAD /foo HTTP/1.0\r\n\r\n");
  option("httpchk", "HEAD /foo HTTP/1.1");
  EXPECT_EQ(begin(), "HEAD /foo HTTP/1.1\r\nconnection: close\r\n\r\n");
  EXPECT_FALSE(diagnostics_.has_warnings());
  proxy_.check.arguments = {{"GET", {}}, {"/x", {}}, {"HTTP/1.1\r\nHost: foo", {}}};
  EXPECT_EQ(begin(), "GET /x HTTP/1.1\r\nhost: foo\r\nconnection: close\r\n\r\n");
  EXPECT_TRUE(diagnostics_.has_warnings());
}

TEST_F(HttpTest, SendLinesAddToTheRequest) {
  option("httpchk", "GET /foo");
  step("http-check send hdr Host www");
  EXPECT_EQ(begin(), "GET /foo HTTP/1.0\r\nhost: www\r\n\r\n");
  proxy_.check.steps.clear();
  step("http-check send meth POST uri /a ver HTTP/1.1 hdr Host www hdr X-Y z body hello");
  EXPECT_EQ(begin(), "POST /a HTTP/1.1\r\nhost: www\r\nx-y: z\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello");
}

TEST_F(HttpTest, SendState) {
  option("httpchk", "HEAD /foo HTTP/1.1");
  step("http-check send-state");
  compile();
  begin();
  server_->health.health = 2;
  EXPECT_EQ(begin(),
            "HEAD /foo HTTP/1.1\r\nx-haproxy-server-state: UP 1/3; address=127.0.0.1; port=80; name=b/s1; node=node; "
            "weight=1/1; scur=0/0; qcur=0\r\nconnection: close\r\n\r\n");
}

TEST_F(HttpTest, TwoAndThreeHundredsAreGood) {
  option("httpchk");
  EXPECT_EQ(answer(kOk), "L7OK 200");
  EXPECT_EQ(answer("HTTP/1.1 302 Found\r\nLocation: x\r\n\r\n"), "L7OK 302");
  EXPECT_EQ(answer("HTTP/1.0 503 Service Unavailable\r\n\r\nx"), "L7STS 503 Service Unavailable");
  EXPECT_EQ(answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"), "L7OK 200");  // cut, but the head says it
  EXPECT_EQ(answer("garbage\r\n\r\n"), "L7RSP");
  EXPECT_EQ(answer(""), "L7RSP");
  EXPECT_EQ(answer("HTTP/1.1 200 OK\r\n"), "L7RSP");
}

TEST_F(HttpTest, WaitsForTheWholeHead) {
  option("httpchk");
  begin();
  receive("HTTP/1.1 200 O");
  EXPECT_TRUE(waits());
  receive("HTTP/1.1 200 OK\r\nA: b\r\n");
  EXPECT_TRUE(waits());
  receive("HTTP/1.1 200 OK\r\nA: b\r\n\r\n");
  EXPECT_EQ(result(), "L7OK 200");
  EXPECT_EQ(text(dialogue_->timed_out()), "L7TOUT");
}

TEST_F(HttpTest, DisableOn404GoesFirst) {
  option("httpchk");
  step("http-check disable-on-404");
  step("http-check expect status 200");
  EXPECT_EQ(answer("HTTP/1.0 404 Not Found\r\n\r\nx"), "L7OKC 404");
  EXPECT_EQ(answer("HTTP/1.0 500 X\r\n\r\nx"), "L7STS 500 X");
}

TEST_F(HttpTest, ExpectStatus) {
  option("httpchk");
  step("http-check expect status 200-299,404");
  EXPECT_EQ(answer("HTTP/1.0 204 No Content\r\n\r\n"), "L7OK 204");
  EXPECT_EQ(answer("HTTP/1.0 404 X\r\n\r\n"), "L7OK 404");
  EXPECT_EQ(answer("HTTP/1.0 302 Found\r\n\r\n"), "L7STS 302 Found");
  proxy_.check.steps.clear();
  step("http-check expect rstatus ^2[0-9]{2}");
  EXPECT_EQ(answer(kOk), "L7OK 200");
  EXPECT_EQ(answer("HTTP/1.0 302 Found\r\n\r\n"), "L7STS 302 Found");
  proxy_.check.steps.clear();
  step("http-check expect ! rstatus ^5");
  EXPECT_EQ(answer("HTTP/1.0 404 X\r\n\r\n"), "L7OK 404");
  EXPECT_EQ(answer("HTTP/1.0 500 X\r\n\r\n"), "L7STS 500 X");
}

TEST_F(HttpTest, ExpectBody) {
  option("httpchk");
  step("http-check expect string hello");
  EXPECT_EQ(answer("HTTP/1.0 503 X\r\n\r\nsay hello there"), "L7OK 503");
  EXPECT_EQ(answer("HTTP/1.0 200 OK\r\n\r\nno"), "L7RSP HTTP content check did not match");
  EXPECT_EQ(answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"),
            "L7OK 200");
  begin();
  receive("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhell");
  EXPECT_TRUE(waits());
  receive("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello");  // no need to wait for the rest
  EXPECT_EQ(result(), "L7OK 200");
  begin();
  receive("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnope");  // nothing else comes
  EXPECT_EQ(result(), "L7RSP HTTP content check did not match");
  proxy_.check.steps.clear();
  step("http-check expect ! string bad");
  EXPECT_EQ(answer("HTTP/1.0 200 OK\r\n\r\nok"), "L7OK 200");
  EXPECT_EQ(answer("HTTP/1.0 200 OK\r\n\r\nbad"), "L7RSP HTTP check matched unwanted content");
  proxy_.check.steps.clear();
  step("http-check expect rstring ^up");
  EXPECT_EQ(answer("HTTP/1.0 200 OK\r\n\r\nup"), "L7OK 200");
  EXPECT_EQ(answer(kOk), "L7RSP HTTP content check did not match");
}

TEST_F(HttpTest, ExpectHeader) {
  option("httpchk");
  step("http-check expect hdr name X-Foo value bar comment hey");
  EXPECT_EQ(answer(kOk), "L7STS 200 OK comment: hey");
  EXPECT_EQ(answer("HTTP/1.0 200 OK\r\nx-foo: a, bar\r\n\r\n"), "L7OK 200");
  proxy_.check.steps.clear();
  step("http-check expect fhdr name -m beg x- value -m reg ^a,");
  EXPECT_EQ(answer("HTTP/1.0 200 OK\r\nX-Foo: a, bar\r\n\r\n"), "L7OK 200");
  EXPECT_EQ(answer("HTTP/1.0 200 OK\r\nY-Foo: a, bar\r\n\r\n"), "L7STS 200 OK");
  proxy_.check.steps.clear();
  step("http-check expect ! fhdr name x-foo");
  EXPECT_EQ(answer(kOk), "L7OK 200");
}

TEST_F(HttpTest, StatusesAndTextsOfARule) {
  option("httpchk");
  step("http-check expect status 500 error-status L7OKC on-error bad tout-status L4TOUT");
  EXPECT_EQ(answer(kOk), "L7OKC 200 bad");
  begin();
  EXPECT_EQ(text(dialogue_->timed_out()), "L4TOUT");
  proxy_.check.steps.clear();
  step("http-check expect on-success good_100%% status 200 ok-status L6OK");
  EXPECT_EQ(answer(kOk), "L6OK 200 good 100%");
}

TEST_F(HttpTest, SequencesConnectAgain) {
  option("httpchk");
  step("http-check connect port 8080");
  step("http-check send meth GET uri /a");
  step("http-check expect status 200");
  step("http-check connect addr 127.0.0.9 send-proxy");
  step("http-check send meth GET uri /b");
  step("http-check expect string hello");
  EXPECT_EQ(begin(), "GET /a HTTP/1.0\r\n\r\n");
  EXPECT_EQ(dialogue_->target().port, 8080);
  receive("HTTP/1.0 200 OK\r\n\r\n");
  ASSERT_EQ(progress_.kind, Progress::Kind::connect);
  EXPECT_EQ(progress_.target.ip->to_string(), "127.0.0.9");
  EXPECT_TRUE(progress_.target.send_proxy);
  EXPECT_EQ(connected(), "GET /b HTTP/1.0\r\n\r\n");
  receive(kOk);
  EXPECT_EQ(result(), "L7OK 200");
}

TEST_F(HttpTest, MistakesAreReported) {
  auto error_of = [&](const std::string& line) {
    diagnostics_ = {};
    proxy_.check.steps.clear();
    step(line);
    return errors();
  };
  option("httpchk");
  EXPECT_NE(error_of("http-check expect"), "");
  EXPECT_NE(error_of("http-check expect nothing"), "");
  EXPECT_NE(error_of("http-check expect status 2xx"), "");
  EXPECT_NE(error_of("http-check expect status 300-200"), "");
  EXPECT_NE(error_of("http-check expect rstatus ("), "");
  EXPECT_NE(error_of("http-check expect status 200 more"), "");
  EXPECT_NE(error_of("http-check expect ok-status L7RSP status 200"), "");
  EXPECT_NE(error_of("http-check expect hdr x"), "");
  EXPECT_NE(error_of("http-check send foo"), "");
  EXPECT_NE(error_of("http-check send hdr Host %[nothing]"), "");
  EXPECT_NE(error_of("http-check send hdr Host"), "");
  EXPECT_NE(error_of("http-check connect port x"), "");
  EXPECT_NE(error_of("http-check connect addr x"), "");
  EXPECT_NE(error_of("http-check set-var(check.x)"), "");
  EXPECT_NE(error_of("http-check set-var(x) int(1)"), "");
  EXPECT_NE(error_of("http-check expect hdr name-lf -m reg x"), "");
  proxy_.check.steps.clear();
  option("httpchk", "GET / HTTP/1.1 more");
  EXPECT_NE(errors(), "");
}

TEST_F(HttpTest, Expressions) {
  option("httpchk", "GET /");
  step("http-check set-var(check.a) str(aa)");
  step("http-check send uri-lf /%[var(check.a)] hdr X %s hdr Y %[var(check.none)] body-lf %b");
  step("http-check expect status 200");
  step("http-check set-var(check.b) res.hdr(x-n)");
  step(
      "http-check expect hdr name-lf X-%[str(N)] value-lf %[var(check.b)] status-code var(check.b) on-success "
      "%[res.body]");
  EXPECT_EQ(begin(), "GET /aa HTTP/1.0\r\nx: s1\r\ncontent-length: 1\r\n\r\nb");
  receive("HTTP/1.1 200 OK\r\nX-N: 17\r\nContent-Length: 2\r\n\r\nhi");
  EXPECT_EQ(result(), "L7OK 17 hi");
}

TEST_F(HttpTest, StepsFollowOneAnother) {
  auto refused = [&](std::initializer_list<const char*> lines) {
    proxy_.check.steps.clear();
    diagnostics_ = {};
    option("httpchk");
    for (const char* line : lines) step(std::string("http-check ") + line);
    return !compile();
  };
  EXPECT_TRUE(refused({"send", "send"}));
  EXPECT_TRUE(refused({"expect status 200", "send"}));
  EXPECT_TRUE(refused({"expect status 200", "connect"}));
  EXPECT_TRUE(refused({"connect", "connect"}));
  EXPECT_TRUE(refused({"connect", "expect status 200"}));
  EXPECT_TRUE(refused({"connect", "send", "expect status 200", "send"}));
  EXPECT_FALSE(refused({"set-var(check.a) int(1)", "connect", "send", "expect status 200", "connect", "send"}));
  EXPECT_FALSE(refused({"expect status 200", "expect status 200"}));
}

TEST_F(HttpTest, ACheckedServerNeedsAPort) {
  proxy_.backend = true;
  option("httpchk");
  auto& server = proxy_.servers.emplace_back(std::make_unique<config::Server>());
  server->check.enabled = true;
  server->address = base::SockAddr(base::IpPort{base::IpAddr::v4(0x7f000001), 0});
  check::check(config_, proxy_, diagnostics_);
  EXPECT_TRUE(diagnostics_.has_errors());
  diagnostics_ = {};
  step("http-check connect port 80");
  check::check(config_, proxy_, diagnostics_);
  EXPECT_FALSE(diagnostics_.has_errors());
  option("nosuch-check");
  check::check(config_, proxy_, diagnostics_);
  EXPECT_TRUE(diagnostics_.has_errors());
}

}  // namespace
}  // namespace lbd::check
