#include "lbctl/verdict.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

namespace lbctl {
namespace {

// An answer that stalls longer than this is a hang, not a busy moment.
constexpr uint64_t kHungMs = 1000;

class Judge {
 public:
  void find(Health health, std::string reason) {
    if (health > verdict_.health) {
      verdict_.health = health;
      verdict_.reasons.insert(verdict_.reasons.begin(), std::move(reason));
    } else {
      verdict_.reasons.push_back(std::move(reason));
    }
  }
  Verdict take() { return std::move(verdict_); }

 private:
  Verdict verdict_;
};

void judge_lbd(const Answer& lbd, Judge& judge) {
  if (lbd.text("", "state") != "serving") judge.find(Health::failed, "lbd is " + lbd.text("", "state"));
  for (const auto& row : lbd.stats.rows())
    if (row.name() == "stalled_ms" && row.value() > kHungMs) judge.find(Health::failed, row.object() + " of lbd hangs");
  auto count = [&](std::string_view what, uint64_t up, uint64_t all) {
    if (up < all) judge.find(Health::degraded, fmt::format("{} of {} {} down", all - up, all, what));
  };
  count("backends", lbd.number("", "backends_up"), lbd.number("", "backends"));
  count("servers", lbd.number("", "servers_up"), lbd.number("", "servers"));
}

void judge_vrrpd(const Answer& vrrpd, Judge& judge) {
  for (const auto& instance : vrrpd.vrrp.instances()) {
    if (instance.state() == tandem::VRRP_FAULT)
      judge.find(Health::failed, fmt::format("{} is in FAULT ({})", instance.name(), instance.reason()));
    else if (instance.lacks_size() > 0)
      judge.find(Health::degraded,
                 fmt::format("{} not ready to follow: {}", instance.name(), fmt::join(instance.lacks(), "; ")));
  }
}

void judge_syncd(const Answer& syncd, Judge& judge) {
  std::set<std::string> seen;
  for (const auto& row : syncd.stats.rows()) {
    if (!row.object().starts_with("node ") || !seen.insert(row.object()).second) continue;
    if (const std::string state = syncd.text(row.object(), "state"); state != "in sync")
      judge.find(Health::degraded, row.object() + " is " + state);
    if (syncd.text(row.object(), "configuration") == "another")
      judge.find(Health::degraded, row.object() + " has another configuration");
  }
}

}  // namespace

Verdict judge(const base::Result<Answer>& lbd, const base::Result<Answer>& vrrpd, const base::Result<Answer>& syncd) {
  if (!lbd && !vrrpd && !syncd) return {Health::unknown, {"no daemon answers"}};
  Judge judge;
  if (lbd)
    judge_lbd(*lbd, judge);
  else
    judge.find(Health::failed, "lbd does not run");
  if (vrrpd)
    judge_vrrpd(*vrrpd, judge);
  else
    judge.find(Health::degraded, "vrrpd does not run");
  if (syncd)
    judge_syncd(*syncd, judge);
  else
    judge.find(Health::degraded, "syncd does not run");
  return judge.take();
}

std::string render_verdict(const Verdict& verdict) {
  constexpr std::string_view kNames[] = {"well", "degraded", "failed", "unknown"};
  return fmt::format("{:<6} {}{}{}\n", "pair", kNames[static_cast<size_t>(verdict.health)],
                     verdict.reasons.empty() ? "" : ": ", fmt::join(verdict.reasons, "; "));
}

}  // namespace lbctl
