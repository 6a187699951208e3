#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

using BackendTest = ExprTest;

TEST_F(BackendTest, Counts) {
  EXPECT_EQ(eval("nbsrv(be)"), "int 2");
  EXPECT_EQ(eval("nbsrv"), "-");
  server::Backend* be = objects_->backend(be_);
  server::Server& s1 = *be->servers()[0];
  be->streams = 4;
  ASSERT_TRUE(s1.take_slot());
  EXPECT_EQ(eval("be_conn(be)"), "int 4");
  EXPECT_EQ(eval("be_conn_free(be)"), "int -1");
  EXPECT_EQ(eval("connslots(be)"), "int -1");
  EXPECT_EQ(eval("queue(be)"), "int 0");
  EXPECT_EQ(eval("avg_queue(be)"), "int 0");
  EXPECT_EQ(eval("srv_conn(be/s1)"), "int 1");
  EXPECT_EQ(eval("srv_conn_free(be/s1)"), "int 9");
  EXPECT_EQ(eval("srv_conn_free(be/s2)"), "int -1");
  EXPECT_EQ(eval("srv_queue(be/s1)"), "int 0");
  EXPECT_EQ(eval("srv_is_up(be/s1)"), "bool 1");
  s1.set_admin(server::kForcedMaintenance);
  EXPECT_EQ(eval("srv_is_up(be/s1)"), "bool 0");
  EXPECT_EQ(eval("nbsrv(be)"), "int 1");
  objects_->frontend(fe_)->connections = 6;
  EXPECT_EQ(eval("fe_conn"), "int 6");
  EXPECT_EQ(eval("fe_conn(other)"), "int 0");
  s1.give_slot();
}

TEST_F(BackendTest, Weights) {
  EXPECT_EQ(eval("srv_iweight(be/s1)"), "int 5");
  EXPECT_EQ(eval("srv_weight(be/s1)"), "int 5");
  EXPECT_EQ(eval("srv_uweight(be/s1)"), "int 5");
}

TEST_F(BackendTest, Rates) {
  EXPECT_EQ(eval("be_sess_rate(be)"), "int 0");
  EXPECT_EQ(eval("fe_sess_rate(fe)"), "int 0");
  EXPECT_EQ(eval("fe_req_rate"), "int 0");
  EXPECT_EQ(eval("srv_sess_rate(be/s2)"), "int 0");
}

TEST_F(BackendTest, NamesAndTimeouts) {
  EXPECT_EQ(eval("be_name", phase::kBackRequest), "-");
  with_backend(true);
  EXPECT_EQ(eval("be_name", phase::kBackRequest), "str be");
  EXPECT_EQ(eval("be_id", phase::kBackRequest), "int 9");
  EXPECT_EQ(eval_response("srv_name"), "str s1");
  EXPECT_EQ(eval_response("srv_id"), "int 1");
  EXPECT_EQ(eval("be_server_timeout", phase::kBackRequest), "int 3000");
  EXPECT_EQ(eval("be_tunnel_timeout", phase::kBackRequest), "int 60000");
  EXPECT_EQ(eval("be_connect_timeout", phase::kBackRequest), "int 5000");
  EXPECT_EQ(eval("be_queue_timeout", phase::kBackRequest), "int 0");
  EXPECT_EQ(eval("be_tarpit_timeout", phase::kBackRequest), "int 0");
  EXPECT_EQ(eval("cur_server_timeout", phase::kBackRequest), "int 3000");
  EXPECT_EQ(eval("cur_tunnel_timeout", phase::kBackRequest), "int 60000");
  t_->timeout_server = base::Millis(7);
  t_->timeout_tunnel = base::Millis(8);
  EXPECT_EQ(eval("cur_server_timeout", phase::kBackRequest), "int 7");
  EXPECT_EQ(eval("cur_tunnel_timeout", phase::kBackRequest), "int 8");
}

}  // namespace
}  // namespace lbd::expr
