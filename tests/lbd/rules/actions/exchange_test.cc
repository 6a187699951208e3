// Actions that change what is known of an exchange: addresses, captures, priorities, timeouts, waiting, hints, modes.
#include "tests/lbd/rules/fixture.h"

namespace lbd::rules {
namespace {

class ExchangeTest : public RulesTest {
 protected:
  ExchangeTest() {
    request("GET /dir/page HTTP/1.1\r\nX-Ip: 192.0.2.7\r\nX-Port: 4000\r\nX-Bad: none\r\n\r\n");
    response("HTTP/1.1 200 OK\r\nServer: o\r\n\r\n");
  }
  std::string captured(const std::string& lines) {
    const ProxyRules& made = rules(lines);
    t_->request_captures = t_->response_captures = {};
    made.open_captures(*t_);
    run(made.tcp_content);
    run(made.http_request);
    run(made.http_response);
    run(made.http_after_response);
    std::string out;
    for (std::string_view slot : t_->request_captures) out += "[" + std::string(slot) + "]";
    for (std::string_view slot : t_->response_captures) out += "(" + std::string(slot) + ")";
    return out;
  }
};

TEST_F(ExchangeTest, Addresses) {
  http_request(" http-request set-src hdr(x-ip)\n http-request set-src-port hdr(x-port)");
  EXPECT_EQ(t_->src.to_string(), "192.0.2.7:4000");
  http_request(" http-request set-src hdr(x-bad)");
  EXPECT_EQ(t_->src.to_string(), "192.0.2.7:4000");
  http_request(" http-request set-dst str(2001:db8::1)\n http-request set-dst-port int(5)");
  EXPECT_EQ(t_->dst.port, 5);
  EXPECT_FALSE(t_->dst.ip.is_v4());
  t_->src = {};
  http_request(" http-request set-src-port int(5)");
  EXPECT_EQ(t_->src.to_string(), "0.0.0.0:5");
  EXPECT_EQ(session_.src.port, 1234);
}

TEST_F(ExchangeTest, Captures) {
  EXPECT_EQ(captured(" http-request capture path len 4\n http-request capture method len 9"), "[/dir][GET]");
  EXPECT_EQ(captured(" declare capture request len 6\n http-request capture path id 0"), "[/dir/p]");
  EXPECT_EQ(captured(" http-request capture path id 0\n declare capture request len 2"), "[/d]");
  EXPECT_EQ(captured(" http-request capture hdr(none) len 4"), "[]");
  EXPECT_EQ(captured(" declare capture response len 6\n http-response capture res.hdr(server) id 0"), "(o)");
  EXPECT_EQ(captured(" declare capture response len 6\n http-after-response capture int(12) id 0"), "(12)");
  EXPECT_EQ(captured(" tcp-request content capture src len 20"), "[192.0.2.1]");
  EXPECT_EQ(complaint_about(" http-request capture path id 0"), "there is no capture slot 0");
  EXPECT_EQ(complaint_about(" http-request capture path"), "'capture' needs 'len' or 'id' behind the expression");
}

TEST_F(ExchangeTest, Priorities) {
  http_request(" http-request set-priority-class int(5)\n http-request set-priority-offset int(-7)");
  EXPECT_EQ(t_->priority_class, 5);
  EXPECT_EQ(t_->priority_offset, -7);
  http_request(" http-request set-priority-class int(-5000)\n http-request set-priority-offset int(900000)");
  EXPECT_EQ(t_->priority_class, -2047);
  EXPECT_EQ(t_->priority_offset, 524287);
  EXPECT_EQ(http_request(" http-request set-nice 5"), Verdict::next);
  EXPECT_TRUE(section_.says("take turns evenly"));
}

TEST_F(ExchangeTest, Timeouts) {
  http_request(
      " http-request set-timeout server 2s\n http-request set-timeout tunnel hdr(x-port)\n"
      " http-request set-timeout client 700");
  EXPECT_EQ(t_->timeout_server, base::Millis(2000));
  EXPECT_EQ(t_->timeout_tunnel, base::Millis(4000));
  EXPECT_EQ(t_->timeout_client, base::Millis(700));
  http_request(" http-request set-timeout server hdr(x-bad)\n http-request disable-l7-retry");
  EXPECT_EQ(t_->timeout_server, base::Millis(2000));
  EXPECT_FALSE(t_->may_retry);
  EXPECT_EQ(complaint_about(" http-request set-timeout server 0"), "a time of 0 has no meaning here");
  EXPECT_EQ(http_request(" http-request wait-for-handshake"), Verdict::next);
}

TEST_F(ExchangeTest, Waiting) {
  const ProxyRules& made = rules(" http-request pause 100ms\n http-request set-var(txn.a) int(1)");
  size_t at = 0;
  EXPECT_EQ(evaluate(made.http_request, *t_, outcome_, at), Verdict::wait);
  EXPECT_EQ(t_->rule_waits_until, t_->now + base::Millis(100));
  EXPECT_EQ(evaluate(made.http_request, *t_, outcome_, at), Verdict::wait);
  t_->now += base::Millis(100);
  EXPECT_EQ(evaluate(made.http_request, *t_, outcome_, at), Verdict::next);
  EXPECT_EQ(t_->rule_waits_until, base::kNever);
  EXPECT_EQ(var("txn.a"), "int 1");
  EXPECT_EQ(http_request(" http-request pause hdr(x-bad)"), Verdict::next);

  const std::string wait = " http-request wait-for-body time 1s at-least 4";
  t_->payload = "abc";
  EXPECT_EQ(http_request(wait), Verdict::wait);
  t_->payload = "abcd";
  EXPECT_EQ(http_request(wait), Verdict::next);
  EXPECT_EQ(http_request(" http-request wait-for-body time 1s"), Verdict::wait);
  t_->body_whole = true;
  EXPECT_EQ(http_request(" http-request wait-for-body time 1s"), Verdict::next);
  EXPECT_EQ(complaint_about(" http-request wait-for-body at-least 4"), "'wait-for-body' needs 'time TIME'");
}

TEST_F(ExchangeTest, PacketsAndHints) {
  // Without a socket there is nothing to mark.
  EXPECT_EQ(http_request(" http-request set-mark 0x10\n http-request set-tos 16\n http-request set-fc-mark int(1)\n"
                         " http-request set-fc-tos 3\n http-request set-bc-mark 0x20\n http-request set-bc-tos int(8)"),
            Verdict::next);
  EXPECT_EQ(t_->server_mark, 32u);
  EXPECT_EQ(t_->server_tos, 8u);
  EXPECT_EQ(complaint_about(" http-request set-tos 256"), "a number up to 255 is expected");
  http_request(" http-request early-hint Link </a>\n http-request early-hint Link <%[path]>");
  ASSERT_TRUE(outcome_.hints);
  EXPECT_EQ(fields(*outcome_.hints), "link: </a>\nlink: </dir/page>\n");
}

TEST_F(ExchangeTest, StrictMode) {
  // What a substitution cannot mean is known only when it runs.
  request("GET / HTTP/1.1\r\nX-One: 1\r\nX-Sub: \\xzz\r\n\r\n");
  const std::string line = " http-request replace-path / %[hdr(x-sub)]";
  EXPECT_EQ(http_request(" http-request strict-mode off\n" + line), Verdict::next);
  EXPECT_TRUE(t_->strict_rewrites);
  EXPECT_EQ(http_request(" http-request strict-mode on\n" + line), Verdict::answer);
  EXPECT_TRUE(outcome_.failed_rewrite && outcome_.internal_error);
  EXPECT_EQ(outcome_.reply, nullptr);
}

TEST_F(ExchangeTest, Normalizers) {
  request("GET http://h/a//b/../%61?b&a HTTP/1.1\r\n\r\n");
  const std::string permitted = "global\n expose-experimental-directives\n";
  run(rules(" http-request normalize-uri path-merge-slashes\n http-request normalize-uri path-strip-dotdot full\n"
            " http-request normalize-uri percent-decode-unreserved strict\n"
            " http-request normalize-uri query-sort-by-name",
            permitted)
          .http_request);
  EXPECT_EQ(request_->head.target, "http://h/a/a?a&b");
  request("GET /%zz HTTP/1.1\r\n\r\n");
  EXPECT_EQ(run(rules(" http-request normalize-uri percent-to-uppercase strict", permitted).http_request),
            Verdict::answer);
  EXPECT_EQ(outcome_.reply->status, 400);
  EXPECT_EQ(complaint_about(" http-request normalize-uri x", permitted), "there is no normalizer 'x'");
  EXPECT_EQ(complaint_about(" http-request normalize-uri path-strip-dot"), "'normalize-uri' is experimental");
}

TEST_F(ExchangeTest, Ends) {
  EXPECT_EQ(http_request(" http-request silent-drop rst-ttl 3"), Verdict::silent_drop);
  EXPECT_EQ(outcome_.ttl, 3);
  EXPECT_EQ(run(rules(" tcp-response content close").tcp_response_content), Verdict::close_server);
  EXPECT_EQ(run(rules(" tcp-request connection expect-proxy layer4").tcp_connection), Verdict::next);
  EXPECT_EQ(session_.preface, expr::Preface::proxy);
  EXPECT_EQ(complaint_about(" http-request use-service nonsense"), "there is no service 'nonsense'");
  EXPECT_EQ(complaint_about(" tcp-request connection expect-proxy"), "'expect-proxy' needs 'layer4'");
  EXPECT_EQ(run(rules(" tcp-request content switch-mode http").tcp_content), Verdict::accept);
  t_->request_line = {};
  EXPECT_EQ(run(rules(" tcp-request content switch-mode http proto h1").tcp_content), Verdict::switch_mode);
  EXPECT_EQ(complaint_about(" tcp-request content switch-mode tcp"), "'switch-mode' is followed by 'http'");
}

}  // namespace
}  // namespace lbd::rules
