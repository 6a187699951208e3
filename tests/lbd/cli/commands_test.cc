#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.h"
#include "lbd/cli/command.h"
#include "tests/lbd/cli/cli_fixture.h"

namespace lbd::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class CommandsTest : public testing::Test, public CliFixture {
 protected:
  server::Server& s1() { return *objects->find_backend("web")->find_server("s1"); }
};

// The answers below are those of HAProxy 2.6.12 to the same lines.
TEST_F(CommandsTest, Weights) {
  EXPECT_EQ(run("get weight web/s1"), "10 (initial 10)\n");
  EXPECT_EQ(run("set weight web/s1 50%"), "");
  EXPECT_EQ(run("get weight web/s1"), "5 (initial 10)\n");
  EXPECT_EQ(run("set server web/s1 weight 256"), "");
  EXPECT_EQ(run("set weight web/s1 257"), "Absolute weight can only be between 0 and 256 inclusive.\n");
  EXPECT_EQ(run("set weight web/s1 -1"), "Absolute weight can only be between 0 and 256 inclusive.\n");
  EXPECT_EQ(run("set weight web/s1 abc"), "Empty weight string empty or preceded by garbage\n");
  EXPECT_EQ(run("set weight web/s1 50x"), "Trailing garbage in weight string\n");
  EXPECT_EQ(run("set weight web/s1 50%x"), "Trailing garbage in weight string\n");
  EXPECT_EQ(run("set weight web/s1"), "Require <weight> or <weight%>.\n");
  EXPECT_EQ(run("set weight web/s1 100000%"), "");
  EXPECT_EQ(s1().user_weight(), 256u);
  EXPECT_EQ(run("get weight web/nosuch"), "No such server.\n");
  EXPECT_EQ(run("get weight nosuch/s1"), "No such backend.\n");
  EXPECT_EQ(run("get weight web"), "Require 'backend/server'.\n");
  config.proxies[1]->balance.algorithm = "static-rr";
  EXPECT_EQ(run("set weight web/s1 3"),
            "Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.\n");
  EXPECT_EQ(run("set weight web/s1 0%"), "");
}

TEST_F(CommandsTest, States) {
  EXPECT_EQ(run("set server web/s1 state maint"), "");
  EXPECT_FALSE(s1().up());
  ASSERT_EQ(heard.lines.size(), 1u);
  EXPECT_THAT(heard.lines[0], StartsWith("Server web/s1 is going DOWN for maintenance."));
  EXPECT_EQ(run("set server web/s1 state drain"), "");
  EXPECT_THAT(heard.lines,
              ElementsAre("Server web/s1 is going DOWN for maintenance. 1 active and 0 backup servers left. 0 sessions "
                          "active, 0 requeued, 0 remaining in queue.",
                          "Server web/s1 is UP/DRAIN (leaving forced maintenance).",
                          "Server web/s1 remains in forced drain mode."));
  EXPECT_TRUE(s1().up());
  EXPECT_FALSE(s1().usable());
  EXPECT_EQ(run("set server web/s1 state ready"), "");
  EXPECT_TRUE(s1().usable());
  EXPECT_EQ(run("set server web/s1 state foo"), "'set server <srv> state' expects 'ready', 'drain' and 'maint'.\n");
  EXPECT_EQ(run("disable server web/s1"), "");
  EXPECT_FALSE(s1().up());
  EXPECT_EQ(run("enable server web/s1"), "");
  EXPECT_TRUE(s1().usable());
  EXPECT_EQ(run("set server web/s1 state drain"), "");
  EXPECT_EQ(run("enable server web/s1"), "");
  EXPECT_TRUE(s1().usable()) << "it ends a drain, too";
  EXPECT_EQ(
      run("set server web/s1"),
      "usage: set server <backend>/<server> addr | agent | agent-addr | agent-port | agent-send | health | state | "
      "weight\n");
}

TEST_F(CommandsTest, Health) {
  EXPECT_EQ(run("set server web/s1 health down"), "");
  EXPECT_FALSE(s1().up());
  EXPECT_EQ(run("set server web/s1 health stopping"), "");
  EXPECT_TRUE(s1().up() && !s1().usable());
  EXPECT_EQ(run("set server web/s1 health up"), "");
  EXPECT_TRUE(s1().usable());
  EXPECT_EQ(run("set server web/s1 health"), "'set server <srv> health' expects 'up', 'stopping', or 'down'.\n");
}

TEST_F(CommandsTest, HealthChecksPause) {
  EXPECT_EQ(run("enable health web/s1"), "Health check was not configured on this server, cannot enable.\n");
  s1().health.checked = true;
  EXPECT_EQ(run("disable health web/s1"), "");
  EXPECT_TRUE(s1().health.paused);
  EXPECT_EQ(run("enable health web/s1"), "");
  EXPECT_FALSE(s1().health.paused);
}

