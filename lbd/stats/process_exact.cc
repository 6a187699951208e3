// What `show info float` tells otherwise than `show info`.
#include <fmt/format.h>

#include "lbd/stats/process.h"

namespace lbd::stats {
namespace {

double seconds(base::Nanos duration) {
  return std::chrono::duration<double>(duration).count();
}

constexpr ExactRow kRows[] = {
    {.name = "Uptime_sec", .read = [](const ProcessView& p) { return seconds(p.now - p.facts.started); }},
    {.name = "Start_time_sec",
     .read = [](const ProcessView& p) { return seconds(p.facts.started_wall.time_since_epoch()); }},
    {.name = "ConnRate"},
    {.name = "SessRate"},
    {.name = "SslRate"},
    {.name = "SslFrontendKeyRate"},
    {.name = "SslFrontendSessionReuse_pct"},
    {.name = "SslBackendKeyRate"},
    {.name = "CompressBpsIn"},
    {.name = "CompressBpsOut"},
};
const base::Registered<ExactRow> kEnrol(kRows);

// At most six digits behind the point, and none that says nothing.
std::string digits_of(double number) {
  std::string text = fmt::format("{:.6f}", number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

Value read_exactly(const InfoRow& row, const ProcessView& process) {
  const ExactRow* exact = base::Registered<ExactRow>::find(row.name);
  const Value value = row.read(process);
  if (!exact || !value.is_number()) return value;
  return Value::real(exact->read ? digits_of(exact->read(process)) : value.print());
}

}  // namespace lbd::stats
