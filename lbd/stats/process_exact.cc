// What `show info float` tells otherwise than `show info`.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "lbd/stats/process.h"

namespace lbd::stats {
namespace {

double seconds(base::Nanos duration) {
  return std::chrono::duration<double>(duration).count();
}

// What HAProxy tells as a number with a fraction, by the names of the InfoRows; without a reader of its own it has none
// here.
struct Exact {
  std::string_view of;
  double (*read)(const ProcessView& process) = nullptr;
};

constexpr Exact kExact[] = {
    {"Uptime_sec", [](const ProcessView& p) { return seconds(p.now - p.facts.started); }},
    {"Start_time_sec", [](const ProcessView& p) { return seconds(p.facts.started_wall.time_since_epoch()); }},
    {"ConnRate"},
    {"SessRate"},
    {"SslRate"},
    {"SslFrontendKeyRate"},
    {"SslFrontendSessionReuse_pct"},
    {"SslBackendKeyRate"},
    {"CompressBpsIn"},
    {"CompressBpsOut"},
};

// At most six digits behind the point, and none that says nothing.
std::string digits_of(double number) {
  std::string text = fmt::format("{:.6f}", number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

Value read_exactly(const InfoRow& row, const ProcessView& process) {
  const auto* exact =
      std::find_if(std::begin(kExact), std::end(kExact), [&](const Exact& one) { return one.of == row.name; });
  Value value = row.read(process);
  if (exact == std::end(kExact) || !value.is_number()) return value;
  return Value::real(exact->read ? digits_of(exact->read(process)) : value.print());
}

}  // namespace lbd::stats
