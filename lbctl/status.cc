#include "lbctl/status.h"

#include <fmt/format.h>

#include <array>
#include <set>

namespace lbctl {
namespace {

// An answer that stalls longer than this is a hang, not a busy moment.
constexpr uint64_t kHungMs = 1000;

std::string line(std::string_view daemon, std::string_view text) {
  return fmt::format("{:<6} {}\n", daemon, text);
}
std::string more(std::string_view text) {
  return fmt::format("{:<6}   {}\n", "", text);
}

std::string absent(std::string_view daemon, const base::Error& error) {
  return line(daemon, fmt::format("not running ({})", error.text));
}

std::string identity(const Answer& answer) {
  return fmt::format("pid {}, version {}", answer.hello.pid(), answer.hello.version());
}

std::string_view name_of(tandem::VrrpState state) {
  static constexpr std::array<std::string_view, 4> kNames = {"INIT", "BACKUP", "MASTER", "FAULT"};
  auto index = static_cast<size_t>(state);
  return index < kNames.size() ? kNames[index] : "?";
}

std::string since(uint64_t micros, base::WallTime now) {
  if (micros == 0) return "";
  int64_t seconds = (now.time_since_epoch().count() - static_cast<int64_t>(micros)) / 1'000'000;
  if (seconds < 120) return fmt::format(" for {} s", seconds);
  if (seconds < 7200) return fmt::format(" for {} min", seconds / 60);
  if (seconds < 172800) return fmt::format(" for {} h", seconds / 3600);
  return fmt::format(" for {} d", seconds / 86400);
}

}  // namespace

std::string render_lbd(const base::Result<Answer>& answer) {
  if (!answer) return absent("lbd", answer.error());
  std::string text = line("lbd", fmt::format("{}, {}", answer->text("", "state"), identity(*answer)));
  text +=
      more(fmt::format("{} of {} backends up, {} of {} servers up, {} connections", answer->number("", "backends_up"),
                       answer->number("", "backends"), answer->number("", "servers_up"), answer->number("", "servers"),
                       answer->number("", "current_connections")));
  for (const auto& row : answer->stats.rows())
    if (row.name() == "stalled_ms" && row.value() > kHungMs)
      text += more(fmt::format("{} hangs for {} ms", row.object(), row.value()));
  return text;
}

std::string render_vrrpd(const base::Result<Answer>& answer, base::WallTime now) {
  if (!answer) return absent("vrrpd", answer.error());
  std::string text = line("vrrpd", fmt::format("running, {}", identity(*answer)));
  for (const auto& instance : answer->vrrp.instances()) {
    text += more(fmt::format("{} {}{}, priority {} (of {}), {} router {}", instance.name(), name_of(instance.state()),
                             since(instance.since_us(), now), instance.priority(), instance.base_priority(),
                             instance.interface(), instance.virtual_router_id()));
    if (!instance.reason().empty()) text += more("  " + instance.reason());
    if (!instance.held_back().empty()) text += more("  does not preempt: " + instance.held_back());
  }
  return text;
}

std::string render_syncd(const base::Result<Answer>& answer) {
  if (!answer) return absent("syncd", answer.error());
  std::string text = line("syncd", fmt::format("node {}, {}", answer->text("", "node"), identity(*answer)));
  text +=
      more(fmt::format("{} objects, {} lbd linked", answer->number("", "entries"), answer->number("", "local_links")));
  std::set<std::string> seen;
  for (const auto& row : answer->stats.rows()) {
    if (!row.object().starts_with("node ") || !seen.insert(row.object()).second) continue;
    std::string state = answer->text(row.object(), "state");
    std::string error = answer->text(row.object(), "last_error");
    text += more(fmt::format("{} at {}: {}{}", row.object(), answer->text(row.object(), "address"), state,
                             error.empty() ? "" : " (" + error + ")"));
    if (answer->text(row.object(), "configuration") == "another")
      text += more("its lbd has another configuration than that of this node");
  }
  return text;
}

}  // namespace lbctl
