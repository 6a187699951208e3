#include <gtest/gtest.h>

#include <random>

#include "lbd/expr/pattern_ref.h"

namespace lbd::expr {
namespace {

// A node's copy of one map.
struct Node {
  explicit Node(std::string_view file = "", uint64_t file_time = 0) : map("m", true, grace) {
    std::string error;
    map.add_use(Match::string, false, error);
    map.set_file_time(file_time);
    map.load(file);
    map.track_changes();
  }
  std::vector<PatternChange> take() {
    std::vector<PatternChange> all;
    while (map.has_changes())
      for (PatternChange& change : map.take_changes(3)) all.push_back(std::move(change));
    return all;
  }
  void learn(const std::vector<PatternChange>& changes) {
    for (const PatternChange& change : changes) map.apply(change);
  }
  std::string all() const {
    std::string text;
    map.visit(map.version(),
              [&](const PatternRef::Shown& one) { text += std::string(one.key) + "=" + std::string(one.value) + " "; });
    return text;
  }
  std::string sorted() const {
    std::vector<std::string> lines;
    map.visit(map.version(), [&](const PatternRef::Shown& one) {
      lines.push_back(std::string(one.key) + "=" + std::string(one.value) + " ");
    });
    std::stable_sort(lines.begin(), lines.end(),
                     [](auto& a, auto& b) { return a.substr(0, a.find('=')) < b.substr(0, b.find('=')); });
    std::string text;
    for (const std::string& line : lines) text += line;
    return text;
  }
  base::Grace grace;
  PatternRef map;
};

constexpr std::string_view kFile = "a 1\nb 2\nb 3\nc 4\n";

TEST(PatternReplicationTest, ChangesOfKeysHoldOnTheOtherNode) {
  Node one(kFile), two(kFile);
  one.map.set("a", "changed");
  one.map.remove("b");
  one.map.add("d", "5");
  one.map.add("d", "6");
  const auto changes = one.take();
  EXPECT_EQ(changes.size(), 3u);
  two.learn(changes);
  EXPECT_EQ(two.all(), "a=changed c=4 d=5 d=6 ");
  EXPECT_EQ(two.all(), one.all());
  EXPECT_TRUE(two.take().empty()) << "what was learnt is not told back";
  two.learn(changes);
  EXPECT_EQ(two.all(), one.all());
}

TEST(PatternReplicationTest, WhatIsSetToTheSameIsNoChange) {
  Node one(kFile);
  one.map.set("a", "1");
  one.map.set_or_add("c", "4");
  EXPECT_EQ(one.map.remove("none"), "Key not found.");
  EXPECT_TRUE(one.take().empty());
}

TEST(PatternReplicationTest, TheLaterChangeOfAKeyWins) {
  Node one(kFile), two(kFile);
  one.map.set("a", "first");
  two.map.set("a", "second");
  one.map.set("c", "third");
  const auto from_one = one.take(), from_two = two.take();
  one.learn(from_two);
  two.learn(from_one);
  EXPECT_EQ(one.all(), "a=second b=2 b=3 c=third ");
  EXPECT_EQ(two.all(), one.all());
}

TEST(PatternReplicationTest, AClearedListVoidsWhatIsOlder) {
  Node one(kFile), two(kFile);
  two.map.add("older", "x");
  const auto older = two.take();
  one.map.clear();
  one.map.add("n", "1");
  const auto cleared = one.take();
  two.map.add("later", "y");
  const auto later = two.take();
  two.learn(cleared);
  EXPECT_EQ(two.sorted(), "later=y n=1 ");
  one.learn(older);
  one.learn(later);
  EXPECT_EQ(one.sorted(), two.sorted());
}

TEST(PatternReplicationTest, ACommitReplacesAllAtOnce) {
  Node one(kFile), two(kFile);
  const uint32_t version = one.map.prepare();
  for (int i = 0; i < 20; ++i) one.map.add("k" + std::to_string(i % 15), std::to_string(i), version);
  EXPECT_TRUE(one.take().empty()) << "nobody sees it yet";
  one.map.commit(version);
  one.map.set("k3", "after");
  const auto changes = one.take();
  for (const PatternChange& change : changes) {
    if (change.key.empty()) break;
    two.map.apply(change);
    EXPECT_EQ(two.all(), "a=1 b=2 b=3 c=4 ");
  }
  two.learn(changes);
  EXPECT_EQ(two.sorted(), one.sorted());
  EXPECT_EQ(two.map.count(), 20u);
}

TEST(PatternReplicationTest, AnEditedFileWinsOverOlderChanges) {
  Node one(kFile);
  one.map.set("a", "set");
  one.map.remove("c");
  const auto changes = one.take();
  const uint64_t later = static_cast<uint64_t>(base::wall_now().time_since_epoch().count()) + 1'000'000;
  Node edited("a edited\nb 2\nb 3\nc 4\n", later), touched(kFile, later), older("a edited\nb 2\nb 3\nc 4\n", 1);
  edited.learn(changes);
  EXPECT_EQ(edited.all(), "a=edited b=2 b=3 ") << "the line of c is what it was";
  touched.learn(changes);
  EXPECT_EQ(touched.all(), "a=set b=2 b=3 ");
  older.learn(changes);
  EXPECT_EQ(older.all(), "a=set b=2 b=3 ") << "changed after this file was written";

  one.map.clear();
  one.map.add("n", "1");
  const auto cleared = one.take();
  Node edited_since("x 1\n", later);
  edited_since.learn(cleared);
  EXPECT_EQ(edited_since.all(), "x=1 ");
  touched.learn(cleared);
  EXPECT_EQ(touched.all(), "n=1 ");
}

TEST(PatternReplicationTest, EverythingIsToldAgainToWhoeverForgot) {
  Node one(kFile), two(kFile);
  one.map.clear();
  one.map.add("n", "1");
  two.learn(one.take());
  two.map.set("n", "2");
  one.learn(two.take());
  one.map.mark_changes();
  Node late(kFile);
  late.learn(one.take());
  EXPECT_EQ(late.all(), "n=2 ");
  late.learn(one.take());
  two.map.mark_changes();
  one.learn(two.take());
  EXPECT_EQ(one.all(), "n=2 ");
}

TEST(PatternReplicationTest, WhatComesAndGoesIsForgotten) {
  using namespace std::chrono_literals;
  base::Grace grace;
  PatternJournal journal(grace);
  const base::WallTime begin = base::wall_now();
  journal.changed(
      "of the file", [] { return 7; }, begin);
  journal.gone("of the file");
  journal.changed(
      "stays", [] { return 0; }, begin);
  // Ten a second for ten hours.
  for (int i = 0; i < 10 * 36000; ++i) {
    const std::string key = std::to_string(i);
    journal.changed(
        key, [] { return 0; }, begin + i * 100ms);
    journal.gone(key);
  }
  EXPECT_GE(journal.size(), 36000u);
  // And what comes while one goes round all of them.
  EXPECT_LE(journal.size(), 2 * 72000u);
  EXPECT_NE(journal.find("of the file"), nullptr);
  EXPECT_NE(journal.find("stays"), nullptr);
  size_t told = 0;
  std::string key;
  PatternJournal::Record record;
  while (journal.take_key(key, record)) ++told;
  EXPECT_EQ(told, journal.size());
}

// Whatever is told in whatever order and how often: the nodes agree in the end.
TEST(PatternReplicationTest, NodesAgreeAfterManyChanges) {
  std::mt19937 random(11);
  for (int round = 0; round < 50; ++round) {
    std::vector<std::unique_ptr<Node>> nodes;
    for (int i = 0; i < 3; ++i) nodes.push_back(std::make_unique<Node>(kFile));
    std::vector<std::vector<PatternChange>> told;
    for (int step = 0; step < 60; ++step) {
      // Two nodes do not clear a list in the same microsecond.
      for (const auto now = base::wall_now(); base::wall_now() == now;) {
      }
      PatternRef& map = nodes[random() % 3]->map;
      const std::string key(1, static_cast<char>('a' + random() % 6)), value = std::to_string(step);
      switch (random() % 12) {
        case 0:
          map.clear();
          break;
        case 1: {
          const uint32_t version = map.prepare();
          for (int i = 0; i < 5; ++i) map.add(key + std::to_string(i % 3), value, version);
          map.commit(version);
          break;
        }
        case 2:
        case 3:
          map.remove(key);
          break;
        case 4:
        case 5:
          map.set(key, value);
          break;
        default:
          map.add(key, value);
      }
      if (random() % 4 == 0)
        for (auto& node : nodes)
          if (auto changes = node->take(); !changes.empty()) told.push_back(std::move(changes));
      if (!told.empty() && random() % 3 == 0) nodes[random() % 3]->learn(told[random() % told.size()]);
    }
    for (auto& node : nodes) {
      node->map.mark_changes();
      told.push_back(node->take());
    }
    std::shuffle(told.begin(), told.end(), random);
    for (auto& changes : told)
      for (auto& node : nodes) node->learn(changes);
    EXPECT_EQ(nodes[1]->sorted(), nodes[0]->sorted()) << "round " << round;
    EXPECT_EQ(nodes[2]->sorted(), nodes[0]->sorted()) << "round " << round;
  }
}

}  // namespace
}  // namespace lbd::expr
