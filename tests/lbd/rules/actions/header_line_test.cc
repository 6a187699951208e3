// The old req* and rsp* lines.
#include "tests/lbd/rules/fixture.h"

namespace lbd::rules {
namespace {

class HeaderLineTest : public RulesTest {
 protected:
  HeaderLineTest() {
    request("GET /static/a.png HTTP/1.1\r\nHost: old.example\r\nUser-Agent: Bad/1.0\r\nETag: x\r\n\r\n");
    response("HTTP/1.1 500 Error\r\nServer: secret\r\nX-A: 1\r\n\r\n");
  }
  Verdict old(const std::string& line) {
    const ProxyRules& made = rules(" " + line);
    return run(line.starts_with("req") ? made.http_request : made.http_response);
  }
};

TEST_F(HeaderLineTest, Rewrite) {
  old(R"(reqrep ^([^\ :]*)\ /static/(.*) \1\ /\2)");
  EXPECT_EQ(request_->head.target, "/a.png");
  EXPECT_EQ(request_->head.method_text, "GET");
  old(R"(reqrep ^Host:\ old\.(.*) X-Host:\ new.\1)");
  EXPECT_EQ(request_->head.headers.find("x-host")->value, "new.example");
  EXPECT_EQ(request_->head.headers.find("host"), nullptr);
  old(R"(reqirep ^user-agent:\ bad.* nonsense)");
  EXPECT_TRUE(outcome_.failed_rewrite);
  old(R"(rsprep ^(HTTP/1..)\ 500(.*) \1\ 503\2)");
  EXPECT_EQ(response_->head.status, 503);
  EXPECT_EQ(response_->head.reason, "Error");
  old(R"(rspirep ^server:(.*) X-Was:\1)");
  EXPECT_EQ(response_->head.headers.find("x-was")->value, "secret");
}

TEST_F(HeaderLineTest, Delete) {
  old(R"(reqdel ^ETag:\ x)");
  EXPECT_EQ(request_fields(), "host: old.example\nuser-agent: Bad/1.0\n");
  old("reqidel bad");
  EXPECT_EQ(request_fields(), "host: old.example\n");
  old(R"(rspdel ^X-A:\ 1)");
  old(R"(rspidel SECRET)");
  EXPECT_EQ(fields(response_->head.headers), "");
}

TEST_F(HeaderLineTest, Ends) {
  EXPECT_EQ(old(R"(reqdeny ^GET\ /static)"), Verdict::answer);
  EXPECT_EQ(outcome_.reply->status, 403);
  EXPECT_TRUE(outcome_.denied);
  EXPECT_EQ(old("reqdeny ^POST"), Verdict::next);
  EXPECT_EQ(old("reqideny bad/1"), Verdict::answer);
  EXPECT_EQ(old("reqtarpit Bad"), Verdict::tarpit);
  EXPECT_EQ(old("reqitarpit BAD"), Verdict::tarpit);
  EXPECT_EQ(old("reqallow Bad"), Verdict::accept);
  EXPECT_EQ(old("reqiallow BAD if FALSE"), Verdict::next);
  EXPECT_EQ(old("rspdeny 500"), Verdict::answer);
  EXPECT_EQ(outcome_.reply->status, 502);
  EXPECT_EQ(old("rspideny SECRET"), Verdict::answer);
}

}  // namespace
}  // namespace lbd::rules
