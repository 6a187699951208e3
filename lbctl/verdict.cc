#include "lbctl/verdict.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "lbctl/text.h"

namespace lbctl {
namespace {

// An answer that stalls longer than this is a hang, not a busy moment.
constexpr uint64_t kHungMs = 1000;
constexpr std::string_view kCertificate = "certificate ";

// What both nodes have in common is told once.
bool is_common(std::string_view reason) {
  return reason.ends_with(" down") || reason.starts_with(kCertificate);
}

class Judge {
 public:
  explicit Judge(const Limits& judged_by) : limits(judged_by) {}
  const Limits& limits;

  void find(Health health, std::string reason) {
    if (health > verdict_.health) {
      verdict_.health = health;
      verdict_.reasons.insert(verdict_.reasons.begin(), std::move(reason));
    } else {
      verdict_.reasons.push_back(std::move(reason));
    }
  }
  void warn(std::string text) { verdict_.warnings.push_back(std::move(text)); }
  // Of another node: whatever it is, this one serves.
  void find_there(const std::string& node, const Verdict& verdict) {
    for (const std::string& reason : verdict.reasons) {
      const auto same = std::find(verdict_.reasons.begin(), verdict_.reasons.end(), reason);
      if (!is_common(reason) || same == verdict_.reasons.end())
        find(Health::degraded, fmt::format("{}: {}", node, reason));
    }
    for (const std::string& text : verdict.warnings)
      if (std::find(verdict_.warnings.begin(), verdict_.warnings.end(), text) == verdict_.warnings.end())
        warn(fmt::format("{}: {}", node, text));
  }
  Verdict take() { return std::move(verdict_); }

 private:
  Verdict verdict_;
};

// Clients refuse one that has ended, and what else there is they get.
void judge_certificates(const tandem::CertificateList& list, Judge& judge) {
  for (const Certificate& certificate : list.certificates()) {
    const CertificateNote note = note_of(certificate, judge.limits.certificate_days, judge.limits.now);
    std::string text = fmt::format("{}{} {}", kCertificate, printable(certificate.path()), note.text);
    if (note.state >= CertificateState::not_yet)
      judge.find(Health::degraded, std::move(text));
    else if (note.state == CertificateState::near_end)
      judge.warn(std::move(text));
  }
  if (const int more = static_cast<int>(list.matching()) - list.certificates_size(); more > 0)
    judge.warn(fmt::format("{} more certificates end soon", more));
}

void judge_lbd(const Answer& lbd, Judge& judge) {
  if (lbd.text("", "state") != "serving") judge.find(Health::failed, "lbd is " + lbd.text("", "state"));
  for (const auto& row : lbd.stats.rows())
    if (row.name() == "stalled_ms" && row.value() > kHungMs) judge.find(Health::failed, row.object() + " of lbd hangs");
  auto count = [&](std::string_view what, uint64_t up, uint64_t all) {
    if (up < all) judge.find(Health::degraded, fmt::format("{} of {} {} down", all - up, all, what));
  };
  count("backends", lbd.number("", "backends_up"), lbd.number("", "backends"));
  count("servers", lbd.number("", "servers_up"), lbd.number("", "servers"));
  judge_certificates(lbd.stats.certificates(), judge);
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

// `node`: whose it is; "": of this one.
void judge_syncd(const Answer& syncd, std::string_view node, Judge& judge) {
  std::set<std::string> seen;
  for (const auto& row : syncd.stats.rows()) {
    if (!row.object().starts_with("node ") || !seen.insert(row.object()).second) continue;
    if (const std::string state = syncd.text(row.object(), "state"); state != "in sync")
      judge.find(Health::degraded, row.object() + " is " + state);
    // Both find it; one of them is enough to tell.
    if (node.empty() && syncd.text(row.object(), "configuration") == "another")
      judge.find(Health::degraded, row.object() + " has another configuration");
  }
}

std::string silent(std::string_view daemon, const base::Error& error) {
  if (error.code == base::Code::closed) return fmt::format("{} is {}", daemon, error.text);
  return fmt::format("{} {}", daemon, error.code == base::Code::timeout ? "does not answer" : "does not run");
}

// What a node says of its own daemons.
Verdict judge_node(const NodeAnswers& said, std::string_view node, const Limits& limits) {
  Judge judge(limits);
  if (said.lbd)
    judge_lbd(*said.lbd, judge);
  else
    judge.find(Health::failed, silent("lbd", said.lbd.error()));
  if (said.vrrpd)
    judge_vrrpd(*said.vrrpd, judge);
  else
    judge.find(Health::degraded, silent("vrrpd", said.vrrpd.error()));
  if (said.syncd)
    judge_syncd(*said.syncd, node, judge);
  else
    judge.find(Health::degraded, silent("syncd", said.syncd.error()));
  return judge.take();
}

// The virtual router is known by its addresses; each node may give it a name of its own.
std::string router_of(const tandem::VrrpStates::Instance& instance) {
  std::set<std::string> addresses(instance.addresses().begin(), instance.addresses().end());
  return fmt::format("{} {}", instance.virtual_router_id(), fmt::join(addresses, " "));
}

// Of what all nodes say together: a router has one master.
void judge_masters(const PairAnswers& pair, Judge& judge) {
  if (!pair.here.vrrpd) return;
  for (const auto& instance : pair.here.vrrpd->vrrp.instances()) {
    int masters = instance.state() == tandem::VRRP_MASTER, nodes = 1;
    for (const OtherNode& other : pair.others) {
      if (!other.said || !other.said->vrrpd) continue;
      for (const auto& theirs : other.said->vrrpd->vrrp.instances()) {
        if (router_of(theirs) != router_of(instance)) continue;
        ++nodes;
        masters += theirs.state() == tandem::VRRP_MASTER;
      }
    }
    if (masters > 1) judge.find(Health::degraded, fmt::format("{} is MASTER on {} nodes", instance.name(), masters));
    if (masters == 0 && nodes > 1)
      judge.find(Health::degraded, fmt::format("{} is MASTER on no node", instance.name()));
  }
}

}  // namespace

Verdict judge(const PairAnswers& pair, const Limits& limits) {
  const NodeAnswers& here = pair.here;
  if (!here.lbd && !here.vrrpd && !here.syncd) return {Health::unknown, {"no daemon answers"}};
  Judge judge(limits);
  const Verdict own = judge_node(here, "", limits);
  for (const std::string& reason : own.reasons) judge.find(own.health, reason);
  for (const std::string& text : own.warnings) judge.warn(text);
  for (const OtherNode& other : pair.others) {
    if (other.said)
      judge.find_there(other.name, judge_node(*other.said, other.name, limits));
    else if (other.linked && !other.older)  // that it is not linked, syncd has said
      judge.find(Health::degraded, fmt::format("{}: {}", other.name, other.error));
  }
  judge_masters(pair, judge);
  return judge.take();
}

std::string_view name_of(Health health) {
  constexpr std::string_view kNames[] = {"well", "degraded", "failed", "unknown"};
  return kNames[static_cast<size_t>(health)];
}

std::string render_verdict(const Verdict& verdict) {
  std::string text = fmt::format("{:<6} {}{}{}", "pair", name_of(verdict.health), verdict.reasons.empty() ? "" : ": ",
                                 fmt::join(verdict.reasons, "; "));
  if (!verdict.warnings.empty())
    text += fmt::format("{}{}", verdict.reasons.empty() ? ", but " : "; ", fmt::join(verdict.warnings, "; "));
  return text + '\n';
}

}  // namespace lbctl
