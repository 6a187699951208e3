#include "lbd/table/record_text.h"

#include <gtest/gtest.h>

#include "lbd/table/tables.h"
#include "tests/support/load_config.h"

namespace lbd::table {
namespace {

class RecordTextTest : public testing::TestWithParam<std::tuple<const char*, const char*>> {};

TEST_P(RecordTextTest, KeysAreReadAsTheyAreWritten) {
  const auto [type, text] = GetParam();
  const auto loaded = support::load_http(std::string("backend b\n stick-table size 10 type ") + type + "\n");
  ASSERT_FALSE(loaded.diagnostics.has_errors()) << loaded.said();
  const Tables tables(*loaded.config);
  Table& table = *tables.find("b");
  const auto key = read_key(table, text);
  ASSERT_TRUE(key);
  std::string written;
  table.with(*key, Table::Use::create, base::mono_now(), [&](Record& record) { written = key_text(record); });
  EXPECT_EQ(written, text);
}
INSTANTIATE_TEST_SUITE_P(Types, RecordTextTest,
                         testing::Values(std::tuple("ip", "192.0.2.1"), std::tuple("ipv6", "2001:db8::1"),
                                         std::tuple("integer", "4711"), std::tuple("string len 8", "a b")));

TEST(RecordText, WhatIsNoKey) {
  const auto loaded = support::load_http("backend b\n stick-table size 10 type ip\n");
  const Tables tables(*loaded.config);
  EXPECT_FALSE(read_key(*tables.find("b"), "x"));
  EXPECT_FALSE(read_key(*tables.find("b"), "::1"));
}

TEST(RecordText, NumbersHaveTheirNames) {
  const auto loaded = support::load_http(
      "backend b\n stick-table size 10 type ip store gpc(2),gpc_rate(1,5s),conn_cnt,http_req_rate(10s)\n");
  ASSERT_FALSE(loaded.diagnostics.has_errors()) << loaded.said();
  const Tables tables(*loaded.config);
  std::string names;
  for_each_field(*tables.find("b"), [&](const std::string& name, const Field& field) {
    names += name + "=" + value_text(*tables.find("b"), field, 7) + " ";
  });
  EXPECT_EQ(names, "conn_cnt=7 http_req_rate(10000)=7 gpc0=7 gpc1=7 gpc0_rate(5000)=7 ");
}

}  // namespace
}  // namespace lbd::table
