#include "lbd/stats/prometheus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "tests/lbd/stats/stats_fixture.h"

namespace lbd::stats {
namespace {

using testing::HasSubstr;
using testing::Not;

class PrometheusTest : public testing::Test, public StatsFixture {
 protected:
  PrometheusTest() {
    proxy("fe", true, false);
    config::Proxy& web = proxy("we\"b\\", false, true);
    server(web, "s1", 81);
    server(web, "s2", 82).disabled = true;
    proxy("raw", true, true, config::Mode::tcp);
    run();
  }
  Page page(std::string target = "/metrics") {
    IdleMeter idle;
    PageRequest request;
    request.target = std::move(target);
    return prometheus_page(request, {facts_, *source, idle, pair, start + std::chrono::seconds(5)});
  }
  ProcessFacts facts_;
};

TEST_F(PrometheusTest, EachFamilyHasOneHeadAndItsSamplesBehindIt) {
  const std::string body = page().body;
  std::set<std::string> families;
  std::string family;
  std::istringstream lines(body);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# HELP ")) {
      family = line.substr(7, line.find(' ', 7) - 7);
      EXPECT_TRUE(families.insert(family).second) << family;
    } else if (line.starts_with("# TYPE ")) {
      EXPECT_THAT(line, HasSubstr("TYPE " + family + (family.ends_with("_total") ? " counter" : " gauge")));
    } else {
      EXPECT_EQ(line.substr(0, line.find_first_of("{ ")), family);
    }
  }
  EXPECT_GT(families.size(), 150u);
}

TEST_F(PrometheusTest, NamesAreEscaped) {
  EXPECT_THAT(page().body, HasSubstr("haproxy_backend_sessions_total{proxy=\"we\\\"b\\\\\"} 0\n"));
}

TEST_F(PrometheusTest, WordsChooseWhatIsTold) {
  EXPECT_THAT(page("/m?scope=server").body, HasSubstr("haproxy_server_"));
  EXPECT_THAT(page("/m?scope=server").body, Not(HasSubstr("haproxy_frontend_")));
  EXPECT_THAT(page("/m?scope=server").body, Not(HasSubstr("tandem_")));
  EXPECT_THAT(page("/m?scope=global").body, HasSubstr("tandem_vrrpd_up 0\n"));
  EXPECT_THAT(page().body, HasSubstr("server=\"s2\""));
  EXPECT_EQ(page("/m?scope=nix").status, 400);
}

TEST_F(PrometheusTest, OnlyHttpHasAnswersOfHttp) {
  EXPECT_THAT(page().body, HasSubstr("haproxy_frontend_http_responses_total{proxy=\"fe\",code=\"2xx\"} 0"));
  EXPECT_THAT(page().body, Not(HasSubstr("haproxy_frontend_http_responses_total{proxy=\"raw\"")));
}

TEST_F(PrometheusTest, ThePairHasItsOwnFamilies) {
  pair.vrrpd.linked = pair.syncd.linked = pair.in_sync = true;
  Pair::Instance instance;
  instance.name = "VI_\"1\"";
  instance.role = Pair::Role::master;
  pair.instances.push_back(instance);
  pair.vrrpd.figures.push_back({.object = "instance VI_1",
                                .name = "vrrp_adverts_sent",
                                .help = "Adverts",
                                .counter = true,
                                .value = 7,
                                .text = ""});
  for (const char* node : {"node a", "node b"})
    pair.syncd.figures.push_back(
        {.object = node, .name = "in_sync", .help = "Same", .counter = false, .value = 1, .text = ""});
  pair.syncd.figures.push_back(
      {.object = "node a", .name = "state", .help = "", .counter = false, .value = 0, .text = "live"});
  const std::string body = page().body;
  EXPECT_THAT(body, HasSubstr("tandem_vrrp_role{instance=\"VI_\\\"1\\\"\",role=\"MASTER\"} 1\n"));
  EXPECT_THAT(body, HasSubstr("tandem_vrrp_role{instance=\"VI_\\\"1\\\"\",role=\"BACKUP\"} 0\n"));
  EXPECT_THAT(body, HasSubstr("# TYPE tandem_vrrp_adverts_sent_total counter\n"
                              "tandem_vrrp_adverts_sent_total{instance=\"VI_1\"} 7\n"));
  EXPECT_THAT(body, HasSubstr("# TYPE tandem_syncd_in_sync gauge\ntandem_syncd_in_sync{peer=\"a\"} 1\n"
                              "tandem_syncd_in_sync{peer=\"b\"} 1\n"));
  EXPECT_THAT(body, Not(HasSubstr("tandem_syncd_state")));
}

}  // namespace
}  // namespace lbd::stats
