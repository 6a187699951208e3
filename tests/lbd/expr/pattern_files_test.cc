#include "lbd/expr/pattern_files.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <thread>

#include "lbd/expr/pattern.h"

namespace lbd::expr {
namespace {

class PatternFilesTest : public testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& content) {
    std::string path = testing::TempDir() + "tandem_patterns_" + name;
    FILE* to = std::fopen(path.c_str(), "w");
    std::fwrite(content.data(), 1, content.size(), to);
    std::fclose(to);
    made_.push_back(path);
    return path;
  }
  ~PatternFilesTest() override {
    for (const std::string& path : made_) std::remove(path.c_str());
  }
  PatternRef& open(const std::string& name, bool is_map) {
    std::string error;
    PatternRef* list = files_.open(name, is_map, error);
    EXPECT_EQ(error, "");
    return *list;
  }
  static size_t use(PatternRef& list, Match match, bool ignore_case = false) {
    std::string error;
    size_t number = list.add_use(match, ignore_case, error);
    EXPECT_EQ(error, "");
    return number;
  }
  static std::string text_of(const PatternEntry* entry) {
    if (!entry) return "-";
    const PatternValue* value = entry->value.load();
    return std::string(value ? value->text() : entry->key());
  }
  static std::string find(PatternRef& list, size_t number, std::string_view text) {
    return text_of(list.find(number, Value::of_text(text)));
  }
  static std::string find_ip(PatternRef& list, size_t number, const char* ip) {
    return text_of(list.find(number, Value::of_ip(*base::IpAddr::parse(ip))));
  }
  // Of the entry with this id.
  static uint64_t ref(PatternRef& list, uint64_t id) {
    for (uint64_t one : list.refs(list.version()))
      if (one >> 32 == id) return one;
    return id << 32;
  }
  static std::string all(PatternRef& list, uint32_t version) {
    std::string text;
    list.visit(version, [&](const PatternRef::Shown& one) {
      text += std::string(one.key) + (one.value.empty() ? "" : "=" + std::string(one.value)) + " ";
    });
    return text;
  }

  PatternFiles files_;
  std::vector<std::string> made_;
};

TEST_F(PatternFilesTest, LinesOfLists) {
  PatternRef& list = open(file("list", "# comment\n\n  lead\ntrail  \n  #hash\ncr\r\nlast"), false);
  EXPECT_EQ(all(list, 0), "lead trail   #hash cr last ");
  size_t exact = use(list, Match::string);
  EXPECT_EQ(find(list, exact, "trail  "), "trail  ");
  EXPECT_EQ(find(list, exact, "trail"), "-");
  EXPECT_EQ(find(list, use(list, Match::string, true), "LEAD"), "lead");
  EXPECT_EQ(use(list, Match::string), exact);
}

TEST_F(PatternFilesTest, LinesOfMaps) {
  PatternRef& map = open(file("map", "/a\tone two  \n/a second\n/ab   long\n/abc\n  /x lead\n#no\n  #h val\r\n"), true);
  EXPECT_EQ(all(map, 0), "/a=one two /a=second /ab=long /abc /x=lead #h=val ");
  size_t exact = use(map, Match::string), beginning = use(map, Match::begin);
  EXPECT_EQ(find(map, exact, "/a"), "one two");
  EXPECT_EQ(find(map, exact, "/abc"), "");
  EXPECT_EQ(find(map, exact, "/none"), "-");
  EXPECT_EQ(find(map, beginning, "/abx"), "long");
  EXPECT_EQ(find(map, beginning, "/axx"), "one two");
}

TEST_F(PatternFilesTest, NamesAreShared) {
  std::string path = file("shared", "a\n");
  PatternRef& list = open(path, false);
  EXPECT_EQ(&open("file@" + path, false), &list);
  EXPECT_EQ(&open("opt@" + path, false), &list);
  std::string error;
  EXPECT_EQ(files_.open(path, true, error), nullptr);
  EXPECT_EQ(error, "the file '" + path + "' is already used as a list of patterns");
  EXPECT_EQ(files_.open("/nothing/here", false, error), nullptr);
  EXPECT_EQ(error.substr(0, 21), "cannot read patterns:");
  EXPECT_TRUE(open("opt@/nothing/here", false).empty());
  PatternRef& imagined = open("virt@countries", true);
  EXPECT_EQ(imagined.name(), "virt@countries");
  EXPECT_EQ(&open("virt@countries", true), &imagined);
}

