#include "lbd/link/patterns.h"

#include <gtest/gtest.h>

namespace lbd::link {
namespace {

using expr::PatternChange;

TEST(PatternShareTest, AChangeIsReadAsItWasWritten) {
  const PatternChange change{"k", {"one", "", "two"}, 70, 60, 50};
  const auto read = decode("k", 70, encode(change));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->key, "k");
  EXPECT_EQ(read->values, change.values);
  EXPECT_EQ(read->version, 70u);
  EXPECT_EQ(read->epoch, 60u);
  EXPECT_EQ(read->base, 50u);
}

TEST(PatternShareTest, NonsenseIsNoChange) {
  EXPECT_FALSE(decode("k", 70, "\xff\xff\xff"));
  EXPECT_FALSE(decode("k", 70, encode({"k", {"v"}, 70, 70, 0}))) << "later than its epoch";
  EXPECT_FALSE(decode("", 70, encode({"", {}, 70, 0, 0}))) << "an epoch that is none";
  EXPECT_FALSE(decode("", 70, encode({"", {"v"}, 70, 60, 0})));
  EXPECT_TRUE(decode("k", 70, "")) << "the key is gone";
}

// What one process tells as the other hears it.
void tell(PatternShare& from, PatternShare& to) {
  tandem::Parts message;
  replica::HybridClock clock;
  while (true) {
    replica::PartBatch batch(message);
    Teller teller(batch, clock, 7, "lb1");
    from.collect(teller);
    if (batch.count() == 0) return;
    replica::each_part(message, [&](const replica::PartStore::News& news) {
      ASSERT_TRUE(to.owns(news.table)) << news.table;
      to.accept(news);
    });
  }
}

struct Process {
  Process() {
    std::string error;
    map = files.open("virt@m", true, error);
    map->add_use(expr::Match::string, false, error);
    for (const char* word : {"/a", "/b", "/a"}) {
      words.push_back(&files.make_list());
      words.back()->add_use(expr::Match::begin, false, error);
      words.back()->add(word, "");
      words.back()->used_by("path_beg", "file", static_cast<uint32_t>(words.size()));
    }
    share.emplace(files);
  }
  expr::PatternFiles files;
  expr::PatternRef* map;
  std::vector<expr::PatternRef*> words;
  std::optional<PatternShare> share;
};

TEST(PatternShareTest, ListsAreKnownByNameOrWords) {
  Process one, two;
  for (int i = 0; i < 2000; ++i) one.map->add("k" + std::to_string(i), "v");
  one.words[0]->add("/0", "");
  one.words[1]->add("/1", "");
  one.words[2]->add("/2", "");
  one.words[2]->remove("/a");
  tell(*one.share, *two.share);
  EXPECT_EQ(two.map->count(), 2000u);
  const auto all = [](const expr::PatternRef& list) {
    std::string text;
    list.visit(0, [&](const auto& shown) { text += std::string(shown.key) + " "; });
    return text;
  };
  EXPECT_EQ(all(*two.words[0]), "/a /0 ");
  EXPECT_EQ(all(*two.words[1]), "/b /1 ");
  EXPECT_EQ(all(*two.words[2]), "/2 ");
}

}  // namespace
}  // namespace lbd::link
