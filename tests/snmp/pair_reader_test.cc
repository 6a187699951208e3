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

TEST(PairReader, MakesARouterOfEachFamily) {
  tandem::VrrpStates states;
  auto* instance = states.add_instances();
  instance->set_name("VI_1");
  instance->set_state(tandem::VRRP_BACKUP);
  for (const char* address : {"192.0.2.7", "2001:db8::7", "2001:db8::8"}) instance->add_addresses(address);
  tandem::StatsReply stats;
  const char* kObject = "instance VI_1";
  add(stats, kObject, "vrrp_source_address", 0, "192.0.2.2");
  add(stats, kObject, "vrrp_master_address", 0, "192.0.2.1");
  add(stats, kObject, "vrrp_second_source_address", 0, "fe80::2");
  add(stats, kObject, "vrrp_second_master_address", 0, "fe80::1");
  add(stats, kObject, "vrrp_foreign_master_address", 0, "192.0.2.3");
  add(stats, kObject, "vrrp_foreign_master_priority", 90);
  add(stats, kObject, "vrrp_foreign_master_us", 77);
  add(stats, "", "vrrp_reloads_failed", 2);
  add(stats, "", "vrrp_reloads", 1);
  add(stats, "", "vrrp_reload_error", 0, "it has errors");
  Indices indices;
  Snapshot snapshot;
  read_vrrp(states, stats, indices, snapshot);
  ASSERT_EQ(snapshot.routers.size(), 1u);
  EXPECT_EQ(snapshot.routers[0].addresses.size(), 3u);
  EXPECT_EQ(snapshot.routers[0].foreign_master.to_string(), "192.0.2.3");
  EXPECT_EQ(snapshot.routers[0].foreign_priority, 90);
  EXPECT_EQ(snapshot.routers[0].foreign_us, 77);
  EXPECT_EQ(snapshot.vrrpd_reloads.failed, 2);
  EXPECT_EQ(snapshot.vrrpd_reloads.succeeded, 1);
  EXPECT_EQ(snapshot.vrrpd_reloads.why, "it has errors");
  ASSERT_EQ(snapshot.families.size(), 2u);
  EXPECT_FALSE(snapshot.families[0].ipv6);
  EXPECT_EQ(snapshot.families[0].addresses.size(), 1u);
  EXPECT_EQ(snapshot.families[0].master.to_string(), "192.0.2.1");
  EXPECT_TRUE(snapshot.families[1].ipv6);
  EXPECT_EQ(snapshot.families[1].addresses.size(), 2u);
  EXPECT_EQ(snapshot.families[1].source.to_string(), "fe80::2");
  EXPECT_EQ(snapshot.families[1].master.to_string(), "fe80::1");
}

TEST(PairReader, ReadsTrackersOnce) {
  tandem::VrrpStates states;
  auto* instance = states.add_instances();
  instance->set_name("VI_1");
  for (const char* name : {"chk", "lbd", "chk"}) {
    auto* tracker = instance->add_trackers();
    tracker->set_kind("track_script");
    tracker->set_name(name);
    tracker->set_weight(-20);
  }
  Indices indices;
  Snapshot snapshot;
  read_vrrp(states, {}, indices, snapshot);
  ASSERT_EQ(snapshot.routers.at(0).trackers.size(), 2u) << "of the instance and of its group";
  EXPECT_EQ(snapshot.routers[0].trackers[0].name, "chk");
  EXPECT_EQ(snapshot.routers[0].trackers[0].weight, -20);
  EXPECT_FALSE(snapshot.routers[0].trackers[0].up);
  EXPECT_NE(snapshot.routers[0].trackers[0].index, snapshot.routers[0].trackers[1].index);
}

TEST(PairReader, SeesEachTransition) {
  tandem::VrrpStates before, now;
  for (auto* states : {&before, &now}) {
    auto* instance = states->add_instances();
    instance->set_name("VI_1");
    instance->set_state(tandem::VRRP_MASTER);
    instance->set_since_us(5);
  }
  EXPECT_TRUE(transitions_between(before, now).empty());
  now.mutable_instances(0)->set_state(tandem::VRRP_BACKUP);
  now.mutable_instances(0)->set_since_us(6);
  now.mutable_instances(0)->set_reason("why");
  const auto all = transitions_between(before, now);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].router, "VI_1");
  EXPECT_EQ(all[0].state, VrrpState::backup);
  EXPECT_EQ(all[0].time_us, 6);
  EXPECT_EQ(all[0].reason, "why");
  EXPECT_EQ(transitions_between({}, now).size(), 1u) << "all, after the link was lost";
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
