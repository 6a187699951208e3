#include "lbctl/timeline.h"

#include <gmock/gmock.h>
#include <stdlib.h>
#include <time.h>

namespace lbctl {
namespace {

using testing::ElementsAre;

constexpr base::WallTime kNow{base::Seconds(1'000'000)};

tandem::EventsReply reply(const std::string& node, int64_t offset) {
  tandem::EventsReply reply;
  reply.set_boot_us(100'000'000);
  reply.add_nodes()->set_node(node);
  reply.mutable_nodes(0)->set_offset_us(offset);
  return reply;
}

void add(tandem::EventsReply& to, uint64_t boot_us, const std::string& text, uint64_t sequence = 1) {
  tandem::Event& event = *to.mutable_nodes(0)->add_events();
  event.set_boot_us(boot_us);
  event.set_sequence(sequence);
  event.set_daemon(tandem::ROLE_VRRPD);
  event.set_object("VI_1");
  event.set_text(text);
}

std::vector<std::string> texts(const std::vector<Moment>& moments) {
  std::vector<std::string> all;
  for (const Moment& moment : moments) all.push_back(moment.node + " " + moment.event.text());
  return all;
}

TEST(Timeline, CausesStandBeforeEffectsWhateverTheClocksOfTheNodes) {
  tandem::EventsReply a = reply("a", 0), b = reply("b", -7'000'000);
  add(a, 90'000'000, "yields");
  add(b, 97'000'200, "takes");  // its system has been up for seven seconds longer
  add(a, 90'000'300, "is backup");
  const std::vector<Moment> moments = timeline({b, a}, kNow);
  EXPECT_THAT(texts(moments), ElementsAre("a yields", "b takes", "a is backup"));
  EXPECT_EQ(moments[0].when, kNow - base::Seconds(10));
  EXPECT_EQ(moments[1].when - moments[0].when, base::Micros(200));
}

TEST(Timeline, AtTheSameTimeTheOrderOfTheProcessHolds) {
  tandem::EventsReply a = reply("a", 0);
  add(a, 90'000'000, "second", 2);
  add(a, 90'000'000, "first", 1);
  EXPECT_THAT(texts(timeline({a}, kNow)), ElementsAre("a first", "a second"));
}

TEST(Timeline, WithoutAMeasuredDifferenceTheClockIsBelieved) {
  tandem::EventsReply b = reply("b", 0);
  add(b, 5, "x");
  b.mutable_nodes(0)->set_clock_unknown(true);
  b.mutable_nodes(0)->mutable_events(0)->set_wall_us(999'000'000'000);
  EXPECT_EQ(timeline({b}, kNow)[0].when, kNow - base::Seconds(1000));
}

TEST(Timeline, Lines) {
  setenv("TZ", "UTC", 1);
  tzset();
  tandem::EventsReply a = reply("lb1", 0);
  add(a, 100'000'000, "BACKUP -> MASTER: \x1b[2J\"");
  const Moment moment = timeline({a}, kNow)[0];
  EXPECT_EQ(render_moment(moment, 5), "1970-01-12 13:46:40.000000 lb1   vrrpd VI_1: BACKUP -> MASTER: ?[2J\"\n");
  EXPECT_EQ(render_moment_json(moment),
            "{\"time\":\"1970-01-12T13:46:40.000000+00:00\",\"uncertainty_us\":0,\"node\":\"lb1\",\"daemon\":\"vrrpd\","
            "\"pid\":0,\"kind\":\"\",\"object\":\"VI_1\",\"text\":\"BACKUP -> MASTER: \\u001b[2J\\\"\",\"sequence\":1,"
            "\"own_time_us\":0}\n");
}

TEST(Timeline, Spans) {
  EXPECT_EQ(parse_span("90s"), base::Seconds(90));
  EXPECT_EQ(parse_span("10m"), base::Seconds(600));
  EXPECT_EQ(parse_span("2h"), base::Seconds(7200));
  EXPECT_EQ(parse_span("1d"), base::Seconds(86400));
  for (const char* wrong : {"", "s", "10", "-1m", "1w", "9999999d", "1.5h"}) EXPECT_FALSE(parse_span(wrong)) << wrong;
}

}  // namespace
}  // namespace lbctl
