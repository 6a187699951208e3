// auth, and stats auth: challenges, and who passes.
#include "tests/lbd/rules/fixture.h"

namespace lbd::rules {
namespace {

class AuthTest : public RulesTest {
 protected:
  // 401 with its challenge, or how the rules ended.
  std::string asked(const RuleSet& set) {
    Verdict verdict = run(set);
    if (verdict == Verdict::next) return "passes";
    if (verdict != Verdict::answer) return "other";
    const http::Header* field = outcome_.reply->headers.find("www-authenticate");
    if (!field) field = outcome_.reply->headers.find("proxy-authenticate");
    return std::to_string(outcome_.reply->status) + " " + std::string(field ? field->value : "");
  }
  void get(const std::string& field, const std::string& target = "/") {
    request("GET " + target + " HTTP/1.1\r\n" + field + "\r\n\r\n");
  }
};

TEST_F(AuthTest, AsksForAPassword) {
  get("Host: a");
  EXPECT_EQ(asked(rules(" http-request auth").http_request), "401 Basic realm=\"l\"");
  EXPECT_FALSE(outcome_.denied);
  EXPECT_EQ(asked(rules(" http-request auth realm Mine").http_request), "401 Basic realm=\"Mine\"");
  const std::string users = "userlist u\n user me insecure-password pw\n";
  const std::string line = " http-request auth unless { http_auth(u) }";
  EXPECT_EQ(asked(rules(line, users).http_request), "401 Basic realm=\"l\"");
  get("Authorization: Basic bWU6cHc=");
  EXPECT_EQ(asked(rules(line, users).http_request), "passes");
  EXPECT_EQ(complaint_about(" http-request auth realm"), "'auth' needs a realm");
}

TEST_F(AuthTest, OfStatistics) {
  get("Host: a");
  EXPECT_EQ(asked(rules(" stats auth me:pw").stats_http_request), "401 Basic realm=\"HAProxy Statistics\"");
  EXPECT_EQ(asked(rules(" stats realm Mine\n stats auth me:pw").stats_http_request), "401 Basic realm=\"Mine\"");
  EXPECT_EQ(asked(rules(" stats http-request auth").stats_http_request), "401 Basic realm=\"HAProxy Statistics\"");
  EXPECT_EQ(asked(rules(" stats http-request auth realm x").stats_http_request), "401 Basic realm=\"x\"");
  EXPECT_EQ(run(rules(" stats http-request allow\n stats auth me:pw").stats_http_request), Verdict::accept);
  get("Authorization: Basic bWU6cHc=");
  EXPECT_EQ(asked(rules(" stats auth other:pw\n stats auth me:pw").stats_http_request), "passes");
  get("Authorization: Basic bWU6cHg=");
  EXPECT_EQ(asked(rules(" stats auth me:pw").stats_http_request), "401 Basic realm=\"HAProxy Statistics\"");
  EXPECT_EQ(complaint_about(" stats http-request redirect location /"), "'redirect' cannot stand in stats");
}

}  // namespace
}  // namespace lbd::rules
