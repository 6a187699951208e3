#include "lbd/link/table_list.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/load_config.h"

namespace lbd::link {
namespace {

class TableListTest : public testing::Test {
 protected:
  void load(const std::string& text) {
    loaded_ = support::load_config(support::kHttpDefaults + text);
    ASSERT_FALSE(loaded_.diagnostics.has_errors()) << loaded_.said();
    tables_ = std::make_unique<table::Tables>(*loaded_.config);
    other_ = std::make_unique<table::Tables>(*loaded_.config);
  }
  static void set(const table::Tables& tables, const char* name, const std::string& key, uint64_t gpt0 = 0) {
    table::Table& table = *tables.find(name);
    table.with(key, table::Table::Use::create, base::mono_now(), [&](table::Record& record) {
      if (const table::Field* field = table.layout().find(config::data_type("gpt0"))) record.set(*field, gpt0);
    });
  }
  static tandem::TableList list(const table::Tables& tables, const char* table = "", const char* key = "") {
    tandem::TablesRequest wanted;
    wanted.set_table(table);
    wanted.set_key(key);
    return list_tables(tables, wanted, base::mono_now());
  }
  support::LoadedConfig loaded_;
  std::unique_ptr<table::Tables> tables_, other_;
};

TEST_F(TableListTest, WhichThereAre) {
  load("backend a\n stick-table type string len 20 size 100 store gpt0\nbackend b\n stick-table type ip size 10\n");
  set(*tables_, "a", "x");
  const auto all = list(*tables_);
  ASSERT_EQ(all.tables_size(), 2);
  EXPECT_EQ(all.tables(0).name(), "a");
  EXPECT_EQ(all.tables(0).type(), "string");
  EXPECT_EQ(all.tables(0).size(), 100u);
  EXPECT_EQ(all.tables(0).used(), 1u);
  EXPECT_EQ(all.tables(0).entries_size(), 0);
  // The same keys, in whatever order they came, and whatever they hold.
  set(*tables_, "a", "y", 1);
  set(*other_, "a", "y", 2);
  EXPECT_NE(list(*tables_).tables(0).digest(), list(*other_).tables(0).digest());
  set(*other_, "a", "x");
  EXPECT_EQ(list(*tables_).tables(0).digest(), list(*other_).tables(0).digest());
  EXPECT_NE(list(*tables_).tables(0).digest(), 0u);
}

TEST_F(TableListTest, EntriesOfOne) {
  load("backend a\n stick-table type string len 20 size 100 store gpt0,conn_cur,http_req_rate(10s)\n");
  set(*tables_, "a", "x\x1b", 7);
  const auto all = list(*tables_, "a");
  ASSERT_EQ(all.tables_size(), 1);
  EXPECT_EQ(all.tables(0).covers(), UINT64_MAX);
  ASSERT_EQ(all.tables(0).entries_size(), 1);
  const auto& entry = all.tables(0).entries(0);
  EXPECT_EQ(entry.key(), "x?");
  ASSERT_EQ(entry.values_size(), 3);
  EXPECT_EQ(entry.values(0).name() + "=" + entry.values(0).text(), "gpt0=7");
  EXPECT_FALSE(entry.values(0).own());
  EXPECT_EQ(entry.values(1).name(), "conn_cur");
  EXPECT_TRUE(entry.values(1).own());
  EXPECT_EQ(entry.values(2).name(), "http_req_rate(10000)");
  EXPECT_TRUE(entry.values(2).own());
  EXPECT_EQ(list(*tables_, "nowhere").error(), "there is no such table");
}

TEST_F(TableListTest, OneEntry) {
  load("backend a\n stick-table type ip size 100 store gpt0\nbackend b\n stick-table type binary len 4 size 10\n");
  set(*tables_, "a", std::string("\x01\x02\x03\x04"), 7);
  set(*tables_, "a", std::string("\x01\x02\x03\x05"), 8);
  const auto one = list(*tables_, "a", "1.2.3.4");
  ASSERT_EQ(one.tables(0).entries_size(), 1);
  EXPECT_EQ(one.tables(0).entries(0).values(0).text(), "7");
  EXPECT_EQ(list(*tables_, "a", "1.2.3.6").tables(0).entries_size(), 0);
  EXPECT_EQ(list(*tables_, "a", "x").error(), "this is no key of a table of type ip");
  EXPECT_EQ(list(*tables_, "b", "x").error(), "this is no key of a table of type binary");
}

// Two nodes with other keys beside common ones tell the same ones of the common ones.
TEST_F(TableListTest, OfManyTheSameOnBothNodes) {
  load("backend a\n stick-table type string len 30 size 100k store gpt0\n");
  constexpr int kMany = 8000;
  for (int i = 0; i < kMany; ++i) {
    set(*tables_, "a", fmt::format("key number {}", i));
    set(*other_, "a", fmt::format("key number {}", i + 100));
  }
  const auto here = list(*tables_, "a"), there = list(*other_, "a");
  EXPECT_LT(here.ByteSizeLong(), kLongestTableList * 11 / 10);
  EXPECT_GT(here.tables(0).entries_size(), 1000);
  EXPECT_LT(here.tables(0).covers(), UINT64_MAX);
  const uint64_t covers = std::min(here.tables(0).covers(), there.tables(0).covers());
  std::map<uint64_t, std::string> theirs;
  for (const auto& entry : there.tables(0).entries()) theirs[entry.hash()] = entry.key();
  int common = 0;
  for (const auto& entry : here.tables(0).entries()) {
    EXPECT_LE(entry.hash(), here.tables(0).covers());
    const int number = std::stoi(entry.key().substr(11));
    if (entry.hash() > covers || number < 100) continue;
    ++common;
    EXPECT_EQ(theirs[entry.hash()], entry.key());
  }
  EXPECT_GT(common, 1000);
}

}  // namespace
}  // namespace lbd::link