TEST_F(CommandsTest, Addresses) {
  EXPECT_EQ(run("set server web/s1 addr 127.0.0.9"),
            "IP changed from '127.0.0.1' to '127.0.0.9' by 'stats socket command'\n");
  EXPECT_EQ(run("set server web/s1 addr 127.0.0.9 port 99"),
            "no need to change the addr, port changed from '8081' to '99' by 'stats socket command'\n");
  EXPECT_EQ(s1().address().to_string(), "127.0.0.9:99");
  EXPECT_EQ(run("set server web/s1 addr 127.0.0.9 port 99"),
            "no need to change the addr, no need to change the port by 'stats socket command'\n");
  EXPECT_EQ(run("set server web/s1 addr 127.0.0.9 port 99999"),
            "no need to change the addr, problem converting port '99999' to an int by 'stats socket command'\n");
  EXPECT_EQ(run("set server web/s1 addr foo"), "Invalid addr 'foo' by 'stats socket command'\n");
  EXPECT_EQ(run("set server web/s1 addr"), "set server <b>/<s> addr requires an address and optionally a port.\n");
}

TEST_F(CommandsTest, ShowServersState) {
  std::string text = run("show servers state web");
  EXPECT_THAT(text, StartsWith("1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state "));
  EXPECT_THAT(text, HasSubstr("\n3 web 1 s1 127.0.0.1 2 0 10 10 0 1 0 2 0 0 0 0 - 8081 - 0 0 - - 0\n"));
  run("set server web/s1 state maint");
  EXPECT_THAT(run("show servers state"), HasSubstr("\n3 web 1 s1 127.0.0.1 0 1 10 10 0 1 0 2 0 0 0 0 - 8081 "));
  EXPECT_EQ(run("show servers state nosuch"), "Can't find backend.\n");
  EXPECT_THAT(run("show servers conn web"),
              HasSubstr("idle_per_thr[2]\nweb/s1 3/1 127.0.0.1 8081 - 5000 0 0 0 0 0 -1 0 0 0\n"));
}

TEST_F(CommandsTest, ShowStat) {
  EXPECT_THAT(run("show stat"), StartsWith("# pxname,svname,"));
  EXPECT_THAT(run("show stat web 4 -1"), Not(HasSubstr("BACKEND")));
  EXPECT_THAT(run("show stat -1 2 -1"), Not(HasSubstr("FRONTEND")));
  EXPECT_THAT(run("show stat 3 4 2"), HasSubstr("\nweb,s2,"));
  EXPECT_THAT(run("show stat typed"), StartsWith("F.2.0.0.pxname.1:KNS:str:fe\n"));
  EXPECT_EQ(run("show stat nosuch 1 1"), "No such proxy.\n");
  std::string none = run("show stat 99 1 1");
  EXPECT_EQ(std::count(none.begin(), none.end(), '\n'), 1);
  run("set server web/s1 state maint");
  EXPECT_THAT(run("show stat no-maint"), Not(HasSubstr("web,s1")));
}

TEST_F(CommandsTest, ShowOtherThings) {
  EXPECT_THAT(run("show version"), StartsWith("3.4.0-tandem-"));
  EXPECT_THAT(run("show info"), StartsWith("Name: HAProxy\n"));
  EXPECT_EQ(run("show env NOSUCHVARIABLE"), "Variable not found\n");
  EXPECT_EQ(run("show env NODE"), "NODE=lb1\n");
  EXPECT_EQ(run("show env"), "NODE=lb1\n");
  EXPECT_EQ(run("show cli level"), "admin\n");
  EXPECT_EQ(run("show backend"), "# name\nweb\n");
  EXPECT_EQ(run("show cli sockets"), "# socket lvl processes\nunix@/run/x.sock admin all\n");
}

TEST_F(CommandsTest, Limits) {
  EXPECT_EQ(run("set maxconn server web/s1 12"), "");
  EXPECT_EQ(s1().maxconn(), 12u);
  EXPECT_EQ(run("set maxconn frontend fe 5"), "");
  EXPECT_EQ(objects->find_frontend("fe")->maxconn.load(), 5u);
  EXPECT_EQ(host.raised, 1);
  EXPECT_EQ(run("set maxconn frontend nosuch 5"), "No such frontend.\n");
  EXPECT_EQ(run("set maxconn frontend"), "A frontend name is expected.\n");
  EXPECT_EQ(run("set maxconn frontend fe"), "Integer value expected.\n");
  EXPECT_EQ(run("set maxconn global 10000000"), "Value out of range.\n");
  EXPECT_EQ(run("set timeout cli 3m"), "");
  EXPECT_EQ(session.timeout, base::Seconds(180));
  EXPECT_EQ(run("set timeout cli 0"), "Invalid timeout value.\n");
  EXPECT_EQ(run("set timeout foo 3"), "'set timeout' only supports 'cli'.\n");
}

