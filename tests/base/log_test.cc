#include "base/log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <ctime>

namespace base {
namespace {

constexpr WallTime kWhen{Micros(1'793'691'151'643'607)};  // 2026-11-03 07:32:31.643607 UTC

class LogTest : public testing::Test {
 protected:
  void SetUp() override {
    setenv("TZ", "UTC", 1);
    tzset();
  }
  static std::string header(LogFormat format, std::string hostname = "", Level level = Level::info,
                            Level min_level = Level::emerg, std::string_view structured = "") {
    SyslogOptions options;
    options.format = format;
    options.facility = *parse_facility("local3");
    options.min_level = min_level;
    SyslogIdentity identity{.hostname = std::move(hostname), .tag = "haproxy", .pid = 6391};
    std::string to;
    SyslogTarget::append_header(
        to, options, identity,
        {.level = level, .when = kWhen, .text = "", .tag = identity.tag, .structured = structured});
    return to;
  }
};

// As Debian's haproxy 2.6.12 wrote them.
TEST_F(LogTest, HeadersAreThoseOfHaproxy) {
  EXPECT_EQ(header(LogFormat::unset), "<158>Nov  3 07:32:31 haproxy[6391]: ");
  EXPECT_EQ(header(LogFormat::local), "<158>Nov  3 07:32:31 haproxy[6391]: ");
  EXPECT_EQ(header(LogFormat::rfc3164), "<158>Nov  3 07:32:31 localhost haproxy[6391]: ");
  EXPECT_EQ(header(LogFormat::rfc5424), "<158>1 2026-11-03T07:32:31.643607+00:00 - haproxy 6391 - - ");
  EXPECT_EQ(header(LogFormat::priority), "<158>");
  EXPECT_EQ(header(LogFormat::brief), "<6>");
  EXPECT_EQ(header(LogFormat::timed), "<6>2026-11-03T07:32:31.643607+00:00 ");
  EXPECT_EQ(header(LogFormat::iso), "2026-11-03T07:32:31.643607+00:00 ");
  EXPECT_EQ(header(LogFormat::raw), "");
}

TEST_F(LogTest, SendHostnameChangesTheDefaultFormatOnly) {
  EXPECT_EQ(header(LogFormat::unset, "vm"), "<158>Nov  3 07:32:31 vm haproxy[6391]: ");
  EXPECT_EQ(header(LogFormat::local, "vm"), "<158>Nov  3 07:32:31 haproxy[6391]: ");
  EXPECT_EQ(header(LogFormat::rfc5424, "vm"), "<158>1 2026-11-03T07:32:31.643607+00:00 vm haproxy 6391 - - ");
}

TEST_F(LogTest, MinimumLevelCapsTheSeverity) {
  EXPECT_EQ(header(LogFormat::brief, "", Level::emerg, Level::err), "<3>");
  EXPECT_EQ(header(LogFormat::priority, "", Level::emerg, Level::err), "<155>");
  EXPECT_EQ(header(LogFormat::brief, "", Level::info, Level::err), "<6>");
}

TEST_F(LogTest, StructuredDataGoesIntoRfc5424) {
  EXPECT_EQ(header(LogFormat::rfc5424, "", Level::info, Level::emerg, "[x@1 a=\"b\"]"),
            "<158>1 2026-11-03T07:32:31.643607+00:00 - haproxy 6391 - [x@1 a=\"b\"] ");
}

TEST_F(LogTest, ZonesHaveASign) {
  setenv("TZ", "XXX+03:30", 1);
  tzset();
  // Another second than the cached one: zones are cached with it.
  SyslogOptions options;
  options.format = LogFormat::iso;
  std::string to;
  SyslogTarget::append_header(to, options, {}, {.when = kWhen + Seconds(1)});
  EXPECT_EQ(to, "2026-11-03T04:02:32.643607-03:30 ");
}

class Receiver {
 public:
  Receiver() : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    SockAddr any(IpPort{IpAddr::v4(0x7f000001), 0});
    CHECK(bind(fd_.get(), any.sa(), any.length()) == 0);
  }
  std::string address() const { return SockAddr::local_of(fd_.get()).to_string(); }
  std::string receive() const {
    char bytes[70000];
    ssize_t n = recv(fd_.get(), bytes, sizeof bytes, MSG_DONTWAIT);
    return n < 0 ? "" : std::string(bytes, static_cast<size_t>(n));
  }

 private:
  Fd fd_;
};

SyslogMessage line(std::string_view text, Level level = Level::info) {
  return {.level = level, .when = kWhen, .text = text, .tag = "haproxy"};
}

TEST_F(LogTest, DatagramsEndWithANewlineBeyondTheirLength) {
  Receiver receiver;
  SyslogOptions options;
  options.address = receiver.address();
  options.format = LogFormat::brief;
  options.length = 80;
  auto target = SyslogTarget::open(options);
  ASSERT_TRUE(target);
  (*target)->send(line("hello"));
  EXPECT_EQ(receiver.receive(), "<6>hello\n");
  (*target)->send(line(std::string(300, 'a')));
  EXPECT_EQ(receiver.receive(), "<6>" + std::string(77, 'a') + "\n");  // haproxy with len 90: 91 bytes
  EXPECT_EQ((*target)->dropped(), 0u);
}

TEST_F(LogTest, RawCountsTheNewline) {
  Receiver receiver;
  SyslogOptions options;
  options.address = receiver.address();
  options.format = LogFormat::raw;
  options.length = 90;
  auto target = SyslogTarget::open(options);
  ASSERT_TRUE(target);
  (*target)->send(line(std::string(300, 'a')));
  EXPECT_EQ(receiver.receive(), std::string(89, 'a') + "\n");
}

TEST_F(LogTest, LevelsAboveTheMaximumAreNotSent) {
  Receiver receiver;
  SyslogOptions options;
  options.address = receiver.address();
  options.level = Level::notice;
  options.format = LogFormat::brief;
  auto target = SyslogTarget::open(options);
  ASSERT_TRUE(target);
  (*target)->send(line("no", Level::info));
  (*target)->send(line("yes", Level::notice));
  EXPECT_EQ(receiver.receive(), "<5>yes\n");
}

TEST_F(LogTest, SamplesTakeTheirShare) {
  Receiver receiver;
  SyslogOptions options;
  options.address = receiver.address();
  options.format = LogFormat::raw;
  options.sample = *LogSample::parse("1,3-4:5");
  auto target = SyslogTarget::open(options);
  ASSERT_TRUE(target);
  for (char c = 'a'; c < 'k'; ++c) (*target)->send(line(std::string(1, c)));
  std::string got;
  for (std::string one; !(one = receiver.receive()).empty();) got += one[0];
  EXPECT_EQ(got, "acdfhi");
}

TEST_F(LogTest, SamplesAreChecked) {
  for (const char* bad : {"", "1-2", ":5", "0-2:5", "3-2:5", "1-6:5", "1-3,2-4:5", "1:0", "a:5"})
    EXPECT_FALSE(LogSample::parse(bad)) << bad;
}

TEST_F(LogTest, AddressesAreChecked) {
  for (const char* bad : {"", "nonsense", "127.0.0.1:0", "127.0.0.1:70000", "fd@", "fd@-1", "fd@x", "fd@999"}) {
    SyslogOptions options;
    options.address = bad;
    EXPECT_FALSE(SyslogTarget::open(options)) << bad;
  }
  for (const char* good : {"127.0.0.1", "::1", "[::1]:1514", "udp@127.0.0.1:1514", "/dev/log", "abns@x", "stderr"}) {
    SyslogOptions options;
    options.address = good;
    EXPECT_TRUE(SyslogTarget::open(options)) << good;
  }
}

TEST_F(LogTest, AnAbsentReceiverIsCounted) {
  SyslogOptions options;
  options.address = "/nonexistent/log";
  auto target = SyslogTarget::open(options);
  ASSERT_TRUE(target);
  (*target)->send(line("x"));
  EXPECT_EQ((*target)->dropped(), 1u);
}

TEST_F(LogTest, AFullPipeDropsAndDoesNotBlock) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  Fd read_end(ends[0]), write_end(ends[1]);  // blocking, as standard output is
  SyslogOptions options;
  options.address = "fd@" + std::to_string(write_end.get());
  options.format = LogFormat::raw;
  auto target = SyslogTarget::open(options);
  ASSERT_TRUE(target);
  for (int i = 0; i < 200; ++i) (*target)->send(line(std::string(900, 'x')));
  EXPECT_GT((*target)->dropped(), 0u);
  EXPECT_EQ(fcntl(write_end.get(), F_GETFL) & O_NONBLOCK, 0) << "the descriptor of others must stay as it is";
}

TEST_F(LogTest, ALimitTellsWhatItKeptBack) {
  LogLimit limit(2, Seconds(10));
  MonoTime now{Seconds(100)};
  uint64_t kept = 0;
  EXPECT_TRUE(limit.allow(now, &kept));
  EXPECT_TRUE(limit.allow(now, &kept));
  EXPECT_FALSE(limit.allow(now, &kept));
  EXPECT_FALSE(limit.allow(now + Seconds(9), &kept));
  EXPECT_TRUE(limit.allow(now + Seconds(10), &kept));
  EXPECT_EQ(kept, 2u);
}

TEST_F(LogTest, AKeyedLimitIsOneAKey) {
  KeyedLogLimit limit(1, Seconds(10));
  MonoTime now{Seconds(100)};
  uint64_t kept = 0;
  EXPECT_TRUE(limit.allow("a", now, &kept));
  EXPECT_FALSE(limit.allow("a", now, &kept));
  EXPECT_TRUE(limit.allow("b", now, &kept));
  for (size_t i = 0; i < 2 * KeyedLogLimit::kKeys; ++i) EXPECT_TRUE(limit.allow(std::to_string(i), now, &kept));
}

}  // namespace
}  // namespace base
