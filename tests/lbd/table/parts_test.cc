// Tables of several processes that tell each other: what each reads is the same, in whatever order they hear of it.
#include "lbd/table/parts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>

#include "lbd/table/table.h"

namespace lbd::table {
namespace {

using namespace std::chrono_literals;
using config::StickTable;

constexpr base::MonoTime kStart{1000s};
const base::WallTime kWall{std::chrono::microseconds(1'700'000'000'000'000)};

StickTable shared_table(uint64_t size = 100) {
  StickTable table;
  table.key_length = 4;
  table.size = size;
  table.expire = 30s;
  table.peers = "pair";
  table.add({.type = config::data_type("server_id")});
  table.add({.type = config::data_type("server_key")});
  table.add({.type = config::data_type("http_req_cnt")});
  table.add({.type = config::data_type("http_req_rate"), .period = 10s});
  table.add({.type = config::data_type("bytes_in_cnt")});
  table.add({.type = config::data_type("conn_cur")});
  table.add({.type = config::data_type("gpt"), .count = 2});
  return table;
}

struct Message {
  std::string key, value;
  uint64_t origin, version, cleared;
  int64_t deadline;
};

// One process; messages are told when the test says so.
class Process {
 public:
  Process(const StickTable& config, uint64_t origin) : table(config, origin), origin_(origin) {}
  const Field& field(std::string_view name, size_t element = 0) {
    return *table.layout().find(config::data_type(name), element);
  }
  void add(std::string_view name, uint64_t amount, base::Nanos after = 0ns, std::string_view key = "abcd") {
    table.with(key, Table::Use::create, kStart + after, [&](Record& record) { record.add(field(name), amount); });
  }
  void set(std::string_view name, uint64_t value) {
    table.with("abcd", Table::Use::create, kStart, [&](Record& record) { record.set(field(name), value); });
  }
  uint64_t get(std::string_view name, base::Nanos after = 0ns, std::string_view key = "abcd") {
    uint64_t value = ~uint64_t{0};
    table.with(key, Table::Use::look, kStart + after, [&](Record& record) { value = record.get(field(name)); });
    return value;
  }
  std::vector<Message> changes(base::Nanos after = 0ns) {
    std::vector<Message> out;
    const auto wall = kWall + std::chrono::duration_cast<std::chrono::microseconds>(after);
    for (const Removal& removal : table.take_removals()) {
      version_ = std::max({version_ + 1, removal.cleared + 1, micros(base::wall_now())});
      out.push_back(
          {removal.key, "", origin_, version_, removal.cleared, base::to_millis(wall.time_since_epoch()) + 30'000});
    }
    table.take_changes(kStart + after, 1000, [&](const Change& change) {
      version_ = std::max(version_ + 1, static_cast<uint64_t>(base::wall_now().time_since_epoch().count()));
      out.push_back({std::string(change.key), change.value, origin_, version_, 0,
                     base::to_millis(wall.time_since_epoch()) + change.life.count()});
    });
    return out;
  }
  bool learn(const Message& message, base::Nanos after = 0ns) {
    return table.learn({.key = message.key,
                        .origin = message.origin,
                        .version = message.version,
                        .deadline = message.deadline,
                        .cleared = message.cleared,
                        .value = message.value},
                       kStart + after, kWall + std::chrono::duration_cast<std::chrono::microseconds>(after));
  }
  void learn_all(const std::vector<Message>& messages, base::Nanos after = 0ns) {
    for (const Message& message : messages) learn(message, after);
  }
  Table table;

 private:
  const uint64_t origin_;
  uint64_t version_ = 0;
};

class PartsTest : public testing::Test {
 protected:
  const StickTable config_ = shared_table();
  Process a_{config_, 1}, b_{config_, 2}, c_{config_, 3};
};

TEST_F(PartsTest, CountsAreAddedAndNothingCountsTwice) {
  a_.add("http_req_cnt", 100);
  a_.add("http_req_rate", 100);
  a_.add("bytes_in_cnt", uint64_t{1} << 40);
  b_.add("http_req_cnt", 11);
  b_.add("http_req_rate", 11);
  const auto from_a = a_.changes(), from_b = b_.changes();
  for (int i = 0; i < 3; ++i) {
    b_.learn_all(from_a);
    a_.learn_all(from_b);
  }
  for (Process* one : {&a_, &b_}) {
    EXPECT_EQ(one->get("http_req_cnt"), 111u);
    EXPECT_EQ(one->get("http_req_rate"), 111u);
    EXPECT_EQ(one->get("bytes_in_cnt"), uint64_t{1} << 40);
  }
  EXPECT_TRUE(a_.changes().empty());  // what is learnt is no change
}

TEST_F(PartsTest, ABurstIsOneChange) {
  for (int i = 0; i < 1000; ++i) a_.add("http_req_cnt", 1);
  EXPECT_EQ(a_.changes().size(), 1u);
  EXPECT_EQ(a_.changes().size(), 0u);
  a_.table.mark_all();
  EXPECT_EQ(a_.changes().size(), 1u);
  b_.learn({"abcd", "", 9, 9, 0, INT64_MAX});
  b_.table.mark_all();  // nothing was counted here
  EXPECT_EQ(b_.changes().size(), 0u);
}

TEST_F(PartsTest, RatesFadeWhereTheyAreLearnt) {
  a_.add("http_req_rate", 100);
  b_.learn_all(a_.changes(2s), 2s);
  EXPECT_EQ(b_.get("http_req_rate", 2s), 100u);
  EXPECT_EQ(b_.get("http_req_rate", 15s), a_.get("http_req_rate", 15s));
  EXPECT_EQ(b_.get("http_req_rate", 21s), 0u);
}

TEST_F(PartsTest, TheLastWriterOfATagWins) {
  a_.set("gpt", 1);
  b_.learn_all(a_.changes());
  b_.set("gpt", 2);
  a_.learn_all(b_.changes());
  EXPECT_EQ(a_.get("gpt"), 2u);
  EXPECT_EQ(b_.get("gpt"), 2u);
  a_.set("gpt", 0);
  b_.learn_all(a_.changes());
  EXPECT_EQ(b_.get("gpt"), 0u);
}

TEST_F(PartsTest, NamesOfServersAreTheSameEverywhere) {
  b_.table.number_of("other");  // has the number that s1 has at the other one
  a_.set("server_key", a_.table.number_of("s1"));
  b_.learn_all(a_.changes());
  EXPECT_EQ(b_.table.name_of(static_cast<uint32_t>(b_.get("server_key"))), "s1");
}

TEST_F(PartsTest, ACounterThatIsClearedStartsAnewEverywhere) {
  a_.add("http_req_cnt", 10);
  b_.add("http_req_cnt", 5);
  a_.learn_all(b_.changes());
  b_.learn_all(a_.changes());
  a_.set("http_req_cnt", 0);
  EXPECT_EQ(a_.get("http_req_cnt"), 0u);
  b_.learn_all(a_.changes());
  EXPECT_EQ(b_.get("http_req_cnt"), 0u);
  b_.add("http_req_cnt", 2);
  a_.learn_all(b_.changes());
  EXPECT_EQ(a_.get("http_req_cnt"), 2u);
}

TEST_F(PartsTest, WhatIsOpenIsNotAdded) {
  a_.add("conn_cur", 3);
  b_.learn_all(a_.changes());
  EXPECT_EQ(b_.get("conn_cur"), 0u);
  uint64_t theirs = 0;
  b_.table.with("abcd", Table::Use::look, kStart, [&](Record& record) {
    record.each_part([&](uint64_t origin, const Part* part) {
      if (origin == 1) theirs = record.get_of(part, b_.field("conn_cur"));
    });
  });
  EXPECT_EQ(theirs, 3u);
}

TEST_F(PartsTest, WhatHasExpiredDoesNotComeBack) {
  a_.add("http_req_cnt", 1);
  const auto old = a_.changes();
  EXPECT_FALSE(b_.learn(old[0], 30s));
  EXPECT_EQ(b_.table.used(), 0u);
  EXPECT_TRUE(b_.learn(old[0], 20s));
  EXPECT_EQ(b_.get("http_req_cnt", 29s), 1u);
  EXPECT_EQ(b_.get("http_req_cnt", 30s), ~uint64_t{0});  // with what was left of its life
}

TEST_F(PartsTest, ARemovedEntryIsGoneEverywhere) {
  a_.add("http_req_cnt", 10);
  b_.add("http_req_cnt", 5);
  a_.learn_all(b_.changes());
  b_.learn_all(a_.changes());
  EXPECT_EQ(a_.table.remove("abcd", kStart), Table::Removed::yes);
  b_.add("http_req_cnt", 1);
  const auto late = b_.changes();  // before it heard of that
  b_.learn_all(a_.changes());
  EXPECT_EQ(b_.table.used(), 0u);
  a_.learn_all(late);
  EXPECT_EQ(a_.get("http_req_cnt"), 6u);
  a_.learn_all(b_.changes());
  EXPECT_EQ(a_.table.used(), 0u);
  b_.add("http_req_cnt", 1);
  a_.learn_all(b_.changes());
  EXPECT_EQ(a_.get("http_req_cnt"), 1u);
}

TEST_F(PartsTest, AnyOrderAnyRepetitionOneResult) {
  std::mt19937 random(3);
  for (int round = 0; round < 50; ++round) {
    Process processes[] = {{config_, 1}, {config_, 2}, {config_, 3}};
    std::vector<Message> told;
    uint64_t counted = 0;
    for (int i = 0; i < 60; ++i) {
      Process& one = processes[random() % 3];
      if (random() % 4 == 0) one.set("gpt", random() % 100);
      one.add("http_req_cnt", 1);
      ++counted;
      if (random() % 3 == 0) {
        for (const Message& message : one.changes()) told.push_back(message);
      }
      if (!told.empty()) processes[random() % 3].learn(told[random() % told.size()]);
    }
    for (Process& one : processes)
      for (const Message& message : one.changes()) told.push_back(message);
    for (Process& one : processes) {
      std::shuffle(told.begin(), told.end(), random);
      const uint64_t origin = &one == &processes[0] ? 1 : &one == &processes[1] ? 2 : 3;
      for (const Message& message : told)
        if (message.origin != origin) one.learn(message);
    }
    for (Process& one : processes) {
      EXPECT_EQ(one.get("http_req_cnt"), counted);
      EXPECT_EQ(one.get("gpt"), processes[0].get("gpt"));
    }
  }
}

TEST_F(PartsTest, BytesThatAreNoPartChangeNothing) {
  std::mt19937 random(5);
  a_.add("http_req_cnt", 1);
  const Message good = a_.changes()[0];
  for (int i = 0; i < 20000; ++i) {
    Message bad = good;
    bad.origin = random() % 100 + 2;
    for (int flips = 0; flips < 3; ++flips) bad.value[random() % bad.value.size()] = static_cast<char>(random());
    bad.value.resize(random() % (bad.value.size() + 1));
    b_.learn(bad);
  }
  EXPECT_EQ(b_.table.used(), 1u);
  EXPECT_FALSE(b_.learn({"abc", good.value, 2, 1, 0, good.deadline}));
  EXPECT_FALSE(b_.learn({"", good.value, 2, 1, 0, good.deadline}));
}

TEST_F(PartsTest, PagesThatSplitKeepWhatChanged) {
  const StickTable large = shared_table(100'000);
  Process one(large, 1), other(large, 2);
  for (uint32_t i = 0; i < 20'000; ++i) one.add("http_req_cnt", 1, 0ns, {reinterpret_cast<const char*>(&i), sizeof i});
  std::vector<Message> all;
  for (std::vector<Message> some; !(some = one.changes()).empty();) all.insert(all.end(), some.begin(), some.end());
  EXPECT_EQ(all.size(), 20'000u);
  other.learn_all(all);
  EXPECT_EQ(other.table.used(), 20'000u);
}

}  // namespace
}  // namespace lbd::table
