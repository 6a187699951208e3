#include "lbd/log/ring_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "lbd/log/ring.h"
#include "tests/support/temp_folder.h"

namespace lbd::log {
namespace {

using testing::ElementsAre;

std::string contents(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// The lines of the file from the oldest on, as somebody reads it who has only the file.
std::vector<std::string> lines_in(const std::string& path) {
  const std::string text = contents(path);
  const size_t next = std::stoul(text.substr(5, 20)), begin = text.find('\n') + 1;
  std::istringstream in(text.substr(next) + text.substr(begin, next - begin));
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);)
    if (!line.empty()) lines.push_back(line);
  return lines;
}

TEST(RingFile, HoldsLinesInOrder) {
  const support::TempFolder folder;
  const std::string path = folder.path() + "/ring";
  auto file = RingFile::create(path, 4096);
  ASSERT_TRUE(file) << file.error().text;
  (*file)->put("one");
  (*file)->put("two\nlines");
  EXPECT_THAT(lines_in(path), ElementsAre("one", "two lines"));
  EXPECT_EQ(contents(path).size(), 4096u);
  struct stat facts {};
  ASSERT_EQ(stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
}

TEST(RingFile, OldLinesMakeRoomWhole) {
  const support::TempFolder folder;
  const std::string path = folder.path() + "/ring";
  auto file = RingFile::create(path, 500);
  ASSERT_TRUE(file);
  std::vector<std::string> put;
  for (size_t i = 0; i < 1000; ++i) {
    put.push_back(std::to_string(i) + std::string(i * 7 % 60, 'x'));
    (*file)->put(put.back());
    const std::vector<std::string> found = lines_in(path);
    ASSERT_LE(found.size(), put.size());
    if (i > 100) {
      ASSERT_GE(found.size(), 4u);
    }
    // Those that were put last, and whole.
    for (size_t j = 1; j <= found.size(); ++j) {
      const std::string &got = found[found.size() - j], &was = put[put.size() - j];
      ASSERT_TRUE(got == was) << i << ": " << got << " instead of " << was;
    }
  }
}

TEST(RingFile, LongLinesAreCut) {
  const support::TempFolder folder;
  const std::string path = folder.path() + "/ring";
  auto file = RingFile::create(path, 100);
  ASSERT_TRUE(file);
  (*file)->put("short");
  (*file)->put(std::string(1000, 'y'));
  EXPECT_THAT(lines_in(path), ElementsAre(std::string(73, 'y')));
  (*file)->put("short");
  EXPECT_THAT(lines_in(path), ElementsAre("short"));
}

TEST(RingFile, WhatWasThereIsKept) {
  const support::TempFolder folder;
  const std::string path = folder.path() + "/ring";
  auto before = RingFile::create(path, 4096);
  ASSERT_TRUE(before);
  (*before)->put("of the process before");
  auto after = RingFile::create(path, 4096);
  ASSERT_TRUE(after);
  (*after)->put("of the next");
  (*before)->put("its last");
  EXPECT_THAT(lines_in(path + ".bak"), ElementsAre("of the process before", "its last"));
  EXPECT_THAT(lines_in(path), ElementsAre("of the next"));
}

TEST(RingFile, TellsWhyNot) {
  EXPECT_EQ(RingFile::create("/nowhere/ring", 4096).error().text, "No such file or directory");
}

TEST(RingFile, ARingPutsItsLinesThere) {
  const support::TempFolder folder;
  auto file = RingFile::create(folder.path() + "/ring", 20000);
  ASSERT_TRUE(file);
  Ring ring({.name = "r", .description = "r", .size = 20000, .most_of_a_line = 8}, std::move(*file));
  EXPECT_TRUE(ring.put("<6>", "one two three"));
  EXPECT_THAT(lines_in(folder.path() + "/ring"), ElementsAre("<6>one t"));
}

}  // namespace
}  // namespace lbd::log
