#include "cfg/source.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace cfg {
namespace {

TEST(SourceTest, CutsLines) {
  Source source("x", "a\n\nb");
  EXPECT_EQ(source.line_count(), 3u);
  EXPECT_EQ(source.line(1), "a");
  EXPECT_EQ(source.line(2), "");
  EXPECT_EQ(source.line(3), "b");
  EXPECT_EQ(source.line(4), "");
  EXPECT_FALSE(source.ends_with_newline());
  EXPECT_EQ(Source("x", "a\n").line_count(), 1u);
  EXPECT_EQ(Source("x", "").line_count(), 0u);
}

TEST(SourceTest, ADirectoryIsItsCfgFilesInOrder) {
  std::string dir = testing::TempDir() + "source_test.XXXXXX";
  ASSERT_NE(mkdtemp(dir.data()), nullptr);
  for (const char* name : {"b.cfg", "a.cfg", ".hidden.cfg", "c.txt"}) std::ofstream(dir + "/" + name) << name << '\n';
  std::filesystem::create_directory(dir + "/d.cfg");
  auto files = expand_path(dir);
  ASSERT_TRUE(files);
  EXPECT_EQ(*files, (std::vector<std::string>{dir + "/a.cfg", dir + "/b.cfg"}));
  SourceSet set;
  auto source = set.read((*files)[0]);
  ASSERT_TRUE(source);
  EXPECT_EQ((*source)->text(), "a.cfg\n");
  EXPECT_FALSE(expand_path(dir + "/none"));
  std::filesystem::remove_all(dir);
}

}  // namespace
}  // namespace cfg
