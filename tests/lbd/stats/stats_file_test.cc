#include "lbd/stats/stats_file.h"

#include <gmock/gmock.h>

#include "base/strings.h"
#include "lbd/server/counter_names.h"
#include "lbd/stats/render.h"
#include "tests/lbd/stats/stats_fixture.h"

namespace lbd::stats {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class StatsFileTest : public testing::Test, public StatsFixture {
 protected:
  void SetUp() override {
    proxy("fe", true, false).guid = "the front";
    config::Proxy& web = proxy("web", false, true);
    web.guid = "be:web";
    server(web, "s1", 8081).guid = "srv:1";
    server(web, "s2", 8082);
    run();
  }
  uint32_t slot(std::string_view name) const {
    const server::Backend& backend = *objects->backends()[0];
    if (name == "fe") return objects->frontends()[0]->slot();
    return name == "web" ? backend.slot() : backend.find_server(name)->slot();
  }
  // The line of show stat.
  std::string shown(std::string_view name) {
    for (std::string_view line : base::split(text_, '\n'))
      if (line.find(name) != std::string_view::npos) return std::string(line);
    return {};
  }
  std::string render() { return text_ = render_stat(*source, {}, Format::plain, start + 10s); }
  std::string text_;
};

TEST_F(StatsFileTest, WhatIsWrittenIsReadAgain) {
  // Each counter another number, in two workers and in what was inherited.
  uint64_t number = 1;
  for (const char* name : {"fe", "web", "s1", "s2"})
    for (size_t worker = 0; worker < 2; ++worker)
      for (const server::CounterName& counter : server::counter_names())
        counter.of(blocks->at(worker, slot(name))).add(number++);
  const std::string before = render(), file = write_stats_file(*source);
  const std::string s2 = shown("web,s2,");
  for (const char* name : {"fe", "web", "s1", "s2"})
    for (size_t worker = 0; worker < 2; ++worker) blocks->at(worker, slot(name)).clear_totals();
  for (const char* name : {"fe", "web", "s1", "s2"})
    for (size_t worker = 0; worker < 2; ++worker) blocks->at(worker, slot(name)).clear_maxima();
  ASSERT_NE(render(), before);
  EXPECT_THAT(read_stats_file(file, *source, *blocks), IsEmpty());

  // All that grows is as it was, but for the server without a guid and what other counters are made of.
  const auto names = base::split(base::split(before, '\n')[0], ',');
  render();
  for (const char* name : {"fe,FRONTEND,", "web,BACKEND,", "web,s1,"}) {
    const std::string line = shown(name);
    text_ = before;
    const std::string then = shown(name);
    render();
    const auto values = base::split(line, ','), expected = base::split(then, ',');
    for (size_t i = 0; i < names.size(); ++i) {
      const bool derived = names[i].starts_with("h1_") || names[i].starts_with("h2_") || names[i].starts_with("ssl_");
      const bool average = names[i].ends_with("time") || names[i] == "scur" || names[i] == "used_conn_cur";
      if (derived || average) continue;
      EXPECT_EQ(values[i], expected[i]) << name << names[i];
    }
  }
  EXPECT_NE(shown("web,s2,"), s2);
  EXPECT_THAT(file, HasSubstr("#fe guid,stot,bin,"));
  EXPECT_THAT(file, HasSubstr("\nthe front,"));
  EXPECT_THAT(file, Not(HasSubstr("s2")));
}

TEST_F(StatsFileTest, EachColumnIsOneOfShowStat) {
  render();
  const std::string header = std::string(base::split(text_, '\n')[0]) + ",";
  const std::string file = write_stats_file(*source);
  for (std::string_view line : base::split(file, '\n')) {
    if (!line.starts_with('#')) continue;
    for (std::string_view name : base::split(line.substr(line.find(',') + 1), ','))
      EXPECT_THAT(header, HasSubstr("," + std::string(name) + ","));
  }
}

TEST_F(StatsFileTest, OfAnotherVersion) {
  EXPECT_THAT(
      read_stats_file("\r\n#fe guid,new_one,bin,h3_x\r\nthe front,7,100,8\r\ngone,1,2,3\r\n\n#srv guid,bout\nsrv:1,\n",
                      *source, *blocks),
      IsEmpty());
  EXPECT_EQ(blocks->inherited(slot("fe")).bytes_in.get(), 100u);
  EXPECT_EQ(blocks->inherited(slot("fe")).bytes_out.get(), 0u);
}

TEST_F(StatsFileTest, WhatMakesNoSense) {
  EXPECT_THAT(
      read_stats_file("the front,1\n#fe guid,bin\nthe front\nthe front,-1\nthe front,1x\nthe front,5\nthe front,5\n"
                      "#xx guid,bin\nthe front,1\n#be bin\nbe:web,1\n#be guid,bin\nbe:web,6",
                      *source, *blocks),
      ElementsAre("line 3: as many values as the columns above are expected", "line 4: '-1' is not a number",
                  "line 5: '1x' is not a number",
                  "line 8: expected '#fe guid,…', '#be guid,…', '#li guid,…' or '#srv guid,…'",
                  "line 10: expected '#fe guid,…', '#be guid,…', '#li guid,…' or '#srv guid,…'"));
  EXPECT_EQ(blocks->inherited(slot("fe")).bytes_in.get(), 5u);
  EXPECT_EQ(blocks->inherited(slot("web")).bytes_in.get(), 6u);
}

TEST_F(StatsFileTest, ComplaintsAreFew) {
  std::string text = "#fe guid,bin\n";
  for (int i = 0; i < 1000; ++i) text += "x\n";
  EXPECT_EQ(read_stats_file(text, *source, *blocks).size(), 8u);
}

}  // namespace
}  // namespace lbd::stats
