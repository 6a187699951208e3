#include "lbd/config/log_line.h"

#include <fmt/format.h>

#include "base/log.h"
#include "cfg/address.h"
#include "cfg/suggest.h"

namespace lbd::config {
namespace {

const std::vector<std::string_view> kLevels = {"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"};

bool read_target(cfg::Args& args, LogTarget& log) {
  auto word = args.take<cfg::Word>();
  if (!word) return false;
  log.target = word->text;
  for (std::string_view prefix : {"ring@", "backend@"})
    if (log.target.starts_with(prefix)) return true;
  if (log.target == "stdout" || log.target == "stderr") return true;
  auto address = cfg::parse_address(word->text, args.environment());
  if (!address) {
    args.error(fmt::format("'log' {}", address.error().text));
    return false;
  }
  log.target = address->text;
  if (address->ports == cfg::Address::Ports::range || address->ports == cfg::Address::Ports::offset) {
    args.error("'log' takes one port");
    return false;
  }
  return true;
}

bool read_option(cfg::Args& args, LogTarget& log) {
  if (args.accept("len")) {
    auto length = args.take<uint32_t>({80, 65535});
    if (length) log.length = *length;
    return length.has_value();
  }
  if (args.accept("format")) {
    auto format = args.take<std::string>();
    if (!format) return false;
    if (!base::parse_log_format(*format)) {
      args.error(fmt::format("unknown log format '{}'", *format),
                 "known are local, rfc3164, rfc5424, priority, short, timed, iso and raw");
      return false;
    }
    log.format = *format;
    return true;
  }
  if (args.accept("sample")) {
    auto sample = args.take<std::string>();
    if (!sample) return false;
    auto parsed = base::LogSample::parse(*sample);
    if (!parsed) {
      args.error("'sample' " + parsed.error().text, "write sample RANGES:SIZE, such as 1,2-5:10");
      return false;
    }
    log.sample_ranges = sample->substr(0, sample->find(':'));
    log.sample_size = parsed->period;
    return true;
  }
  if (args.accept("profile")) {
    auto profile = args.take<std::string>();
    if (profile) log.profile = *profile;
    return profile.has_value();
  }
  return false;
}

bool read_level(cfg::Args& args, int& level) {
  auto word = args.take<std::string>();
  if (!word) return false;
  if (auto parsed = base::parse_level(*word)) {
    level = static_cast<int>(*parsed);
    return true;
  }
  args.error(fmt::format("unknown log level '{}'", *word), cfg::did_you_mean(*word, kLevels));
  return false;
}

}  // namespace

std::optional<LogTarget> parse_log_line(cfg::Args& args) {
  LogTarget log;
  log.location = args.statement().loc;
  if (!read_target(args, log)) return std::nullopt;
  while (read_option(args, log)) {
  }
  if (args.failed()) return std::nullopt;
  auto facility = args.take<std::string>();
  if (!facility) return std::nullopt;
  if (!base::parse_facility(*facility)) {
    args.error(fmt::format("unknown log facility '{}'", *facility), "such as daemon, user or local0 to local7");
    return std::nullopt;
  }
  log.facility = *facility;
  if (!args.at_end() && !read_level(args, log.level)) return std::nullopt;
  if (!args.at_end() && !read_level(args, log.min_level)) return std::nullopt;
  return log;
}

}  // namespace lbd::config
