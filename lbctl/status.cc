#include "lbctl/status.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <set>

#include "lbctl/json.h"

namespace lbctl {
namespace {

// An answer that stalls longer than this is a hang, not a busy moment.
constexpr uint64_t kHungMs = 1000;
// As preemption by adverts looks.
constexpr uint64_t kToldUs = 10'000;

std::string line(std::string_view daemon, std::string_view text) {
  return fmt::format("{:<6} {}\n", daemon, text);
}
std::string more(std::string_view text) {
  return fmt::format("{:<6}   {}\n", "", text);
}

std::string absent(std::string_view daemon, const base::Error& error) {
  if (error.code == base::Code::closed) return line(daemon, error.text);
  const bool silent = error.code == base::Code::timeout;
  return line(daemon, silent ? "does not answer" : fmt::format("not running ({})", error.text));
}

std::string identity(const Answer& answer) {
  return fmt::format("pid {}, version {}", answer.hello.pid(), answer.hello.version());
}

std::string_view name_of(tandem::VrrpState state) {
  static constexpr std::array<std::string_view, 4> kNames = {"INIT", "BACKUP", "MASTER", "FAULT"};
  auto index = static_cast<size_t>(state);
  return index < kNames.size() ? kNames[index] : "?";
}

std::string age(uint64_t micros, base::WallTime now) {
  int64_t seconds = (now.time_since_epoch().count() - static_cast<int64_t>(micros)) / 1'000'000;
  if (seconds < 120) return fmt::format("{} s", seconds);
  if (seconds < 7200) return fmt::format("{} min", seconds / 60);
  if (seconds < 172800) return fmt::format("{} h", seconds / 3600);
  return fmt::format("{} d", seconds / 86400);
}

std::string since(uint64_t micros, base::WallTime now) {
  return micros == 0 ? "" : " for " + age(micros, now);
}

std::string json_of_answer(const base::Result<Answer>& answer) {
  if (answer)
    return fmt::format("{{\"hello\":{},\"stats\":{},\"vrrp\":{}}}", json_of(answer->hello), json_of(answer->stats),
                       json_of(answer->vrrp));
  return fmt::format("{{\"error\":{}}}", json_text(answer.error().text));
}

std::string members_of(const NodeAnswers& node) {
  return fmt::format("\"lbd\":{},\"vrrpd\":{},\"syncd\":{}", json_of_answer(node.lbd), json_of_answer(node.vrrpd),
                     json_of_answer(node.syncd));
}

}  // namespace

std::string render_json(const PairAnswers& pair, const Verdict& verdict) {
  std::vector<std::string> reasons, warnings, others;
  for (const std::string& reason : verdict.reasons) reasons.push_back(json_text(reason));
  for (const std::string& warning : verdict.warnings) warnings.push_back(json_text(warning));
  for (const OtherNode& other : pair.others)
    others.push_back(fmt::format("{{\"node\":{},{}}}", json_text(other.name),
                                 other.said ? members_of(*other.said) : "\"error\":" + json_text(other.error)));
  return fmt::format("{{\"verdict\":\"{}\",\"reasons\":[{}],\"warnings\":[{}],{},\"others\":[{}]}}\n",
                     name_of(verdict.health), fmt::join(reasons, ","), fmt::join(warnings, ","), members_of(pair.here),
                     fmt::join(others, ","));
}

std::string render_others(const PairAnswers& pair, base::WallTime now) {
  std::string text;
  for (const OtherNode& other : pair.others) {
    if (!other.said) {
      text += fmt::format("node {} tells nothing of itself: {}\n", other.name, other.error);
      continue;
    }
    text += fmt::format("node {} says of itself:\n", other.name);
    const std::string said =
        render_lbd(other.said->lbd) + render_vrrpd(other.said->vrrpd, now) + render_syncd(other.said->syncd);
    for (std::string_view rest = said; !rest.empty();) {
      const size_t end = rest.find('\n') + 1;
      text += fmt::format("  {}", rest.substr(0, end));
      rest.remove_prefix(end);
    }
  }
  return text;
}

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
    const std::string lacks = fmt::format("{}", fmt::join(instance.lacks(), "; "));
    if (!lacks.empty() && lacks != instance.held_back()) text += more("  not ready to follow: " + lacks);
    if (!instance.held_back().empty()) text += more("  does not preempt: " + instance.held_back());
    if (instance.draining_ms() > 0)
      text += more(fmt::format("  connections that were open go on here for {} s at most",
                               (instance.draining_ms() + 999) / 1000));
    if (instance.dual_active_last_us() >= kToldUs)
      text += more(fmt::format("  there were two masters for {:.3f} s, {} ago",
                               static_cast<double>(instance.dual_active_last_us()) / 1e6,
                               age(instance.dual_active_end_us(), now)));
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
