#include "snmp/pair_reader.h"

#include <gtest/gtest.h>

namespace snmp {
namespace {

void add(tandem::StatsReply& to, const char* object, const char* name, uint64_t value, const char* text = "") {
  auto* row = to.add_rows();
  row->set_object(object);
  row->set_name(name);
  row->set_value(value);
  row->set_text(text);
}

TEST(PairReader, ReadsVirtualRouters) {
  tandem::VrrpStates states;
  auto* instance = states.add_instances();
  instance->set_name("VI_1");
  instance->set_state(tandem::VRRP_BACKUP);
  instance->set_virtual_router_id(51);
  instance->set_priority(90);
  instance->set_base_priority(100);
  instance->set_interface("lo");
  instance->set_since_us(1'800'000'000'000'000);
  instance->add_addresses("192.0.2.7/24");
  instance->add_addresses("nonsense");
  instance->set_reason("it is");
  tandem::StatsReply stats;
  const char* kObject = "instance VI_1";
  add(stats, kObject, "vrrp_version", 2);
  add(stats, kObject, "vrrp_advert_interval_us", 500'000);
  add(stats, kObject, "vrrp_preempt", 0);
  add(stats, kObject, "vrrp_accept", 1);
  add(stats, kObject, "vrrp_wants_master", 1);
  add(stats, kObject, "vrrp_auth_type", 1);
  add(stats, kObject, "vrrp_last_flaw", 6);
  add(stats, kObject, "vrrp_up_us", 70'000);
  add(stats, kObject, "vrrp_source_address", 0, "192.0.2.2");
  add(stats, kObject, "vrrp_master_address", 0, "192.0.2.1");
  add(stats, kObject, "vrrp_flaw_checksum", 3);
  add(stats, "", "vrrp_foreign_adverts", 9);
  add(stats, "instance VI_2", "vrrp_flaw_checksum", 8);
  Indices indices;
  Snapshot snapshot;
  read_vrrp(states, stats, indices, snapshot);
  ASSERT_EQ(snapshot.routers.size(), 1u);
  const VirtualRouter& router = snapshot.routers[0];
  EXPECT_EQ(router.state, VrrpState::backup);
  EXPECT_EQ(router.wanted, VrrpState::master);
  EXPECT_EQ(router.version, 2u);
  EXPECT_EQ(router.advert_interval_us, 500'000);
  EXPECT_FALSE(router.preempt);
  EXPECT_TRUE(router.accept);
  EXPECT_EQ(router.auth_type, 1u);
  EXPECT_EQ(router.last_flaw, 6u);
  EXPECT_EQ(router.up_us, 70'000);
  EXPECT_EQ(router.addresses.size(), 1u);
  EXPECT_EQ(router.source.to_string(), "192.0.2.2");
  EXPECT_EQ(router.master.to_string(), "192.0.2.1");
  EXPECT_EQ(router.flaw_checksum, 3);
  EXPECT_EQ(router.if_index, 1u) << "lo";
  EXPECT_EQ(snapshot.foreign_adverts, 9);
}

TEST(PairReader, ReadsNodes) {
  tandem::StatsReply stats;
  add(stats, "", "node", 0, "lb1");
  add(stats, "node lb2", "state", 0, "in sync");
  add(stats, "node lb2", "address", 0, "192.0.2.2:7890");
  add(stats, "node lb2", "configuration", 0, "another");
  add(stats, "node lb2", "in_sync", 1);
  add(stats, "node lb2", "updates_on_the_way", 3);
  add(stats, "node lb2", "table_parts_on_the_way", 4);
  Indices indices;
  Snapshot snapshot;
  read_sync(stats, indices, snapshot);
  EXPECT_EQ(snapshot.node, "lb1");
  ASSERT_EQ(snapshot.nodes.size(), 1u);
  EXPECT_EQ(snapshot.nodes[0].name, "lb2");
  EXPECT_TRUE(snapshot.nodes[0].in_sync);
  EXPECT_EQ(snapshot.nodes[0].on_the_way, 7);
  EXPECT_EQ(snapshot.nodes[0].configuration, Node::Configuration::differs);
}

}  // namespace
}  // namespace snmp