TEST_F(PatternFilesTest, ErrorsNameTheLine) {
  std::string path = file("errors", "# numbers\n5\n6:7\nseven\n");
  PatternRef& list = open(path, false);
  std::string error;
  list.add_use(Match::integer, false, error);
  EXPECT_EQ(error, path + ":4: 'seven' is not a number");
  PatternRef& map = open(file("values", "a 1\nb two\n"), true);
  EXPECT_EQ(map.require_values(Type::integer), map.name() + ":2: unable to parse 'two'");
}

TEST_F(PatternFilesTest, NumbersAndTargets) {
  std::string path = file("target", "a 1\n");
  PatternRef& own = files_.make_list();
  PatternRef& map = open(path, true);
  PatternRef& claimed = files_.make_list();
  EXPECT_TRUE(files_.claim_number(claimed, 0));
  EXPECT_FALSE(files_.claim_number(own, 0));
  const PatternFiles::Target& target = files_.target(path, {});
  const PatternFiles::Target& missing = files_.target("nowhere", {});
  cfg::Diagnostics diagnostics;
  files_.finish(diagnostics);
  EXPECT_EQ(target.list, &map);
  EXPECT_EQ(missing.list, nullptr);
  ASSERT_EQ(diagnostics.all().size(), 1u);
  EXPECT_EQ(diagnostics.all()[0].severity, cfg::Severity::advice);
  EXPECT_EQ(claimed.number(), 0u);
  EXPECT_EQ(own.number(), 1u);
  EXPECT_EQ(map.number(), 2u);
  EXPECT_EQ(files_.find("#2"), &map);
  EXPECT_EQ(files_.find(path), &map);
  EXPECT_EQ(files_.find("#7"), nullptr);
  EXPECT_EQ(files_.find("other"), nullptr);
}

TEST_F(PatternFilesTest, TheMostSpecificNetwork) {
  PatternRef& map = open(file("ip",
                              "10.0.0.0/8 eight\n10.1.0.0/16 sixteen\n10.1.0.0/16 again\n10.1.1.1 host\n"
                              "::ffff:192.0.2.1 mapped\n2001:db8::/32 doc\n2001:db8:1::/48 one\n"
                              "203.0.113.5/255.0.255.255 holes\n2002:0a02:0303::/48 sixtofour\n"),
                         true);
  size_t ip = use(map, Match::ip);
  EXPECT_EQ(find_ip(map, ip, "10.1.1.1"), "host");
  EXPECT_EQ(find_ip(map, ip, "10.1.2.3"), "sixteen");
  EXPECT_EQ(find_ip(map, ip, "10.9.9.9"), "eight");
  EXPECT_EQ(find_ip(map, ip, "::ffff:10.9.9.9"), "eight");
  EXPECT_EQ(find_ip(map, ip, "192.0.2.1"), "mapped");
  EXPECT_EQ(find_ip(map, ip, "2001:db8:1::5"), "one");
  EXPECT_EQ(find_ip(map, ip, "2001:db8:2::5"), "doc");
  EXPECT_EQ(find_ip(map, ip, "203.7.113.5"), "holes");
  EXPECT_EQ(find_ip(map, ip, "2002:a02:303::1"), "sixtofour");
  EXPECT_EQ(find_ip(map, ip, "11.0.0.1"), "-");
}

TEST_F(PatternFilesTest, TheEarliestOfOverlappingPatterns) {
  PatternRef& numbers = open(file("int", "1:10 low\n5 five\n10:20 mid\n100 hundred\n50:150 range\n-3 neg\n"), true);
  size_t number = use(numbers, Match::integer);
  auto of = [&](int64_t n) { return text_of(numbers.find(number, Value::of_int(n))); };
  EXPECT_EQ(of(5), "low");
  EXPECT_EQ(of(10), "low");
  EXPECT_EQ(of(11), "mid");
  EXPECT_EQ(of(100), "hundred");
  EXPECT_EQ(of(99), "range");
  EXPECT_EQ(of(0), "neg");
  EXPECT_EQ(of(-7), "neg");
  EXPECT_EQ(of(30), "-");
  PatternRef& parts = open(file("parts", "b 1\na/b 2\nc.d 3\nx 4\ny 5\nz 6\nlong/part/of 7\n/a/ 8\nend 9\n"), true);
  size_t dir = use(parts, Match::dir), dom = use(parts, Match::domain), end = use(parts, Match::end);
  EXPECT_EQ(find(parts, dir, "/a/b"), "1");
  EXPECT_EQ(find(parts, dir, "/a/bb"), "8");
  EXPECT_EQ(find(parts, dir, "/1/long/part/of?q"), "7");
  EXPECT_EQ(find(parts, dir, "/1/long/part/off"), "-");
  EXPECT_EQ(find(parts, dir, "//c.d//"), "3");
  EXPECT_EQ(find(parts, dom, "www.c.d:80"), "3");
  EXPECT_EQ(find(parts, dom, "http://z"), "6");
  EXPECT_EQ(find(parts, end, "the end"), "9");
  EXPECT_EQ(find(parts, end, "xa/b"), "1");
  EXPECT_EQ(find(parts, end, "nothing"), "-");
}

