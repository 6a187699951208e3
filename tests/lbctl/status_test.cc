#include "lbctl/status.h"

#include <gtest/gtest.h>

namespace lbctl {
namespace {

class StatusTest : public testing::Test {
 protected:
  StatusTest() {
    answer_.hello.set_pid(42);
    answer_.hello.set_version("0.1");
  }
  void text(const char* object, const char* name, const char* value) {
    auto* row = answer_.stats.add_rows();
    row->set_object(object);
    row->set_name(name);
    row->set_text(value);
  }
  void number(const char* object, const char* name, uint64_t value) {
    auto* row = answer_.stats.add_rows();
    row->set_object(object);
    row->set_name(name);
    row->set_value(value);
  }
  Answer answer_;
};

TEST_F(StatusTest, AnAbsentDaemonIsSaidPlainly) {
  base::Result<Answer> none = base::Err("connect: No such file or directory");
  EXPECT_EQ(render_lbd(none), "lbd    not running (connect: No such file or directory)\n");
  EXPECT_EQ(render_vrrpd(none, {}), "vrrpd  not running (connect: No such file or directory)\n");
  EXPECT_EQ(render_syncd(none), "syncd  not running (connect: No such file or directory)\n");
}

TEST_F(StatusTest, Lbd) {
  text("", "state", "serving");
  number("", "backends", 3);
  number("", "backends_up", 2);
  number("", "servers", 9);
  number("", "servers_up", 7);
  number("", "current_connections", 12);
  number("worker 0", "stalled_ms", 5);
  number("worker 1", "stalled_ms", 5000);
  EXPECT_EQ(render_lbd(answer_),
            "lbd    serving, pid 42, version 0.1\n"
            "         2 of 3 backends up, 7 of 9 servers up, 12 connections\n"
            "         worker 1 hangs for 5000 ms\n");
}

TEST_F(StatusTest, Vrrpd) {
  auto* instance = answer_.vrrp.add_instances();
  instance->set_name("VI_1");
  instance->set_state(tandem::VRRP_MASTER);
  instance->set_priority(90);
  instance->set_base_priority(100);
  instance->set_interface("eth0");
  instance->set_virtual_router_id(51);
  instance->set_since_us(1'000'000'000);
  instance->set_reason("lbd is up");
  EXPECT_EQ(render_vrrpd(answer_, base::WallTime(base::Seconds(1300))),
            "vrrpd  running, pid 42, version 0.1\n"
            "         VI_1 MASTER for 5 min, priority 90 (of 100), eth0 router 51\n"
            "           lbd is up\n");
}

TEST_F(StatusTest, WhatABackupLacksIsToldOnce) {
  auto* instance = answer_.vrrp.add_instances();
  instance->set_name("VI_1");
  instance->set_state(tandem::VRRP_BACKUP);
  instance->add_lacks("its configuration is another");
  instance->add_lacks("its certificates are others");
  instance->set_dual_active_last_us(1'530'000);
  instance->set_dual_active_end_us(1'000'000'000);
  const std::string head =
      "vrrpd  running, pid 42, version 0.1\n"
      "         VI_1 BACKUP, priority 0 (of 0),  router 0\n";
  const std::string both = "           there were two masters for 1.530 s, 5 min ago\n";
  const auto render = [&] { return render_vrrpd(answer_, base::WallTime(base::Seconds(1300))); };
  EXPECT_EQ(
      render(),
      head + "           not ready to follow: its configuration is another; its certificates are others\n" + both);
  instance->set_held_back("its configuration is another; its certificates are others");
  EXPECT_EQ(render(),
            head + "           does not preempt: its configuration is another; its certificates are others\n" + both);
}

TEST_F(StatusTest, Syncd) {
  text("", "node", "lb1");
  number("", "entries", 5);
  number("", "local_links", 1);
  text("node lb2", "state", "down");
  text("node lb2", "address", "192.0.2.2:7890");
  text("node lb2", "last_error", "the secrets differ");
  EXPECT_EQ(render_syncd(answer_),
            "syncd  node lb1, pid 42, version 0.1\n"
            "         5 objects, 1 lbd linked\n"
            "         node lb2 at 192.0.2.2:7890: down (the secrets differ)\n");
}

TEST_F(StatusTest, WhatTheOtherNodeSays) {
  text("", "state", "serving");
  const base::Result<Answer> silent =
      base::Err(base::Error{base::Code::timeout, base::Fault::server, base::Retry::yes, 0, "no answer"});
  PairAnswers pair{.here = {answer_, answer_, answer_}, .others = {}};
  pair.others.push_back({.name = "lb2", .error = "", .linked = true, .said = NodeAnswers{answer_, silent, answer_}});
  pair.others.push_back({.name = "lb3", .error = "not linked", .said = {}});
  EXPECT_EQ(render_others(pair, {}),
            "node lb2 says of itself:\n"
            "  lbd    serving, pid 42, version 0.1\n"
            "           0 of 0 backends up, 0 of 0 servers up, 0 connections\n"
            "  vrrpd  does not answer\n"
            "  syncd  node , pid 42, version 0.1\n"
            "           0 objects, 0 lbd linked\n"
            "node lb3 tells nothing of itself: not linked\n");
}

TEST_F(StatusTest, JsonHasAllOfIt) {
  PairAnswers pair{.here = {answer_, base::Err("a \"quoted\" reason"), answer_}, .others = {}};
  pair.others.push_back({.name = "lb3", .error = "not linked", .said = {}});
  const std::string json = render_json(pair, {Health::degraded, {"vrrpd does not run"}, {"x ends"}});
  EXPECT_TRUE(json.starts_with(
      R"({"verdict":"degraded","reasons":["vrrpd does not run"],"warnings":["x ends"],"lbd":{"hello":{)"))
      << json;
  EXPECT_NE(json.find(R"("vrrpd":{"error":"a \"quoted\" reason"})"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("others":[{"node":"lb3","error":"not linked"}])"), std::string::npos) << json;
}

TEST(Others, AreThoseOfWhichSyncdTold) {
  EXPECT_TRUE(others_of(base::Err("connect")).empty());
  Answer syncd;
  for (const char* node : {"node lb2", "node lb3", "node lb4"}) {
    auto* row = syncd.stats.add_rows();
    row->set_object(node);
    row->set_name("state");
    row->set_text(std::string_view(node).ends_with("4") ? "down" : "in sync");
  }
  tandem::View& view = *syncd.views.add_nodes();
  view.set_node("lb2");
  view.mutable_lbd()->mutable_hello()->set_pid(7);
  view.mutable_vrrpd()->set_error("no answer in time");
  view.mutable_vrrpd()->set_silent(true);
  view.mutable_syncd()->set_error("gone");
  syncd.views.add_nodes()->set_node("lb4");
  syncd.views.mutable_nodes(1)->set_error("too old");
  syncd.views.mutable_nodes(1)->set_older(true);
  const std::vector<OtherNode> others = others_of(syncd);
  ASSERT_EQ(others.size(), 3u);
  ASSERT_TRUE(others[0].said);
  EXPECT_EQ(others[0].said->lbd->hello.pid(), 7u);
  EXPECT_EQ(others[0].said->vrrpd.error().code, base::Code::timeout);
  EXPECT_EQ(others[0].said->syncd.error().text, "gone");
  EXPECT_EQ(others[1].error, "syncd of this node did not tell");
  EXPECT_TRUE(others[1].linked);
  EXPECT_TRUE(others[2].older && !others[2].linked);
}

}  // namespace
}  // namespace lbctl
