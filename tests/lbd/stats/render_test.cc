#include "lbd/stats/render.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.h"
#include "tests/lbd/stats/stats_fixture.h"

namespace lbd::stats {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

// The first line of `show stat` of HAProxy 2.6.12.
constexpr std::string_view kHeader =
    "# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,act,"
    "bck,chkfail,chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,lbtot,tracked,type,rate,rate_lim,rate_max,"
    "check_status,check_code,check_duration,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,hanafail,req_rate,"
    "req_rate_max,req_tot,cli_abrt,srv_abrt,comp_in,comp_out,comp_byp,comp_rsp,lastsess,last_chk,last_agt,qtime,ctime,"
    "rtime,ttime,agent_status,agent_code,agent_duration,check_desc,agent_desc,check_rise,check_fall,check_health,"
    "agent_rise,agent_fall,agent_health,addr,cookie,mode,algo,conn_rate,conn_rate_max,conn_tot,intercepted,dcon,dses,"
    "wrew,connect,reuse,cache_lookups,cache_hits,srv_icur,src_ilim,qtime_max,ctime_max,rtime_max,ttime_max,eint,"
    "idle_conn_cur,safe_conn_cur,used_conn_cur,need_conn_est,uweight,agg_server_status,agg_server_check_status,"
    "agg_check_status,-,ssl_sess,ssl_reused_sess,ssl_failed_handshake,h2_headers_rcvd,h2_data_rcvd,h2_settings_rcvd,"
    "h2_rst_stream_rcvd,h2_goaway_rcvd,h2_detected_conn_protocol_errors,h2_detected_strm_protocol_errors,"
    "h2_rst_stream_resp,h2_goaway_resp,h2_open_connections,h2_backend_open_streams,h2_total_connections,"
    "h2_backend_total_streams,h1_open_connections,h1_open_streams,h1_total_connections,h1_total_streams,h1_bytes_in,"
    "h1_bytes_out,h1_spliced_bytes_in,h1_spliced_bytes_out,";

class RenderTest : public testing::Test, public StatsFixture {
 protected:
  void SetUp() override {
    proxy("fe", true, false);
    config::Proxy& web = proxy("web", false, true);
    server(web, "s1", 8081).cookie = "c1";
    server(web, "s2", 8082).backup = true;
    proxy("tcpl", true, true, config::Mode::tcp);
    run();
  }
  std::vector<std::string> lines(const Selection& selection = {}, Format format = Format::plain) {
    std::string text = render_stat(*source, selection, format, start + 10s);
    std::vector<std::string> all;
    for (std::string_view line : base::split(text, '\n')) all.emplace_back(line);
    return all;
  }
  static std::string field(const std::string& line, std::string_view name) {
    auto names = base::split(kHeader.substr(2), ',');
    auto values = base::split(line, ',');
    for (size_t i = 0; i < names.size(); ++i)
      if (names[i] == name) return std::string(values.at(i));
    return "no such column";
  }
  server::Server& s1() { return *objects->backends()[0]->servers()[0]; }
};

TEST_F(RenderTest, TheHeaderIsHaproxys) {
  EXPECT_EQ(lines()[0], kHeader);
}

TEST_F(RenderTest, ALineAnObjectInTheOrderOfTheConfiguration) {
  auto all = lines();
  ASSERT_EQ(all.size(), 8u);
  EXPECT_THAT(all[1], StartsWith("fe,FRONTEND,"));
  EXPECT_THAT(all[2], StartsWith("web,s1,"));
  EXPECT_THAT(all[3], StartsWith("web,s2,"));
  EXPECT_THAT(all[4], StartsWith("web,BACKEND,"));
  EXPECT_THAT(all[5], StartsWith("tcpl,FRONTEND,"));
  EXPECT_THAT(all[6], StartsWith("tcpl,BACKEND,"));
  EXPECT_EQ(all[7], "");
}

// As HAProxy 2.6.12 printed them for objects without traffic.
TEST_F(RenderTest, EmptyFieldsStandWhereHaproxyHasThem) {
  auto all = lines();
  EXPECT_EQ(
      all[1],
      "fe,FRONTEND,,,0,0,100,0,0,0,0,0,0,,,,,OPEN,,,,,,,,,1,2,0,,,,0,0,0,0,,,,0,0,0,0,0,0,,0,0,0,,,0,0,0,0,,,,,,,,,,,"
      ",,,,,,,,,,http,,0,0,0,0,0,0,0,,,0,0,,,,,,,0,,,,,,,,,-,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,");
  EXPECT_EQ(
      all[5],
      "tcpl,FRONTEND,,,0,0,100,0,0,0,0,0,0,,,,,OPEN,,,,,,,,,1,4,0,,,,0,0,0,0,,,,,,,,,,,0,0,0,,,0,0,0,0,,,,,,,,,,,,,,,,"
      ",,,,,tcp,,0,0,0,,0,0,0,,,,,,,,,,,0,,,,,,,,,-,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,");
  EXPECT_EQ(
      all[2],
      "web,s1,0,0,0,0,,0,0,0,,0,,0,0,0,0,no check,1,1,0,,," + field(all[2], "lastchg") +
          ",,,1,3,1,,0,,2,0,,0,,,,0,0,0,0,0,0,,,,0,0,0,,,,,-1,,,0,0,0,0,,,,,,,,,,,,127.0.0.1:8081,c1,http,,,,,,,,0,"
          "0,0,,,0,,0,0,0,0,0,0,0,0,0,1,,,,-,0,0,0,,,,,,,,,,,,,,,,,,,,,,");
}

TEST_F(RenderTest, CountersAreSummedOverTheWorkers) {
  uint32_t slot = s1().slot();
  blocks->at(0, slot).sessions.add(3);
  blocks->at(1, slot).sessions.add(4);
  blocks->at(0, slot).responses[2].add(7);
  blocks->at(0, slot).response_time_max_ms.raise_to(20);
  blocks->at(1, slot).response_time_max_ms.raise_to(30);
  std::string line = lines()[2];
  EXPECT_EQ(field(line, "stot"), "7");
  EXPECT_EQ(field(line, "hrsp_2xx"), "7");
  EXPECT_EQ(field(line, "rtime_max"), "30");
  EXPECT_EQ(field(lines()[3], "act"), "0");
  EXPECT_EQ(field(lines()[3], "bck"), "1");
}

TEST_F(RenderTest, TimesAreAveragedOverTheLastThousand) {
  server::Counters& counters = blocks->at(0, objects->backends()[0]->slot());
  auto exchange = [&](uint64_t count, uint64_t milliseconds) {
    counters.time_samples.add(count);
    counters.total_time_ms.add(count * milliseconds);
  };
  exchange(100, 10);
  EXPECT_EQ(field(lines()[4], "ttime"), "10");
  history->tick(start);
  exchange(100, 20);
  EXPECT_EQ(field(lines()[4], "ttime"), "15");
  history->tick(start + 1s);
  exchange(5000, 100);
  history->tick(start + 2s);
  EXPECT_EQ(field(lines()[4], "ttime"), "100");
}

TEST_F(RenderTest, RatesOfTheLastSecondAndTheirMaximum) {
  uint32_t slot = objects->frontends()[0]->slot();
  uint64_t second = server::RateCounter::second_of(start);
  blocks->at(0, slot).session_rate.add(second, 30);
  blocks->at(1, slot).session_rate.add(second, 20);
  history->tick(start + 1s);
  EXPECT_EQ(field(lines()[1], "rate"), "0");
  EXPECT_EQ(field(lines()[1], "rate_max"), "50");
  blocks->at(0, slot).session_rate.add(second + 10, 4);
  EXPECT_EQ(field(lines()[1], "rate"), "4");
}

TEST_F(RenderTest, TheStatusOfAServer) {
  server::Server& server = s1();
  auto status = [&] { return field(lines()[2], "status"); };
  server.health.checked = true;
  server.health.health = 4;
  EXPECT_EQ(status(), "UP");
  server.health.health = 3;
  EXPECT_EQ(status(), "UP 2/3");
  server.set_operational(server::Operational::stopping);
  EXPECT_EQ(status(), "NOLB 2/3");
  server.set_operational(server::Operational::stopped);
  server.health.health = 1;
  EXPECT_EQ(status(), "DOWN 1/2");
  server.health.health = 0;
  EXPECT_EQ(status(), "DOWN");
  server.set_admin(server::kForcedDrain);
  server.set_operational(server::Operational::running);
  server.health.health = 4;
  EXPECT_EQ(status(), "DRAIN");
  server.set_admin(server::kForcedMaintenance);
  EXPECT_EQ(status(), "MAINT");
}

TEST_F(RenderTest, ChecksShowTheirLastResult) {
  server::HealthFacts& health = s1().health;
  health.checked = health.running = true;
  health.last = {server::CheckStatus::l7_status, server::CheckResult::failed, 404, 12ms, "Not, \"Found\""};
  std::string line = lines()[2];
  EXPECT_EQ(field(line, "check_status"), "* L7STS");
  EXPECT_EQ(field(line, "check_code"), "404");
  EXPECT_EQ(field(line, "check_duration"), "12");
  EXPECT_THAT(line, HasSubstr(",\"Not, \"\"Found\"\"\","));
}

TEST_F(RenderTest, SelectsByProxyTypeAndServer) {
  Selection selection;
  selection.scopes = kBackend;
  EXPECT_EQ(lines(selection).size(), 4u);
  selection = {};
  selection.proxy = config.proxies[1].get();
  selection.server_id = 2;
  auto all = lines(selection);
  ASSERT_EQ(all.size(), 4u);
  EXPECT_THAT(all[1], StartsWith("web,s2,"));
  selection = {};
  selection.hide_maintenance = true;
  s1().set_admin(server::kForcedMaintenance);
  EXPECT_EQ(lines(selection).size(), 7u);
}

TEST_F(RenderTest, TypedAndJson) {
  Selection selection;
  selection.scopes = kServer;
  auto all = lines(selection, Format::typed);
  EXPECT_EQ(all[0], "S.3.1.0.pxname.1:KNS:str:web");
  EXPECT_EQ(all[2], "S.3.1.2.qcur.1:MGP:u32:0");
  EXPECT_THAT(lines(selection, Format::json)[0],
              StartsWith(R"([[{"objType":"Server","proxyId":3,"id":1,"field":{"pos":0,"name":"pxname"},"processNum":1,)"
                         R"("tags":{"origin":"Key","nature":"Name","scope":"Service"},)"
                         R"("value":{"type":"str","value":"web"}},)"));
}

TEST_F(RenderTest, TheProcess) {
  ProcessFacts facts;
  facts.pid = 42;
  facts.started = start;
  facts.node = "lb1";
  IdleMeter idle;
  ProcessView view{facts, *source, idle, pair, start + 3661s};
  std::string plain = render_info(view, Format::plain, false);
  EXPECT_THAT(plain, StartsWith("Name: HAProxy\nVersion: 3.4.0-tandem-"));
  EXPECT_THAT(plain, HasSubstr("\nPid: 42\nUptime: 0d 1h01m01s\nUptime_sec: 3661\n"));
  EXPECT_THAT(plain, HasSubstr("\nnode: lb1\nStopping: 0\n"));
  EXPECT_THAT(render_info(view, Format::typed, true), HasSubstr("\n6.Pid.1:SGP:u32:42:\"Process id\"\n"));
  EXPECT_THAT(render_info(view, Format::json, false), StartsWith("[{\"field\":{\"pos\":0,\"name\":\"Name\"}"));
}

TEST(MetricTest, EveryColumnHasARowWithADocLine) {
  ASSERT_EQ(columns().size(), 127u);
  for (const Metric* metric : columns()) {
    ASSERT_NE(metric, nullptr);
    EXPECT_FALSE(metric->doc.empty()) << metric->name;
    EXPECT_EQ(metric->tags.size(), 3u) << metric->name;
    EXPECT_NE(metric->scopes, 0) << metric->name;
    EXPECT_NE(metric->read, nullptr) << metric->name;
  }
  for (const InfoRow* row : info_rows()) EXPECT_FALSE(row->doc.empty()) << row->name;
}

}  // namespace
}  // namespace lbd::stats
