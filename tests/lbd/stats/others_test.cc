#include "lbd/stats/others.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.h"
#include "tests/lbd/stats/stats_fixture.h"

namespace lbd::stats {
namespace {

using namespace std::chrono_literals;

class OthersTest : public testing::Test, public StatsFixture {
 protected:
  void SetUp() override {
    config::Proxy& web = proxy("web", true, true);
    server(web, "s1", 8081);
    run();
    others_.here = "lb1";
    slot_ = objects->backends()[0]->servers()[0]->slot();
  }
  // node → {column → field} of the lines about s1.
  std::map<std::string, std::map<std::string, std::string>> lines() {
    const std::string text = render_nodes(*source, others_, {}, start + 10s);
    std::map<std::string, std::map<std::string, std::string>> all;
    std::vector<std::string> names;
    for (std::string_view line : base::split(text, '\n')) {
      std::vector<std::string> fields;
      for (std::string_view field : base::split(line, ',')) fields.emplace_back(field);
      if (names.empty()) {
        names = fields;
      } else if (fields.size() > 2 && fields[2] == "s1") {
        EXPECT_EQ(fields.size(), names.size());
        for (size_t i = 0; i < fields.size(); ++i) all[fields[0]][names[i]] = fields[i];
      }
    }
    return all;
  }

  Others others_;
  uint32_t slot_ = 0;
};

TEST_F(OthersTest, TheSumIsOfAllNodes) {
  blocks->of_worker(0)[slot_].sessions.add(3);
  blocks->of_worker(1)[slot_].sessions.add(4);
  int stot = 0;
  while (columns()[static_cast<size_t>(stot)]->name != "stot") ++stot;
  others_.at(77) = {"lb2", {{"S web/s1", {{stot, 10}}}}};
  auto all = lines();
  EXPECT_EQ(all["lb1"]["stot"], "7");
  EXPECT_EQ(all["lb1"]["status"], "no check");
  EXPECT_EQ(all["lb2"]["stot"], "10");
  EXPECT_EQ(all["lb2"]["econ"], "0") << "what was not told is zero";
  EXPECT_EQ(all["lb2"]["status"], "");
  EXPECT_EQ(all["sum"]["stot"], "17");
  EXPECT_EQ(all["sum"]["weight"], "") << "only counters have a sum";

  others_.keep([](uint64_t origin) { return origin != 77; });
  all = lines();
  EXPECT_EQ(all["sum"]["stot"], "7");
  EXPECT_FALSE(all.contains("lb2"));
}

TEST_F(OthersTest, FrontendsAndBackendsOfOneNameAreTwo) {
  std::vector<std::string> keys;
  source->for_each({}, start, [&](const Object& object) { keys.push_back(Others::key_of(object)); });
  EXPECT_THAT(keys, testing::ElementsAre("F web", "S web/s1", "B web"));
}

}  // namespace
}  // namespace lbd::stats
