#include "tests/lbd/rules/fixture.h"

namespace lbd::rules {
namespace {

class CompileTest : public RulesTest {};

TEST_F(CompileTest, ErrorsOfActions) {
  EXPECT_EQ(complaint_about(" http-request dney"), "unknown action 'dney' in http-request");
  EXPECT_TRUE(section_.says("did you mean 'deny'?"));
  EXPECT_EQ(complaint_about(" http-response set-path /a"), "'set-path' cannot stand in http-response");
  EXPECT_EQ(complaint_about(" http-request set-header X"), "'set-header' needs a value");
  EXPECT_EQ(complaint_about(" http-request set-header"), "'set-header' needs the name of a header field");
  EXPECT_EQ(complaint_about(" http-request set-path /a b"), "too many words for 'set-path'");
  EXPECT_EQ(complaint_about(" http-request deny status 99"), "a status is a number from 200 to 599");
  EXPECT_EQ(complaint_about(" http-request deny nothing"), "'nothing' is not a word of 'deny'");
  EXPECT_EQ(complaint_about(" http-request replace-path ( x").substr(0, 9), "regex '('");
  EXPECT_EQ(complaint_about(" http-request set-var(x) str(a)"), "'x' is not the name of a variable");
  EXPECT_EQ(complaint_about(" http-request set-var(check.x) str(a)"), "none");
  EXPECT_TRUE(section_.says("'check.x' will never be set: there is no such scope here"));
  EXPECT_EQ(complaint_about(" http-request redirect code 300 location /"),
            "a redirect has code 301, 302, 303, 307 or 308");
  EXPECT_EQ(complaint_about(" http-request redirect code 301"), "'redirect' needs location, prefix or scheme");
  EXPECT_EQ(complaint_about(" http-request set-log-level loud"), "'loud' is not a log level");
  EXPECT_EQ(complaint_about(" http-response set-status 99"), "a status is a number from 100 to 999");
  EXPECT_EQ(complaint_about(" http-request del-header x -m len"), "'len' is not a match method for names");
  EXPECT_EQ(complaint_about(" http-request set-header X %[nothing]"), "unknown sample fetch 'nothing'");
  EXPECT_EQ(complaint_about(" http-request deny if nothing"), "no such acl: 'nothing'");
  EXPECT_EQ(complaint_about(" http-request set-header X %[status]").substr(0, 23), "'status' does not exist");
}

TEST_F(CompileTest, ErrorsOfOtherLines) {
  EXPECT_EQ(complaint_about(" use_backend otter"), "no such backend: 'otter'");
  EXPECT_EQ(complaint_about(" use_backend other when x"), "'if' or 'unless' is expected here, not 'when'");
  EXPECT_EQ(complaint_about(" use-server s3 if TRUE"), "no such server: 's3'");
  EXPECT_EQ(complaint_about(" monitor fail"), "'monitor' is followed by 'fail' and a condition");
  EXPECT_EQ(complaint_about(" capture request header X").substr(0, 20), "'capture' is written");
  EXPECT_EQ(complaint_about(" declare capture request len x").substr(0, 20), "'declare' is written");
  EXPECT_EQ(complaint_about(" tcp-request inspect-delay x"), "'inspect-delay' needs a time");
}

TEST_F(CompileTest, SetsByTheirWords) {
  const ProxyRules& all = rules(
      " tcp-request connection accept\n tcp-request session accept\n tcp-request content accept\n"
      " tcp-response content accept\n http-request allow\n http-response allow\n http-after-response allow\n"
      " tcp-request inspect-delay 5s\n tcp-response inspect-delay 2s\n redirect location /");
  EXPECT_EQ(said_, "");
  for (const RuleSet* set : {&all.tcp_connection, &all.tcp_session, &all.tcp_content, &all.tcp_response_content,
                             &all.http_response, &all.http_after_response})
    EXPECT_EQ(set->size(), 1u);
  EXPECT_EQ(all.http_request.size(), 2u);  // redirect stands behind them
  EXPECT_EQ(all.inspect_delay, base::Millis(5000));
  EXPECT_EQ(all.response_inspect_delay, base::Millis(2000));
}

TEST_F(CompileTest, AnAclThatNothingUsesIsToldToThoseWhoAsk) {
  rules(" acl used path /a\n acl idle path /b\n http-request deny if used");
  EXPECT_EQ(said_, "");
  EXPECT_TRUE(section_.says("acl 'idle' is used by no condition"));
  EXPECT_FALSE(section_.says("acl 'used'"));
}

}  // namespace
}  // namespace lbd::rules
