#include "lbd/config/check.h"

#include <gtest/gtest.h>

#include "tests/support/load_config.h"

namespace lbd::config {
namespace {

using support::load_config;
using support::load_http;
using support::load_tcp;

TEST(CheckTest, MissingTimeoutsAsHaproxySees) {
  EXPECT_TRUE(load_config("frontend f\n bind :80\n").says("missing timeouts for frontend 'f'"));
  EXPECT_TRUE(load_config("frontend f\n bind :80\n timeout client 0\n").says("missing timeouts"));
  EXPECT_EQ(load_config("backend b\n").said(), "") << "no servers, nothing to wait for";
  EXPECT_TRUE(
      load_config("backend b\n timeout server 1s\n server s 1.1.1.1:1\n").says("missing timeouts for backend 'b'"));
  EXPECT_EQ(load_config("backend b\n disabled\n server s 1.1.1.1:1\n").said(), "");
}

TEST(CheckTest, HttpWordsInTcpSections) {
  auto loaded = load_tcp("listen l\n bind :80\n option forwardfor\n http-request deny\n http-request deny\n");
  EXPECT_EQ(loaded.said(),
            "WARNING 6:1 'option forwardfor' ignored for proxy 'l' as it requires HTTP mode\n"
            "WARNING 9:2 'http-request' rules ignored for proxy 'l' as they require HTTP mode\n");
}

TEST(CheckTest, ALogFormatWithoutALog) {
  EXPECT_TRUE(load_http("frontend f\n bind :80\n option httplog\n").says("it has no log address"));
  EXPECT_EQ(load_http("frontend f\n bind :80\n option httplog\n log 127.0.0.1 local0\n").said(), "");
  EXPECT_EQ(load_config("defaults\n mode http\n option httplog\n timeout client 1s\nfrontend f\n bind :80\n").said(),
            "")
      << "one from defaults is no mistake";
}

TEST(CheckTest, RulesOutOfOrder) {
  EXPECT_TRUE(load_http("frontend f\n bind :80\n use_backend b if TRUE\n http-request deny if FALSE\nbackend b\n")
                  .says("a 'http-request' rule placed after a 'use_backend' rule will still be processed before"));
  EXPECT_TRUE(
      load_http("frontend f\n bind :80\n http-request deny\n http-request set-header a b\n").says("never reached"));
  EXPECT_EQ(load_http("frontend f\n bind :80\n http-request deny if FALSE\n http-request set-header a b\n").said(), "");
}

TEST(CheckTest, SwitchingThatIsHidden) {
  const std::string end = "backend b\nbackend c\n";
  auto switching = [&](const std::string& rules) {
    auto loaded = load_http("frontend f\n bind :80\n" + rules + end);
    EXPECT_FALSE(loaded.diagnostics.has_warnings());
    return loaded;
  };
  EXPECT_TRUE(switching(" use_backend b\n use_backend c if TRUE\n")
                  .says("the 'use_backend' at line 8 has no condition: this one is never reached"));
  EXPECT_TRUE(switching(" use_backend b if { path /a }\n use_backend c if { path /a }\n")
                  .says("the 'use_backend' at line 8 has the same condition and comes first"));
  for (const char* fine : {" use_backend b if { path /a }\n use_backend c if { path /b }\n",
                           " use_backend b if { rand(2) 0 }\n use_backend c if { rand(2) 0 }\n",
                           " use_backend %[hdr(x)]\n use_backend c if TRUE\n"})
    EXPECT_FALSE(switching(fine).says("'use_backend' at line")) << fine;
}

TEST(CheckTest, ConnectionRulesBehindAFinalOne) {
  auto loaded = load_tcp("frontend f\n bind :80\n tcp-request content accept\n tcp-request content reject if TRUE\n");
  EXPECT_TRUE(loaded.says("the 'tcp-request content' rule at line 8 is final and has no condition"));
  EXPECT_EQ(loaded.said(), "");
  EXPECT_FALSE(
      load_tcp("frontend f\n bind :80\n tcp-request session accept\n tcp-request content reject\n").says("is final"));
}

TEST(CheckTest, ChecksNeedAPort) {
  EXPECT_TRUE(load_http("backend b\n server s 1.1.1.1 check\n").says("neither service port nor check port"));
  EXPECT_EQ(load_http("backend b\n server s 1.1.1.1 check port 80\n").said(), "");
  EXPECT_EQ(load_http("backend b\n server s /run/x check\n").said(), "");
}

TEST(CheckTest, ExternalChecksNeedPermission) {
  const std::string backend =
      "backend b\n option external-check\n external-check command /bin/true\n server s 1.1.1.1:1\n";
  EXPECT_TRUE(load_tcp(backend).diagnostics.has_errors());
  EXPECT_TRUE(load_config("global\n external-check\n" + (support::kTcpDefaults + backend)).diagnostics.has_warnings());
  EXPECT_EQ(load_config("global\n external-check\n insecure-fork-wanted\n" + (support::kTcpDefaults + backend)).said(),
            "");
}

}  // namespace
}  // namespace lbd::config
