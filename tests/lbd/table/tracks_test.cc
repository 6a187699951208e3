#include "lbd/table/tracks.h"

#include <gtest/gtest.h>

#include <optional>

#include "base/arena.h"
#include "lbd/table/table.h"

namespace lbd::table {
namespace {

using namespace std::chrono_literals;
using config::DataEvent;

constexpr base::MonoTime kStart = base::MonoTime(1h);

class TracksTest : public testing::Test {
 protected:
  TracksTest() {
    config_.key = config::StickTable::Key::string;
    config_.key_length = 10;
    config_.size = 2;
    for (const char* name : {"conn_cnt", "conn_cur", "http_req_cnt"}) config_.add({.type = config::data_type(name)});
    table_.emplace(config_);
  }
  std::string get(std::string_view key) {
    std::string out = "none";
    table_->with(key, Table::Use::look, kStart, [&](Record& record) {
      out = std::to_string(record.holders()) + ":";
      for (const char* name : {"conn_cnt", "conn_cur", "http_req_cnt"})
        out += " " + std::to_string(record.get(*table_->layout().find(config::data_type(name))));
    });
    return out;
  }

  config::StickTable config_;
  std::optional<Table> table_;
  base::BlockPool pool_{1024, 1};
};

TEST_F(TracksTest, HoldCountAndLetGo) {
  base::Arena arena(pool_);
  {
    Tracks session, exchange;
    EXPECT_TRUE(session.empty());
    ASSERT_NE(session.begin(0, *table_, "ann", kStart, nullptr), nullptr);
    ASSERT_NE(exchange.begin(1, *table_, "ann", kStart, &arena), nullptr);
    EXPECT_EQ(get("ann"), "2: 2 2 0");
    EXPECT_EQ(session.find(0)->key, "ann");
    EXPECT_EQ(session.find(1), nullptr);
    session.count(DataEvent::request, 1, kStart);
    exchange.count(DataEvent::request, 3, kStart);
    EXPECT_EQ(get("ann"), "2: 2 2 4");
    exchange.end(kStart);
    EXPECT_TRUE(exchange.empty());
    EXPECT_EQ(get("ann"), "1: 2 1 4");
  }
  EXPECT_EQ(get("ann"), "0: 2 0 4");
}

TEST_F(TracksTest, WhatTheExchangeTracksItselfIsNotCountedTwice) {
  base::Arena arena(pool_);
  Tracks session, exchange;
  session.begin(0, *table_, "ann", kStart, nullptr);
  exchange.begin(0, *table_, "bob", kStart, &arena);
  session.count(DataEvent::request, 1, kStart, &exchange);
  EXPECT_EQ(get("ann"), "1: 1 1 0");
}

TEST_F(TracksTest, AFullTableTracksNothing) {
  Tracks session;
  session.begin(0, *table_, "ann", kStart, nullptr);
  session.begin(1, *table_, "bob", kStart, nullptr);
  EXPECT_EQ(session.begin(2, *table_, "eve", kStart, nullptr), nullptr);
  EXPECT_EQ(session.find(2), nullptr);
}

TEST_F(TracksTest, WatchingChangesNothing) {
  Tracks session;
  session.watch(0, *table_, "ann", nullptr);
  session.count(DataEvent::request, 1, kStart);
  EXPECT_EQ(get("ann"), "none");
  EXPECT_EQ(session.find(0)->key, "ann");
}

}  // namespace
}  // namespace lbd::table
