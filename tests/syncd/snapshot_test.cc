#include "syncd/snapshot.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/fd.h"
#include "base/time.h"
#include "replica/server_state.h"
#include "tests/support/temp_folder.h"

namespace syncd {
namespace {

using namespace replica::server_state;

class SnapshotTest : public testing::Test {
 protected:
  struct Known {
    replica::Store store{1000, 7};
    replica::PartStore parts{10000};
    operator Knowledge() { return {store, parts}; }
    void put(std::string_view table, std::string_view key, int64_t life = 60000) {
      const int64_t now = base::to_millis(base::wall_now().time_since_epoch());
      parts.put({.table = table,
                 .key = key,
                 .value = "value",
                 .origin = 3,
                 .version = 5,
                 .node = "lb1",
                 .deadline = now + life},
                0, now);
    }
    std::vector<std::string> all() {
      std::vector<std::string> out;
      replica::PartStore::Cursor cursor(parts);
      cursor.rewind(0);
      while (const auto* part = cursor.next())
        out.push_back(parts.tables()[part->table()] + "/" + std::string(part->key()) + "=" +
                      std::string(part->value()));
      return out;
    }
  };
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
      out.push_back(entry.path().filename());
    return out;
  }
  support::TempFolder folder_;
  const std::string path_ = folder_.path() + "/snapshot";
};

TEST_F(SnapshotTest, WhatWasKnownIsKnownAgain) {
  Known before, after;
  before.store.write(key("b", "s1"), {{kWeight, 5}}, base::wall_now());
  std::vector<std::string> expected;
  for (int i = 0; i < 2000; ++i) {
    before.put("stick/ip/web", "key" + std::to_string(i));
    expected.push_back("stick/ip/web/key" + std::to_string(i) + "=value");
  }
  ASSERT_TRUE(write_snapshot(path_, "lb1", before));
  ASSERT_TRUE(read_snapshot(path_, after));
  EXPECT_EQ(after.all(), expected);
  EXPECT_EQ(after.store.find(key("b", "s1"))->entry, before.store.find(key("b", "s1"))->entry);
  struct stat status {};
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  // Again, over the old one; nothing is left beside it.
  ASSERT_TRUE(write_snapshot(path_, "lb1", after));
  EXPECT_EQ(names(), std::vector<std::string>{"snapshot"});
}

TEST_F(SnapshotTest, SecretsAndWhatHasExpiredStayOut) {
  Known before, after;
  before.put("secret/sessions", "id");
  before.put("stick/ip/web", "old", 1);
  before.put("stick/ip/web", "new");
  const base::MonoTime end = base::mono_now() + base::Millis(5);
  while (base::mono_now() < end) {
  }
  ASSERT_TRUE(write_snapshot(path_, "lb1", before));
  ASSERT_TRUE(read_snapshot(path_, after));
  EXPECT_EQ(after.all(), std::vector<std::string>{"stick/ip/web/new=value"});
}

TEST_F(SnapshotTest, HalfOfOneIsTakenAndTold) {
  Known before;
  for (int i = 0; i < 2000; ++i) before.put("stick/ip/web", "key" + std::to_string(i));
  ASSERT_TRUE(write_snapshot(path_, "lb1", before));
  const std::string bytes = *base::read_file(path_);
  for (size_t size : {size_t{0}, size_t{3}, bytes.size() / 2, bytes.size() - 1}) {
    Known after;
    ASSERT_TRUE(base::write_file_atomic(path_, bytes.substr(0, size)));
    const auto read = read_snapshot(path_, after);
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().text.find("cut off"), std::string::npos) << read.error().text;
    EXPECT_EQ(after.parts.parts() > 0, size > 100);
  }
}

TEST_F(SnapshotTest, AnotherFileIsNone) {
  Known after;
  EXPECT_EQ(read_snapshot(path_, after).error().sys, ENOENT);
  for (std::string bytes :
       {std::string("frontend web\n  bind :80\n"), std::string(100, '\0'), std::string("\0\0\0\2\x12\0", 6)}) {
    ASSERT_TRUE(base::write_file_atomic(path_, bytes));
    EXPECT_FALSE(read_snapshot(path_, after));
  }
}

TEST_F(SnapshotTest, WhatCannotBeWrittenLeavesTheOldOne) {
  Known known;
  EXPECT_FALSE(write_snapshot(folder_.path() + "/no/where", "lb1", known));
  ASSERT_EQ(mkdir(path_.c_str(), 0700), 0);  // a directory stands at its place
  EXPECT_FALSE(write_snapshot(path_, "lb1", known));
  EXPECT_EQ(names(), std::vector<std::string>{"snapshot"});
}

}  // namespace
}  // namespace syncd
