// The configurations of tests/data/configs: good ones give the verdict of their first line, bad ones exactly the
// diagnostics of the .txt beside them. TANDEM_UPDATE_GOLDEN=1 in the environment rewrites those.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "lbd/config/load.h"

namespace lbd::config {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

std::vector<fs::path> files(const char* folder) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(std::string(TANDEM_SOURCE_DIR "/tests/data/configs/") + folder))
    if (entry.path().extension() == ".cfg") out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

LoadOptions options() {
  LoadOptions out;
  out.environment = {};
  out.environment.set("HOME", "/root");
  out.local_peer = "a";
  return out;
}

std::string verdict(const Config& config, const cfg::Diagnostics& diagnostics) {
  if (diagnostics.has_errors()) return "invalid";
  if (diagnostics.has_warnings()) return "warnings";
  return has_listener(config) ? "valid" : "no-listener";
}

TEST(GoldenTest, GoodConfigurations) {
  ASSERT_GE(files("good").size(), 10u);
  for (const fs::path& path : files("good")) {
    const std::string text = read(path);
    const std::string expected = text.substr(11, text.find('\n') - 11);
    cfg::Diagnostics diagnostics;
    auto config = load_text(path.filename(), text, options(), diagnostics);
    prepare(*config, diagnostics);
    EXPECT_EQ(verdict(*config, diagnostics), expected) << path << "\n" << diagnostics.render();
  }
}

TEST(GoldenTest, BadConfigurations) {
  ASSERT_GE(files("bad").size(), 7u);
  for (const fs::path& path : files("bad")) {
    cfg::Diagnostics diagnostics;
    auto config = load_text(path.filename(), read(path), options(), diagnostics);
    prepare(*config, diagnostics);
    EXPECT_TRUE(diagnostics.has_errors()) << path;
    const fs::path golden = fs::path(path).replace_extension(".txt");
    if (getenv("TANDEM_UPDATE_GOLDEN")) std::ofstream(golden) << diagnostics.render(cfg::Severity::diag);
    EXPECT_EQ(diagnostics.render(cfg::Severity::diag), read(golden)) << path;
  }
}

TEST(GoldenTest, Examples) {
  size_t found = 0;
  for (const auto& entry : fs::directory_iterator(TANDEM_SOURCE_DIR "/cfg/examples")) {
    if (entry.path().extension() != ".cfg") continue;
    ++found;
    cfg::Diagnostics diagnostics;
    auto config = load_text(entry.path().filename(), read(entry.path()), options(), diagnostics);
    prepare(*config, diagnostics);
    EXPECT_EQ(verdict(*config, diagnostics), "valid") << entry.path() << "\n" << diagnostics.render();
  }
  EXPECT_GE(found, 5u);
}

}  // namespace
}  // namespace lbd::config