TEST_F(PatternFilesTest, ChangesByKeyAndById) {
  PatternRef& map = open(file("change", "a 1\nb 2\na 3\n"), true);
  size_t exact = use(map, Match::string);
  EXPECT_EQ(map.set("a", "one"), "");
  EXPECT_EQ(all(map, 0), "a=one b=2 a=one ");
  EXPECT_EQ(map.set("c", "x"), "entry not found.");
  EXPECT_EQ(map.set_or_add("c", "4"), "");
  EXPECT_EQ(map.set_or_add("c", "four"), "");
  EXPECT_EQ(find(map, exact, "c"), "four");
  EXPECT_EQ(map.add("b", "twice"), "");
  EXPECT_EQ(find(map, exact, "b"), "2");
  EXPECT_EQ(map.remove_entry(ref(map, 2)), "");
  EXPECT_EQ(find(map, exact, "b"), "twice");
  EXPECT_EQ(map.set_entry(ref(map, 1), "first"), "");
  EXPECT_EQ(find(map, exact, "a"), "first");
  EXPECT_EQ(map.remove("a"), "");
  EXPECT_EQ(find(map, exact, "a"), "-");
  EXPECT_EQ(map.remove("a"), "Key not found.");
  EXPECT_EQ(map.remove_entry(ref(map, 77)), "Key not found.");
  EXPECT_EQ(map.set_entry(ref(map, 77), ""), "key or pattern not found.");
  EXPECT_EQ(all(map, 0), "c=four b=twice ");
  PatternRef& list = files_.make_list();
  size_t number = use(list, Match::integer);
  EXPECT_EQ(list.add_once("5"), "");
  EXPECT_EQ(list.add_once("5"), "");
  EXPECT_EQ(list.add("7:9", ""), "");
  EXPECT_EQ(list.add("x", ""), "'x' is not a number");
  EXPECT_EQ(list.count(), 2u);
  EXPECT_NE(list.find(number, Value::of_int(8)), nullptr);
  EXPECT_EQ(list.remove("7:9"), "");
  EXPECT_EQ(list.find(number, Value::of_int(8)), nullptr);
}

TEST_F(PatternFilesTest, VersionsReplaceOneAnother) {
  PatternRef& map = open(file("versions", "a 1\n"), true);
  size_t exact = use(map, Match::string);
  map.expect_changes();
  EXPECT_EQ(map.prepare(), 1u);
  EXPECT_EQ(map.prepare(), 2u);
  EXPECT_EQ(map.add("b", "2", 1), "");
  EXPECT_EQ(map.add("c", "3", 2), "");
  EXPECT_EQ(map.add("c", "3", 5), "Version number out of range.");
  EXPECT_EQ(find(map, exact, "b"), "-");
  EXPECT_EQ(all(map, 1), "b=2 ");
  EXPECT_EQ(map.count(), 3u);
  EXPECT_EQ(map.commit(2), "");
  EXPECT_EQ(all(map, 2), "c=3 ");
  EXPECT_EQ(find(map, exact, "a"), "-");
  EXPECT_EQ(find(map, exact, "c"), "3");
  EXPECT_EQ(map.commit(1), "Version number out of range.");
  EXPECT_EQ(map.version(), 2u);
  EXPECT_EQ(map.set("c", "three"), "");
  EXPECT_EQ(map.clear(9), "Version number out of range.");
  EXPECT_EQ(map.clear(2), "");
  EXPECT_EQ(all(map, 2), "");
  EXPECT_EQ(map.add("d", "4", 2), "");
  EXPECT_EQ(find(map, exact, "d"), "4");
}

