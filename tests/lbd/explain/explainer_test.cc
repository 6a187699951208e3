#include "lbd/explain/explainer.h"

#include <gtest/gtest.h>

#include "lbd/log/targets.h"
#include "tests/support/load_config.h"

namespace lbd::explain {
namespace {

constexpr const char* kConfig =

    "frontend www\n bind :8080\n bind :8443\n"
    " acl internal src 192.0.2.0/24\n"
    " http-request set-var(txn.who) src\n"
    " http-request set-var(proc.last) path\n http-request add-acl(virt@seen) %[path]\n acl seen path -f virt@seen\n"
    " http-request set-header X-Seen yes if seen\n"
    " http-request set-header X-Who %[var(txn.who)]\n"
    " http-request deny deny_status 403 if { path_beg /admin } !internal\n"
    " http-request wait-for-body time 1h if { path /wait }\n http-request tarpit if { path /tar }\n http-request pause "
    "1h if { path /pause }\n"
    " use_backend b_%[hdr(host),field(1,.)] if { hdr(host) -m found }\n"
    " default_backend web\n"
    "backend web\n http-response set-header X-Via web\n server w1 127.0.0.1:9001\n"
    "backend b_two\n balance leastconn\n use-server second if { path /second }\n"
    " server first 127.0.0.1:9002\n server second 127.0.0.1:9003\n"
    "backend b_full\n timeout queue 5s\n server only 127.0.0.1:9004 maxconn 1\n"
    "backend b_none\n"
    "frontend raw\n mode tcp\n bind :9999\n tcp-request connection reject if { src 198.51.100.0/24 }\n"
    " default_backend rawback\nbackend rawback\n mode tcp\n server r1 127.0.0.1:9005\n";

class ExplainerTest : public testing::Test {
 protected:
  ExplainerTest() : loaded_(support::load_http(kConfig)) {
    EXPECT_EQ(loaded_.said(), "");
    engine_ = std::make_unique<stream::Engine>(*loaded_.config, 1000, 1, diagnostics_);
    EXPECT_EQ(diagnostics_.render(), "");
    const config::Config nothing;
    targets_ = std::make_unique<log::LogTargets>(nothing, diagnostics_);
    engine_->open_logs(*targets_);
    explainer_ = std::make_unique<Explainer>(*engine_);
  }

  std::string ask(std::string_view question) {
    auto parsed = parse_question(question);
    return parsed ? explainer_->explain(*parsed) : parsed.error().text;
  }
  static bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