TEST_F(CommandsTest, ClearCounters) {
  ASSERT_TRUE(s1().take_slot() && s1().take_slot());
  s1().give_slot();
  EXPECT_EQ(run("clear counters"), "");
  EXPECT_EQ(host.cleared, "maxima");
  EXPECT_EQ(s1().served_peak(), 1u);
  session.level = Level::operator_;
  EXPECT_EQ(run("clear counters all"), "Permission denied\n");
  EXPECT_EQ(host.cleared, "maxima");
  session.level = Level::admin;
  EXPECT_EQ(run("clear counters all"), "");
  EXPECT_EQ(host.cleared, "all");
}

TEST_F(CommandsTest, LevelsAreKept) {
  session.level = Level::user;
  for (const char* line :
       {"set weight web/s1 1", "show env", "disable server web/s1", "set maxconn global 1", "operator"})
    EXPECT_EQ(run(line), "Permission denied\n") << line;
  EXPECT_THAT(run("show stat"), StartsWith("# "));
  session.level = Level::operator_;
  EXPECT_EQ(run("show env NODE"), "NODE=lb1\n");
  EXPECT_EQ(run("set server web/s1 state maint"), "Permission denied\n");
  EXPECT_EQ(run("user"), "");
  EXPECT_EQ(session.level, Level::user);
}

TEST_F(CommandsTest, ListenersAreHandedOverWhereTheSocketPermitsIt) {
  EXPECT_EQ(run("_getsocks"), "Permission denied\n");
  session.exposes_listeners = true;
  EXPECT_EQ(run("_getsocks"), "nothing to hand over\n");
  EXPECT_THAT(run("help"), Not(HasSubstr("_getsocks")));
}

TEST_F(CommandsTest, FrontendsAndSessionsAreStopped) {
  EXPECT_EQ(run("disable frontend fe"), "");
  EXPECT_EQ(host.admitted, "fe 1");
  EXPECT_EQ(run("enable frontend fe"), "");
  EXPECT_EQ(host.admitted, "fe 0");
  EXPECT_EQ(run("shutdown frontend fe"), "");
  EXPECT_EQ(host.admitted, "fe 2");
  EXPECT_EQ(run("enable frontend fe"), "Frontend was previously shut down, cannot enable.\n");
  EXPECT_EQ(run("shutdown sessions server web/s2"), "");
  EXPECT_EQ(host.ended, "s2");
  session.level = Level::operator_;
  EXPECT_EQ(run("shutdown sessions server web/s2"), "Permission denied\n");
}

TEST_F(CommandsTest, VariablesOfTheProcessAreShown) {
  expr::ProcessVars variables;
  services->variables = &variables;
  variables.set(*expr::parse_var_name("proc.count"), expr::Value::of_int(-3));
  variables.set(*expr::parse_var_name("proc.text"), expr::Value::of_text("two words"));
  EXPECT_EQ(run("get var proc.count"), "proc.count: type=sint value=<-3>");
  EXPECT_EQ(run("get var proc.text"), "proc.text: type=str value=<two words>");
  for (const char* name : {"proc.none", "txn.count", "count"})
    EXPECT_EQ(run(std::string("get var ") + name), "Variable not found.\n");
}

TEST_F(CommandsTest, UnknownLinesGetTheHelp) {
  EXPECT_THAT(run("help"), StartsWith("The following commands are valid at this level:\n  abort ssl ca-file"));
  EXPECT_THAT(run("foo bar baz"), StartsWith("Unknown command. Please enter one of the following commands only:\n"));
  std::string close = run("show serv state");
  EXPECT_THAT(close, StartsWith("Unknown command, but maybe one of the following ones is a better match:\n"));
  EXPECT_THAT(close, HasSubstr("  show servers state [<backend>]          : dump volatile server information"));
  EXPECT_THAT(close, HasSubstr("\n  quit                                    : disconnect\n"));
  EXPECT_THAT(close, Not(HasSubstr("show info")));
  session.level = Level::user;
  EXPECT_THAT(run("help"), Not(HasSubstr("set weight")));
}

TEST(CommandRowTest, EveryRowIsComplete) {
  base::Registered<CommandRow>::for_each([](const CommandRow& row) {
    EXPECT_FALSE(row.doc.empty()) << row.name;
    EXPECT_NE(row.run, nullptr) << row.name;
    EXPECT_EQ(base::Registered<CommandRow>::find(row.name), &row);
  });
}

}  // namespace
}  // namespace lbd::cli
