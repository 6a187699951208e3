#include "lbctl/tables.h"

#include <gtest/gtest.h>

namespace lbctl {
namespace {

using Entry = tandem::TableList::Entry;

Entry& add_entry(NodeTables& node, uint64_t hash, const char* key, const char* gpt0, const char* rate = "1") {
  Entry& entry = *node.list.mutable_tables(0)->add_entries();
  entry.set_hash(hash);
  entry.set_key(key);
  entry.set_expires_ms(90'000);
  entry.add_values()->set_name("gpt0");
  entry.mutable_values(0)->set_text(gpt0);
  entry.add_values()->set_name("http_req_rate(10000)");
  entry.mutable_values(1)->set_text(rate);
  entry.mutable_values(1)->set_own(true);
  return entry;
}

NodeTables node(const char* name, uint64_t used, uint64_t digest) {
  NodeTables out{name, "", {}};
  auto& table = *out.list.add_tables();
  table.set_name("web");
  table.set_type("ip");
  table.set_size(1000);
  table.set_used(used);
  table.set_peers("pair");
  table.set_digest(digest);
  table.set_covers(UINT64_MAX);
  return out;
}

TEST(Tables, SideBySide) {
  std::vector<NodeTables> nodes = {node("lb1", 12, 7), node("lb2", 12, 7)};
  auto& own = *nodes[0].list.add_tables();
  own.set_name("local");
  own.set_type("string");
  own.set_digest(1);
  EXPECT_EQ(render_tables(nodes, {{"lb2", "in sync", 3, 0}}),
            "table  type    size  peers  on lb1  on lb2  keys\n"
            "web    ip      1000  pair   12      12      the same\n"
            "local  string  0     -      0       -       not shared\n"
            "lb2 is in sync; on the way there 3, from there 0\n");
  nodes[1].list.mutable_tables(0)->set_digest(8);
  EXPECT_NE(render_tables(nodes, {}).find("12      differ\n"), std::string::npos);
  nodes[1].list.mutable_tables(0)->set_digest(0);
  EXPECT_NE(render_tables(nodes, {}).find("12      too many to look\n"), std::string::npos);
  // Tables of one name and other keys are others.
  nodes[1].list.mutable_tables(0)->set_type("string");
  EXPECT_NE(render_tables(nodes, {}).find("ip      1000  pair   12      -       not on lb2\n"), std::string::npos);
  nodes[1] = {"lb2", "not linked", {}};
  EXPECT_NE(render_tables(nodes, {}).find("not known\n"), std::string::npos);
  EXPECT_NE(render_tables(nodes, {}).find("\nlb2: not linked\n"), std::string::npos);
  EXPECT_NE(render_tables_json(nodes, {{"lb2", "down", 3, 0}})
                .find(R"({"table":"web","type":"ip","size":1000,"peers":"pair","used":{"lb1":12},"keys":"not known"})"),
            std::string::npos);
  EXPECT_EQ(render_tables({{"lb1", "", {}}}, {}), "there are none\n");
}

TEST(Tables, WhatDiffers) {
  NodeTables a = node("lb1", 3, 1), b = node("lb2", 3, 2);
  add_entry(a, 1, "same", "7", "1");
  add_entry(b, 1, "same", "7", "2");
  add_entry(a, 2, "other", "7");
  add_entry(b, 2, "other", "3");
  add_entry(a, 3, "here", "7");
  add_entry(b, 4, "there", "7");
  const Comparison now = compare(a, b);
  EXPECT_EQ(now.compared, 3u);
  EXPECT_TRUE(now.all);
  EXPECT_EQ(render_comparison("lb2", now),
            "other: gpt0 is 7 on lb1 and 3 on lb2\n"
            "here: only on lb1\n"
            "there: only on lb2\n"
            "3 entries compared with lb2, 3 differ\n");
  Comparison before;
  before.differences[3] = {};
  EXPECT_EQ(lasting(before, now).differences.size(), 1u) << "the others were on their way";
  EXPECT_EQ(render_comparison_json("lb2", lasting(before, now)),
            R"({"node":"lb2","compared":3,"all":true,"differences":[{"key":"here","text":"only on lb1"}]})"
            "\n");
}

TEST(Tables, OfManyThoseAreComparedThatBothTell) {
  NodeTables a = node("lb1", 3, 1), b = node("lb2", 3, 1);
  add_entry(a, 1, "x", "7");
  add_entry(a, 5, "y", "7");
  add_entry(b, 1, "x", "7");
  b.list.mutable_tables(0)->set_covers(4);
  const Comparison now = compare(a, b);
  EXPECT_EQ(render_comparison("lb2", now),
            "1 entries compared with lb2, a sample of them by their keys, no difference\n");
  EXPECT_EQ(compare(a, {"lb3", "", {}}).compared, 0u);
}

TEST(Tables, OneEntryAsEachNodeHasIt) {
  std::vector<NodeTables> nodes = {node("lb1", 1, 1), node("lb2", 1, 1), {"lb3", "not linked", {}}};
  add_entry(nodes[1], 1, "a\x1b", "7");
  EXPECT_EQ(render_entry(nodes),
            "a?   expires in  gpt0  http_req_rate(10000)\n"
            "lb1  has it not\n"
            "lb2  90 s        7     1\n"
            "lb3: not linked\n");
  EXPECT_EQ(render_entry_json(nodes),
            "{\"nodes\":[{\"node\":\"lb1\"},{\"node\":\"lb2\",\"key\":\"a\\u001b\",\"expires_ms\":90000,"
            "\"data\":{\"gpt0\":\"7\",\"http_req_rate(10000)\":\"1\"}},"
            "{\"node\":\"lb3\",\"error\":\"not linked\"}]}\n");
}

TEST(Tables, LagsAreThoseOfBothSyncd) {
  Answer here, there;
  const auto add = [](Answer& to, const char* object, const char* name, uint64_t value, const char* text) {
    auto* row = to.stats.add_rows();
    row->set_object(object);
    row->set_name(name);
    row->set_value(value);
    row->set_text(text);
  };
  add(here, "", "node", 0, "lb1");
  add(here, "node lb2", "state", 0, "in sync");
  add(here, "node lb2", "table_parts_on_the_way", 3, "");
  add(there, "node lb1", "table_parts_on_the_way", 4, "");
  PairAnswers pair{.here = {here, here, here}, .others = {}};
  pair.others.push_back({.name = "lb2", .error = "", .said = NodeAnswers{there, there, there}});
  const auto lags = lags_of(pair);
  ASSERT_EQ(lags.size(), 1u);
  EXPECT_EQ(lags[0].state, "in sync");
  EXPECT_EQ(lags[0].there, 3u);
  EXPECT_EQ(lags[0].here, 4u);
  EXPECT_EQ(tables_of(pair)[1].error, "lbd is of an older version () and does not tell");
}

}  // namespace
}  // namespace lbctl