  support::LoadedConfig loaded_;
  cfg::Diagnostics diagnostics_;
  std::unique_ptr<log::LogTargets> targets_;
  std::unique_ptr<stream::Engine> engine_;
  std::unique_ptr<Explainer> explainer_;
};

TEST_F(ExplainerTest, TellsTheWholeWay) {
  std::string told = ask("GET http://two.example:8080/x src=192.0.2.7");
  for (std::string_view part :
       {"from 192.0.2.7:40000", "frontend www (", "txn.who = 192.0.2.7", "request  + x-who: 192.0.2.7",
        "path_beg /admin: the sample is \"/x\": no\n    => passed over", "the name comes to \"b_two\"",
        "backend b_two (", "server b_two/first at 127.0.0.1:9002 by balance leastconn",
        "second: in rotation, weight 1, 0 of its streams run or wait", "the server gets\n    GET /x HTTP/1.1",
        "the client gets\n    HTTP/1.1 200 OK", "=> HTTP/1.1 200 OK from b_two/first\n"})
    EXPECT_TRUE(has(told, part)) << part << "\nin\n" << told;
}

TEST_F(ExplainerTest, WhichPartOfAConditionDecided) {
  std::string outside = ask("GET http://h:8080/admin src=203.0.113.1"),
              inside = ask("GET http://h:8080/admin src=192.0.2.1");
  EXPECT_TRUE(has(outside, "src 192.0.2.0/24: the sample is 203.0.113.1: no\n    => answered: 403")) << outside;
  EXPECT_TRUE(has(outside, "=> HTTP/1.1 403 Forbidden from the proxy")) << outside;
  EXPECT_TRUE(has(inside, "src 192.0.2.0/24: the sample is 192.0.2.1: yes\n    => passed over")) << inside;
}

TEST_F(ExplainerTest, UseServerAndTheRulesOfTheAnswer) {
  EXPECT_TRUE(has(ask("GET http://two.x:8080/second"), "server b_two/second at 127.0.0.1:9003 by use-server"));
  std::string told = ask("GET /y frontend=www\n< HTTP/1.1 404 Not Found\n< Server: s");
  EXPECT_TRUE(has(told, "response + x-via: web")) << told;
  EXPECT_TRUE(has(told, "=> HTTP/1.1 404 Not Found from web/w1")) << told;
}

TEST_F(ExplainerTest, WaitsForNothing) {
  EXPECT_TRUE(has(ask("GET /tar frontend=www"), "=> answered after the tarpit's time: 500"));
  EXPECT_TRUE(has(ask("GET /pause frontend=www"), "from web/w1"));
  server::Server& only = *engine_->objects().find_backend("b_full")->servers()[0];
  ASSERT_TRUE(only.take_slot());
  std::string told = ask("GET http://full.x:8080/");
  EXPECT_TRUE(has(told, "it waits in the queue")) << told;
  EXPECT_EQ(engine_->objects().find_backend("b_full")->queue().size(), 0u);
  only.give_slot();
  EXPECT_TRUE(has(ask("GET http://full.x:8080/"), "from b_full/only"));
  EXPECT_EQ(only.served(), 0u);
}

TEST_F(ExplainerTest, GivesUpWhatWaits) {
  Explainer impatient(*engine_, base::Millis(20));
  auto question = parse_question("POST /wait frontend=www\nContent-Length: 5");
  std::string told = impatient.explain(*question);
  EXPECT_TRUE(has(told, "it still waits for something, and is given up")) << told;
  EXPECT_EQ(engine_->connections.load(), 0u);
  EXPECT_TRUE(has(impatient.explain(*parse_question("GET / frontend=www")), "from web/w1"));
}

TEST_F(ExplainerTest, NothingLasts) {
  ask("GET http://two.x:8080/x");
  EXPECT_FALSE(has(ask("GET http://two.x:8080/x"), "x-seen"));
  EXPECT_EQ(engine_->connections.load(), 0u);
  for (const auto& frontend : engine_->objects().frontends()) EXPECT_EQ(frontend->connections.load(), 0u);
  for (const auto& backend : engine_->objects().backends()) EXPECT_EQ(backend->streams.load(), 0u);
  base::BlockPool pool(4096, 0);
  base::Arena arena(pool);
  expr::Value value;
  EXPECT_FALSE(engine_->facts.vars->get(*expr::parse_var_name("proc.last"), value, arena));
}

TEST_F(ExplainerTest, WithoutServerOrListener) {
  EXPECT_TRUE(has(ask("GET http://none.x:8080/"), "=> HTTP/1.1 503 Service Unavailable from the proxy"));
  EXPECT_TRUE(
      has(ask("GET http://x:7/"), "=> no frontend listens on port 7 for http; frontend= names one of: www, raw"));
  EXPECT_TRUE(has(ask("GET / frontend=nobody"), "=> no frontend is called 'nobody'"));
}

TEST_F(ExplainerTest, ModeTcp) {
  EXPECT_TRUE(has(ask("GET http://x:9999/"), "from rawback/r1"));
  std::string told = ask("GET http://x:9999/ src=198.51.100.9");
  EXPECT_TRUE(has(told, "src 198.51.100.0/24: the sample is 198.51.100.9: yes")) << told;
  EXPECT_TRUE(has(told, "=> no answer from the proxy")) << told;
}

TEST_F(ExplainerTest, BadRequest) {
  EXPECT_TRUE(has(ask("G(T /x frontend=www"), "=> HTTP/1.1 400 Bad request from the proxy"));
}

// A listener of mode tcp gets the hello as it is; one that ends TLS knows the name.
TEST(ExplainerTlsTest, TheNameThatIsAskedFor) {
  support::LoadedConfig loaded = support::load_http(
      "frontend pass\n mode tcp\n bind :8443\n tcp-request inspect-delay 1s\n"
      " tcp-request content accept if { req.ssl_hello_type 1 }\n"
      " use_backend one if { req.ssl_sni -m dom one.example }\n default_backend two\n"
      "backend one\n mode tcp\n server s1 127.0.0.1:9001\nbackend two\n mode tcp\n server s2 127.0.0.1:9002\n"
      "frontend ends\n bind :8080\n http-request return status 200 hdr X-Name \"%[ssl_fc_sni] %[ssl_fc_has_sni] "
      "%[ssl_fc_protocol]\"\n");
  EXPECT_EQ(loaded.said(), "");
  cfg::Diagnostics diagnostics;
  stream::Engine engine(*loaded.config, 1000, 1, diagnostics);
  const config::Config nothing;
  log::LogTargets targets(nothing, diagnostics);
  engine.open_logs(targets);
  Explainer explainer(engine);
  auto ask = [&](std::string_view question) { return explainer.explain(*parse_question(question)); };
  auto has = [](const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; };

  std::string told = ask("GET https://www.one.example:8443/");
  EXPECT_TRUE(has(told, "the sample is \"www.one.example\"") && has(told, "bytes of TLS")) << told;
  EXPECT_TRUE(has(told, "one/s1")) << told;
  told = ask("GET https://www.one.example:8443/ sni=other.example");
  EXPECT_TRUE(has(told, "two/s2")) << told;
  told = ask("GET https://192.0.2.9:8443/");
  EXPECT_TRUE(has(told, "two/s2")) << told;
  told = ask("GET https://a.example:8080/ frontend=ends");
  EXPECT_TRUE(has(told, "x-name: a.example 1 \n")) << told;
  told = ask("GET https://a.example:8080/ frontend=ends sni=b.example");
  EXPECT_TRUE(has(told, "x-name: b.example 1 \n")) << told;
  told = ask("GET http://a.example:8080/ frontend=ends");
  EXPECT_TRUE(has(told, "x-name:  0 \n")) << told;
}

}  // namespace
}  // namespace lbd::explain
