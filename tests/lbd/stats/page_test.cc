#include "lbd/stats/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "lbd/stats/statistics.h"
#include "tests/lbd/stats/stats_fixture.h"

namespace lbd::stats {
namespace {

using testing::Contains;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;
using testing::StartsWith;

class PageTest : public testing::Test, public StatsFixture {
 protected:
  void SetUp() override {
    fe_ = &proxy("fe", true, false);
    fe_->stats.enabled = true;
    fe_->stats.uri = "/stats";
    config::Proxy& web = proxy("web<1>", false, true);
    server(web, "s1", 8081);
    server(web, "s2", 8082);
    run();
    facts_.started = start;
    facts_.pid = 4711;
  }
  Page page(std::string target, http::Method method = http::Method::get) {
    IdleMeter idle;
    return make_page(request(std::move(target), method),
                     {facts_, *source, idle, pair, start + std::chrono::seconds(5)});
  }
  PageRequest request(std::string target, http::Method method = http::Method::get) const {
    PageRequest made;
    made.proxy = fe_;
    made.method = method;
    made.target = std::move(target);
    return made;
  }
  config::Proxy* fe_ = nullptr;
  ProcessFacts facts_;
};

TEST_F(PageTest, ShowsTheProcessAndATablePerProxy) {
  Page html = page("/stats");
  EXPECT_EQ(html.status, 200);
  EXPECT_THAT(html.headers, Contains(Pair("content-type", "text/html")));
  EXPECT_THAT(html.headers, Contains(Pair("cache-control", "no-cache")));
  EXPECT_THAT(html.body, HasSubstr("<b>pid = </b>4711"));
  EXPECT_THAT(html.body, HasSubstr("<a name=\"web&lt;1&gt;/s2\"></a>s2"));
  EXPECT_THAT(html.body, Not(HasSubstr("web<1>")));
  EXPECT_THAT(html.body, HasSubstr("version 0."));
  fe_->stats.hide_version = true;
  EXPECT_THAT(page("/stats").body, Not(HasSubstr("version 0.")));
}

TEST_F(PageTest, RefreshesUnlessAskedNotTo) {
  fe_->stats.refresh = base::Seconds(10);
  // A browser with JavaScript gets fresh figures without loading the page again.
  EXPECT_THAT(page("/stats").headers, Not(Contains(Pair("refresh", "10"))));
  EXPECT_THAT(page("/stats").body, HasSubstr("<noscript><meta http-equiv=\"refresh\" content=\"10\"></noscript>"));
  EXPECT_THAT(page("/stats").body, HasSubstr("data-refresh=\"10\""));
  EXPECT_THAT(page("/stats;csv").headers, Contains(Pair("refresh", "10")));
  EXPECT_THAT(page("/stats;norefresh").headers, Not(Contains(Pair("refresh", "10"))));
  EXPECT_THAT(page("/stats;norefresh").body, Not(HasSubstr("http-equiv=\"refresh\"")));
}

TEST_F(PageTest, LinesThatAreFarAreMarked) {
  EXPECT_THAT(page("/stats").body, Not(HasSubstr("data-far>")));
  config::Proxy& many = proxy("many", false, true);
  for (int i = 0; i < 250; ++i) server(many, "m" + std::to_string(i), 8000);
  run();
  const std::string body = page("/stats").body;
  EXPECT_THAT(body, ContainsRegex("<tr class=[a-z]+><td class=name><a name=\"many/m199\">"));
  EXPECT_THAT(body, ContainsRegex("<tr class=[a-z]+ data-far><td class=name><a name=\"many/m200\">"));
  EXPECT_THAT(body, ContainsRegex("<tr class=backend><td class=name><a name=\"many/Backend\">"));
}

TEST_F(PageTest, LiveFiguresAreThoseOfTheLines) {
  const std::string body = page("/stats;live").body;
  EXPECT_THAT(body, StartsWith("{\"pair\":\"\",\"process\":\"<h3>"));
  EXPECT_THAT(body, HasSubstr("[\"web<1>/s1\",\"unchecked\",\"0\",\"0\","));
  EXPECT_THAT(page("/stats;live;scope=fe").body, Not(HasSubstr("web<1>")));
}

TEST_F(PageTest, OtherFormats) {
  EXPECT_THAT(page("/stats;csv").body, StartsWith("# pxname,"));
  EXPECT_THAT(page("/stats;csv;norefresh").headers, Contains(Pair("content-type", "text/plain")));
  EXPECT_THAT(page("/stats;typed").body, StartsWith("F.2.0.0.pxname.1:KNS:str:fe\n"));
  EXPECT_THAT(page("/stats;json").headers, Contains(Pair("content-type", "application/json")));
}

TEST_F(PageTest, Selects) {
  objects->backends()[0]->servers()[1]->set_operational(server::Operational::stopped);
  EXPECT_THAT(page("/stats;csv;up").body, Not(HasSubstr(",s2,")));
  EXPECT_THAT(page("/stats;csv?scope=web").body, Not(HasSubstr("FRONTEND")));
  fe_->stats.scope = ".";
  EXPECT_THAT(page("/stats;csv").body, Not(HasSubstr("BACKEND")));
}

TEST_F(PageTest, ChangesNothing) {
  Page sent_back = page("/stats", http::Method::post);
  EXPECT_EQ(sent_back.status, 303);
  EXPECT_THAT(sent_back.headers, Contains(Pair("location", "/stats;st=DENY")));
}

TEST_F(PageTest, IsAskedForByThePrefixOfTheTarget) {
  EXPECT_TRUE(is_for_page(fe_->stats, http::Method::get, "/stats;csv"));
  EXPECT_TRUE(is_for_page(fe_->stats, http::Method::head, "/statsx"));
  EXPECT_FALSE(is_for_page(fe_->stats, http::Method::put, "/stats"));
  EXPECT_FALSE(is_for_page(fe_->stats, http::Method::get, "/stat"));
  fe_->stats.enabled = false;
  EXPECT_FALSE(is_for_page(fe_->stats, http::Method::get, "/stats"));
}

TEST_F(PageTest, IsCopiedIntoTheArena) {
  base::BlockPool pool(4096, 4);
  base::Arena arena(pool);
  http::Reply reply = page("/stats;csv").to_reply(arena);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body.substr(0, 8), "# pxname");
  ASSERT_NE(reply.headers.find("content-type"), nullptr);
  EXPECT_EQ(reply.headers.find("content-type")->value, "text/plain");
}

TEST_F(PageTest, AWorkerGetsItFromTheControlThread) {
  base::Loop control, worker;
  Statistics statistics(config, *objects, 1);
  base::Mailbox replies(worker);
  statistics.start(control);
  std::string body;
  statistics.request_page(request("/stats;csv"), make_page, replies, [&](Page made) {
    body = made.body;
    worker.stop();
  });
  std::thread thread([&] { control.run_once(); });
  worker.run();
  thread.join();
  EXPECT_THAT(body, StartsWith("# pxname,"));
}

}  // namespace
}  // namespace lbd::stats
