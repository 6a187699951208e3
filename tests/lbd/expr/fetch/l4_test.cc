#include "tests/lbd/expr/fixture.h"

namespace lbd::expr {
namespace {

using ConnectionTest = ExprTest;

TEST_F(ConnectionTest, Addresses) {
  EXPECT_EQ(eval("src"), "ipv4 192.0.2.1");
  EXPECT_EQ(eval("src_port"), "int 1234");
  EXPECT_EQ(eval("dst"), "ipv4 198.51.100.2");
  EXPECT_EQ(eval("dst_port"), "int 8080");
  t_->src = {*base::IpAddr::parse("2001:db8::9"), 9};
  t_->dst = {*base::IpAddr::parse("2001:db8::8"), 8};
  EXPECT_EQ(eval("src"), "ipv6 2001:db8::9");
  EXPECT_EQ(eval("src_port"), "int 9");
  EXPECT_EQ(eval("dst"), "ipv6 2001:db8::8");
  EXPECT_EQ(eval("dst_port"), "int 8");
  EXPECT_EQ(eval("fc_src"), "ipv4 192.0.2.1");
  EXPECT_EQ(eval("fc_src_port"), "int 1234");
  EXPECT_EQ(eval("fc_dst"), "ipv4 198.51.100.2");
  EXPECT_EQ(eval("fc_dst_port"), "int 8080");
  t_->src = {};
  EXPECT_EQ(eval("src"), "-");
  EXPECT_EQ(eval("src_port"), "-");
}

TEST_F(ConnectionTest, TheListener) {
  EXPECT_EQ(eval("fe_name"), "str fe");
  EXPECT_EQ(eval("fe_id"), "int 7");
  EXPECT_EQ(eval("fe_defbe"), "str be");
  EXPECT_EQ(eval("fe_client_timeout"), "int 4000");
  EXPECT_EQ(eval("so_id"), "int 1");
  EXPECT_EQ(eval("so_name"), "str door");
  EXPECT_EQ(eval("fc_http_major"), "int 1");
}

}  // namespace
}  // namespace lbd::expr
