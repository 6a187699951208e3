#include "lbctl/timeline.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "base/strings.h"
#include "lbctl/json.h"
#include "lbctl/text.h"

namespace lbctl {
namespace {

std::string_view name_of(tandem::Role daemon) {
  switch (daemon) {
    case tandem::ROLE_LBD:
      return "lbd";
    case tandem::ROLE_VRRPD:
      return "vrrpd";
    case tandem::ROLE_SYNCD:
      return "syncd";
    case tandem::ROLE_APPLYD:
      return "applyd";
    default:
      return "?";
  }
}

base::WallTime wall(uint64_t micros) {
  return base::WallTime(base::Micros(static_cast<int64_t>(micros)));
}

}  // namespace

std::vector<Moment> timeline(const std::vector<tandem::EventsReply>& replies, base::WallTime now) {
  std::vector<Moment> moments;
  for (const tandem::EventsReply& reply : replies)
    for (const tandem::Events& node : reply.nodes())
      for (const tandem::Event& event : node.events()) {
        const base::Micros ago(static_cast<int64_t>(reply.boot_us()) -
                               (static_cast<int64_t>(event.boot_us()) + node.offset_us()));
        moments.push_back({.when = node.clock_unknown() ? wall(event.wall_us()) : now - ago,
                           .uncertainty = base::Micros(static_cast<int64_t>(node.uncertainty_us())),
                           .node = node.node(),
                           .event = event});
      }
  std::stable_sort(moments.begin(), moments.end(), [](const Moment& a, const Moment& b) {
    if (a.when != b.when) return a.when < b.when;
    return a.event.generation() == b.event.generation() && a.event.sequence() < b.event.sequence();
  });
  return moments;
}

std::string render_moment(const Moment& moment, size_t wide) {
  const auto micros = moment.when.time_since_epoch().count();
  const std::time_t seconds = static_cast<std::time_t>(micros / 1'000'000);
  const tandem::Event& event = moment.event;
  return fmt::format("{:%Y-%m-%d %H:%M:%S}.{:06} {:<{}} {:<5} {}{}{}\n", fmt::localtime(seconds), micros % 1'000'000,
                     printable(moment.node), wide, name_of(event.daemon()), printable(event.object()),
                     event.object().empty() ? "" : ": ", printable(event.text()));
}

std::string render_moment_json(const Moment& moment) {
  std::string time;
  base::append_iso_date(time, moment.when);
  const tandem::Event& event = moment.event;
  return fmt::format(
      "{{\"time\":{},\"uncertainty_us\":{},\"node\":{},\"daemon\":\"{}\",\"pid\":{},\"kind\":{},\"object\":{},\"text\":"
      "{},"
      "\"sequence\":{},\"own_time_us\":{}}}\n",
      json_text(time), moment.uncertainty.count(), json_text(moment.node), name_of(event.daemon()), event.pid(),
      json_text(event.kind()), json_text(event.object()), json_text(event.text()), event.sequence(), event.wall_us());
}

std::optional<base::Seconds> parse_span(std::string_view text) {
  constexpr std::pair<char, int64_t> kUnits[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
  constexpr uint32_t kMost = 1'000'000;
  if (text.empty()) return std::nullopt;
  const auto number = base::parse_int<uint32_t>(text.substr(0, text.size() - 1));
  for (const auto& [unit, seconds] : kUnits)
    if (text.back() == unit && number && *number <= kMost) return base::Seconds(*number * seconds);
  return std::nullopt;
}

}  // namespace lbctl
