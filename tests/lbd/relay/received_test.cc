#include "lbd/relay/received.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <ctime>

namespace lbd::relay {
namespace {

using base::LogFormat;
using Form = ReceivedMessage::Form;

constexpr base::WallTime kNow{base::Micros(1'793'691'151'643'607)};  // 2026-11-03 07:32:31.643607 UTC
constexpr std::string_view kRfc3164 = "<13>Nov  2 10:00:01 host tag[12]: hello";
constexpr std::string_view kRfc5424 = "<34>1 2003-10-01T22:14:15.003Z h.test su 77 ID7 [a b=\"]\\\"\"][c] body";

class ReceivedTest : public testing::Test {
 protected:
  void SetUp() override {
    setenv("TZ", "UTC", 1);
    tzset();
  }
  static std::string on(std::string_view bytes, LogFormat format, base::Level min_level = base::Level::emerg) {
    const ReceivedMessage message = parse_received(bytes);
    base::SyslogOptions options;
    options.format = format;
    options.facility = 18;
    options.min_level = min_level;
    std::string to;
    append_header(to, message, options, kNow);
    return to += message.text;
  }
};

// As Debian's haproxy 2.6.12 passes them on.
TEST_F(ReceivedTest, Rfc3164BecomesAnyForm) {
  EXPECT_EQ(on(kRfc3164, LogFormat::unset), kRfc3164);
  EXPECT_EQ(on(kRfc3164, LogFormat::local), "<13>Nov  2 10:00:01 tag[12]: hello");
  EXPECT_EQ(on(kRfc3164, LogFormat::rfc5424), "<13>1 2026-11-02T10:00:01-00:00 host tag 12 - - hello");
  EXPECT_EQ(on(kRfc3164, LogFormat::priority), "<13>hello");
  EXPECT_EQ(on(kRfc3164, LogFormat::brief), "<5>hello");
  EXPECT_EQ(on(kRfc3164, LogFormat::timed), "<5>2026-11-02T10:00:01-00:00 hello");
  EXPECT_EQ(on(kRfc3164, LogFormat::iso), "2026-11-02T10:00:01-00:00 hello");
  EXPECT_EQ(on(kRfc3164, LogFormat::raw), "hello");
}

TEST_F(ReceivedTest, Rfc5424BecomesAnyForm) {
  EXPECT_EQ(on(kRfc5424, LogFormat::unset), kRfc5424);
  EXPECT_EQ(on(kRfc5424, LogFormat::local), "<34>Oct  1 22:14:15 su[77]: body");
  EXPECT_EQ(on(kRfc5424, LogFormat::rfc3164), "<34>Oct  1 22:14:15 h.test su[77]: body");
  EXPECT_EQ(on(kRfc5424, LogFormat::iso), "2003-10-01T22:14:15.003Z body");
}

TEST_F(ReceivedTest, WhatLacksIsOfNowAndOfTheTarget) {
  EXPECT_EQ(on("plain", LogFormat::unset), "plain");
  EXPECT_EQ(on("plain", LogFormat::rfc3164), "<144>Nov  3 07:32:31 localhost plain");
  EXPECT_EQ(on("plain", LogFormat::rfc5424), "<144>1 2026-11-03T07:32:31.643607+00:00 - - - - - plain");
  EXPECT_EQ(on("<165>no date", LogFormat::local), "<165>Nov  3 07:32:31 no date");
  EXPECT_EQ(on("<14>1 - - - - - - nil", LogFormat::rfc5424), "<14>1 - - - - - - nil");
  EXPECT_EQ(on("<14>1 - - - - - - nil", LogFormat::timed), "<6>2026-11-03T07:32:31.643607+00:00 nil");
}

TEST_F(ReceivedTest, LevelsAreCapped) {
  EXPECT_EQ(on("<34>x", LogFormat::priority, base::Level::warning), "<36>x");
  EXPECT_EQ(on("<13>x", LogFormat::priority, base::Level::warning), "<13>x");
  EXPECT_EQ(parse_received("<34>x").level(), base::Level::crit);
  EXPECT_EQ(parse_received("x").level(), base::Level::emerg);
}

TEST_F(ReceivedTest, FormsAreToldApart) {
  const auto form = [](std::string_view bytes) { return parse_received(bytes).form; };
  for (std::string_view raw : {"", "x", "<", "<7", "<>x", "<a>x", "<1234>x", " <13>x", "\n<13>x"})
    EXPECT_EQ(form(raw), Form::raw) << raw;
  for (std::string_view bare :
       {"<7>", "<7>Nov 22 10:00:01", "<7>Nov 22 10:00:01 h", "<7>Xxx 22 10:00:01 h t: x", "<7>Nov 22 10:00:01.5 h t: x",
        "<7>2 2026-11-22T10:00:01Z h a p m - t", "<7>1 bad h a p m - t", "<7>1 2026-11-22T10:00:01Z h a p m t",
        "<7>1 2026-11-22T10:00:01Z h a p m [x", "<7>1 2026-11-22T10:00:01Z h"})
    EXPECT_EQ(form(bare), Form::priority) << bare;
  for (std::string_view old :
       {kRfc3164, std::string_view("<7>Nov 22 10:00:01 h t:"), std::string_view("<7>Nov 22 10:00:01 h text of it")})
    EXPECT_EQ(form(old), Form::rfc3164) << old;
  for (std::string_view whole :
       {kRfc5424, std::string_view("<7>1 2026-11-22T10:00:01Z h a p m -"), std::string_view("<7>1 - - - - - [a] x")})
    EXPECT_EQ(form(whole), Form::rfc5424) << whole;
}

TEST_F(ReceivedTest, TagsAreOfTheirOwnWord) {
  EXPECT_EQ(parse_received("<13>Nov 22 10:00:01 host tag[12] text").tag, "");
  EXPECT_EQ(parse_received("<13>Nov 22 10:00:01 host tag[12]:text").tag, "");
  EXPECT_EQ(parse_received("<13>Nov 22 10:00:01 host tag: text").tag, "tag");
  EXPECT_EQ(parse_received("<13>Nov 22 10:00:01 host tag[a b]: text").tag, "");
  EXPECT_EQ(parse_received("<13>Nov 22 10:00:01 host tag[abc]: text").process, "abc");
}

}  // namespace
}  // namespace lbd::relay
