#include "lbd/config/stick_table.h"

#include <gtest/gtest.h>

#include "tests/support/load_config.h"

namespace lbd::config {
namespace {

using namespace std::chrono_literals;
using support::load_http;

// The text stands in line 7, from column 2.
support::LoadedConfig load_table(const std::string& words) {
  return load_http("backend b\n stick-table " + words + "\n");
}

TEST(StickTable, ReadsAllWords) {
  const auto loaded = load_table(
      "type string len 20 size 1m expire 30s srvkey addr store gpc0,http_req_rate(10s) store bytes_in_cnt,gpt(3)");
  EXPECT_EQ(loaded.said(), "");
  const StickTable& table = *loaded.proxy().stick_table;
  EXPECT_EQ(table.name, "b");
  EXPECT_EQ(table.key, StickTable::Key::string);
  EXPECT_EQ(table.key_length, 20u);
  EXPECT_EQ(table.size, 1u << 20);
  EXPECT_EQ(table.expire, 30s);
  EXPECT_TRUE(table.server_key_is_address);
  ASSERT_EQ(table.data.size(), 4u);
  EXPECT_EQ(kDataTypes[table.data[0].type].name, "gpc0");
  EXPECT_EQ(kDataTypes[table.data[1].type].name, "http_req_rate");
  EXPECT_EQ(table.data[1].period, 10s);
  EXPECT_EQ(kDataTypes[table.data[3].type].name, "gpt");
  EXPECT_EQ(table.data[3].count, 3u);
  EXPECT_EQ(loaded.config->find_table("b"), &table);
}

TEST(StickTable, CommasInBracketsDoNotSeparate) {
  const auto loaded = load_table("type ip size 10 store gpc_rate(5,1m),conn_cur");
  EXPECT_EQ(loaded.said(), "");
  const StickTable& table = *loaded.proxy().stick_table;
  ASSERT_EQ(table.data.size(), 2u);
  EXPECT_EQ(table.data[1].count, 5u);
  EXPECT_EQ(table.data[1].period, 60s);
}

TEST(StickTable, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(load_table("size 10").said(), "ALERT 7:21 the type of the keys is missing\n");
  EXPECT_EQ(load_table("type ip").said(), "ALERT 7:21 the size of the table is missing\n");
  EXPECT_TRUE(load_table("type ipv5 size 10").said().starts_with("ALERT 7:19 "));
  EXPECT_EQ(load_table("type ip size 10 store http_req").said(), "ALERT 7:36 'http_req' is no data of a stick table\n");
  EXPECT_EQ(load_table("type ip size 10 store http_req_rate").said(),
            "ALERT 7:36 'http_req_rate' is written http_req_rate(PERIOD)\n");
  EXPECT_EQ(load_table("type ip size 10 store gpc0(3)").said(), "ALERT 7:36 'gpc0' takes no argument\n");
  EXPECT_EQ(load_table("type ip size 10 store gpc0,gpc(2)").said(),
            "ALERT 7:36 'gpc' cannot be stored beside 'gpc0'\n");
  EXPECT_EQ(load_table("type ip size 10 peers nobody").said(),
            "ALERT 7:2 stick-table: unable to find the peers section 'nobody'\n");
  EXPECT_TRUE(load_http("backend b\n stick-table type ip size 1\n stick-table type ip size 1\n").says("already"));
}

TEST(StickTable, TablesOfPeersSections) {
  const auto loaded = load_http("peers p\n peer a 127.0.0.1:1024\n table t type integer size 10 store gpc0\n");
  EXPECT_EQ(loaded.said(), "");
  ASSERT_NE(loaded.config->find_table("p/t"), nullptr);
  EXPECT_EQ(loaded.config->find_table("p/t")->key, StickTable::Key::integer);
}

TEST(StickTable, WritesToAnotherOfTheSameKeys) {
  const std::string peers = "peers p\n peer a 127.0.0.1:1024\nbackend o\n stick-table type ip size 10\n";
  const auto load = [&](const std::string& words) {
    return load_http(peers + "backend b\n stick-table type " + words + "\n");
  };
  const auto loaded = load("ip size 10 peers p write-to o");
  EXPECT_EQ(loaded.said(), "");
  EXPECT_EQ(loaded.config->find_table("b")->written_to, loaded.config->find_table("o"));
  EXPECT_TRUE(load("ip size 10 peers p write-to x").says("write-to: 'x' is no stick table"));
  EXPECT_TRUE(load("ip size 10 peers p write-to b").says("write-to: 'b' is the table itself"));
  EXPECT_TRUE(load("integer size 10 peers p write-to o").says("write-to: 'o' has keys of another type or length"));
  EXPECT_TRUE(load("ip size 10 write-to o").says("write-to takes no effect"));
}

TEST(StickTable, KnowsWhetherOthersHaveIt) {
  EXPECT_FALSE(load_table("type ip size 10 recv-only").says("no effect"));
  EXPECT_FALSE(load_table("type ip size 10").config->stick_tables[0]->shared());
  const auto loaded = load_http(
      "peers p\n peer a 127.0.0.1:1024\n table t type ip size 10\nbackend b\n stick-table type ip size 10 peers p\n");
  EXPECT_EQ(loaded.said(), "");
  for (const StickTable* table : loaded.config->stick_tables) EXPECT_TRUE(table->shared()) << table->name;
}

TEST(StickTable, RulesAddWhatTheyNeed) {
  for (const char* rule : {"stick on", "stick match", "stick store-request", "stick store-response"}) {
    const auto loaded = load_http(std::string("backend b\n ") + rule +
                                  " src table t\n server s 127.0.0.1:80\n"
                                  "backend t\n stick-table type ip size 10 store gpc0\n");
    const StickTable& table = *loaded.proxy(1).stick_table;
    ASSERT_EQ(table.data.size(), 3u) << rule;
    EXPECT_EQ(kDataTypes[table.data[0].type].name, "server_id");
    EXPECT_EQ(kDataTypes[table.data[2].type].name, "server_key");
  }
}

}  // namespace
}  // namespace lbd::config