TEST_F(PatternFilesTest, WhatALookUpFinds) {
  PatternRef& map = open(file("lookup", "/a 1\n/ab 2\n"), true);
  use(map, Match::string);
  use(map, Match::begin);
  use(map, Match::sub, true);
  auto found = map.lookup("/abc");
  ASSERT_EQ(found.size(), 3u);
  EXPECT_FALSE(found[0].found);
  EXPECT_FALSE(found[0].in_list);
  EXPECT_EQ(found[1].key, "/ab");
  EXPECT_EQ(found[1].value, "2");
  EXPECT_TRUE(found[2].in_list);
  EXPECT_TRUE(found[2].ignore_case);
  EXPECT_EQ(found[2].key, "/a");
  map.used_by("map", "x.cfg", 3);
  map.used_by("acl", "x.cfg", 5);
  EXPECT_EQ(map.description(), "pattern loaded from file '" + map.name() +
                                   "' used by map at file 'x.cfg' line 3, by acl at file 'x.cfg' line 5");
}

// Every method against trying all patterns one after the other, with entries that come and go.
TEST_F(PatternFilesTest, IndexesAgreeWithTryingEach) {
  for (Match match : {Match::string, Match::begin, Match::end, Match::sub, Match::dir, Match::domain})
    for (bool ignore_case : {false, true}) {
      PatternRef& list = files_.make_list();
      size_t number = use(list, match, ignore_case);
      std::vector<std::string> present;
      uint32_t random = 12345;
      auto next = [&](uint32_t limit) {
        return (random = random * 1664525 + 1013904223) >> 8 & 0xffff ? (random >> 9) % limit : 0;
      };
      auto word = [&](uint32_t most) {
        std::string made;
        for (uint32_t i = 1 + next(most); i; --i) made += "aAb/.?"[next(6)];
        return made;
      };
      for (int round = 0; round < 400; ++round) {
        if (present.size() > 30 || (present.size() > 3 && next(3) == 0)) {
          size_t which = next(static_cast<uint32_t>(present.size()));
          EXPECT_EQ(list.remove(present[which]), "");
          std::erase(present, std::string(present[which]));
        } else {
          present.push_back(word(4));
          EXPECT_EQ(list.add(present.back(), ""), "");
        }
        std::string text = word(9);
        bool expected = false;
        for (const std::string& pattern : present) {
          PatternSet one(match, ignore_case);
          EXPECT_EQ(one.add(pattern), "");
          expected = expected || one.matches(Value::of_text(text));
        }
        EXPECT_EQ(list.find(number, Value::of_text(text)) != nullptr, expected)
            << row_of(match).name << ' ' << text << " in " << all(list, 0);
      }
    }
}

// Writers and a reader at once: what is always there is always found, and values are whole.
TEST_F(PatternFilesTest, ReadersAndWritersAtOnce) {
  PatternRef& map = open("virt@busy", true);
  size_t exact = use(map, Match::string), beginning = use(map, Match::begin);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(map.add("fixed" + std::to_string(i), "aaaa"), "");
  std::atomic<bool> done{false};
  std::atomic<uint64_t> reads{0}, wrong{0};
  std::thread reader([&] {
    base::Grace::Reader self(files_.grace(), [] {});
    while (!done) {
      for (size_t use_number : {exact, beginning}) {
        const PatternEntry* entry = map.find(use_number, Value::of_text("fixed7"));
        std::string_view value = entry ? entry->value.load(std::memory_order_acquire)->text() : "";
        if (value.size() != 4 || value.find_first_not_of(value[0]) != value.npos) ++wrong;
        map.find(use_number, Value::of_text("coming55"));
      }
      self.quiet();
      ++reads;
    }
  });
  for (int i = 0; i < 3000 || reads < 3000; ++i) {
    std::string key = "coming" + std::to_string(i % 300);
    EXPECT_EQ(map.set_or_add(key, "x"), "");
    if (i % 2) map.remove("coming" + std::to_string((i * 7) % 300));
    EXPECT_EQ(map.set("fixed7", std::string(4, "abcd"[i % 4])), "");
  }
  done = true;
  reader.join();
  EXPECT_EQ(wrong, 0u);
}

}  // namespace
}  // namespace lbd::expr
