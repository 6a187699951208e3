#include "lbctl/stick_table.h"

#include <gtest/gtest.h>

namespace lbctl {
namespace {

constexpr std::string_view kAnswer =
    "# table: web, type: string, size:204800, used:2\n"
    "0x55d0c8a0: key=a use=x use=0 exp=29500 http_req_rate(10000)=12 gpt0=7\n"
    "\tlb1: http_req_rate(10000)=5 gpt0=7\n"
    "\tlb2 (ended): http_req_rate(10000)=7 gpt0=0\n"
    "0x55d0c8b0: key=192.0.2.1 use=3 exp=1500 http_req_rate(10000)=1 gpt0=0\n"
    "\tlb1: http_req_rate(10000)=1 gpt0=0\n"
    "\n";

TEST(StickTable, EntriesWithWhatEachNodeCounted) {
  const auto tables = read_tables(kAnswer);
  ASSERT_TRUE(tables);
  ASSERT_EQ(tables->size(), 1u);
  EXPECT_EQ(render_entries(tables->front()),
            "table web, type string, 2 of 204800 entries\n"
            "key            expires  uses  http_req_rate(10000)  gpt0\n"
            "a use=x        29 s     0     12                    7\n"
            "  lb1                         5                     7\n"
            "  lb2 (ended)                 7                     0\n"
            "192.0.2.1      1 s      3     1                     0\n");
  const std::string json = render_json(tables->front());
  EXPECT_TRUE(
      json.starts_with(R"({"table":"web","type":"string","size":"204800","used":"2","entries":[{"key":"a use=x",)"))
      << json;
  EXPECT_NE(json.find("{\"node\":\"lb2 (ended)\",\"data\":{\"http_req_rate(10000)\":\"7\",\"gpt0\":\"0\"}}"),
            std::string::npos)
      << json;
}

TEST(StickTable, WhatIsNoAnswer) {
  EXPECT_FALSE(read_tables("No such table\n\n"));
  EXPECT_FALSE(read_tables("# table: web, type: ip\n"));
  const auto tables =
      read_tables("# table: t, type: ip, size:1, used:1\n# contents not dumped\n\x1b[2J\n\tx: gpt0=1\n");
  ASSERT_TRUE(tables);
  EXPECT_TRUE(tables->front().entries.empty());
  EXPECT_EQ(render_entries(tables->front()),
            "table t, type ip, 1 of 1 entries\n# contents not dumped\n?[2J\n?x: gpt0=1\n");
}

}  // namespace
}  // namespace lbctl
