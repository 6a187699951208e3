#include "lbctl/rehearsal.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "lbctl/json.h"
#include "lbctl/verdict.h"

namespace lbctl {
namespace {

constexpr base::Millis kLook{250};
// Within this the nodes are well again after a hand-over, and will give the addresses back.
constexpr base::Seconds kSettle{15};

class Rehearsal {
 public:
  Rehearsal(const RehearsalPlan& plan, Stage& stage) : plan_(plan), stage_(stage) {}

  RehearsalReport run() {
    if (!ready()) return end(Outcome::refused);
    if (!quiet()) return end(Outcome::busy);
    if (!move("away", false)) return end(Outcome::failed);
    const bool there = settles("there", tandem::VRRP_BACKUP, plan_.stay);
    const bool back = move("back", true);
    const bool here = back && settles("here", tandem::VRRP_MASTER, base::Seconds(0));
    return end(there && here ? Outcome::done : Outcome::failed);
  }

 private:
  RehearsalReport end(Outcome outcome) {
    report_.outcome = outcome;
    return std::move(report_);
  }
  bool add(std::string name, bool good, std::string text, uint64_t took_us = 0) {
    report_.steps.push_back({std::move(name), good, std::move(text), took_us});
    return good;
  }

  std::vector<const tandem::VrrpStates::Instance*> chosen(const PairAnswers& pair) const {
    std::vector<const tandem::VrrpStates::Instance*> all;
    if (!pair.here.vrrpd) return all;
    for (const auto& instance : pair.here.vrrpd->vrrp.instances())
      if (plan_.instance.empty() || instance.name() == plan_.instance) all.push_back(&instance);
    return all;
  }
  // All that is to be moved is in that state here.
  bool all_are(const PairAnswers& pair, tandem::VrrpState state) const {
    const auto instances = chosen(pair);
    return !instances.empty() &&
           std::all_of(instances.begin(), instances.end(), [&](const auto* each) { return each->state() == state; });
  }

  bool ready() {
    const PairAnswers pair = stage_.look();
    const Verdict verdict = judge(pair);
    if (verdict.health != Health::well)
      return add("ready", false,
                 fmt::format("the pair is {}: {}", name_of(verdict.health), fmt::join(verdict.reasons, "; ")));
    std::vector<const OtherNode*> others;
    for (const OtherNode& other : pair.others)
      if (other.said && other.said->vrrpd) others.push_back(&other);
    if (others.empty())
      return add("ready", false, pair.others.empty() ? "there is no other node" : "no other node says how it is");
    if (chosen(pair).empty())
      return add(
          "ready", false,
          plan_.instance.empty() ? "there is no instance" : fmt::format("there is no instance '{}'", plan_.instance));
    if (!all_are(pair, tandem::VRRP_MASTER))
      return add("ready", false, "this node is not MASTER: begin on the one that is, or name an instance that it has");
    return add("ready", true, "both nodes are well");
  }

  bool quiet() {
    const base::MonoTime end = stage_.now() + plan_.patience;
    while (true) {
      const PairAnswers pair = stage_.look();
      const uint64_t open = pair.here.lbd ? pair.here.lbd->number("", "current_connections") : 0;
      if (pair.here.lbd && open <= plan_.most_connections)
        return add("quiet", true, fmt::format("{} connections are open", open));
      const std::string text =
          fmt::format("{} connections are open, {} are wanted at most", open, plan_.most_connections);
      if (stage_.now() >= end) return add("quiet", false, text);
      stage_.progress("waiting for a quiet moment: " + text);
      stage_.wait(kLook);
    }
  }

  // `back`: to this node. What is refused at first may be possible a little later.
  bool move(const char* name, bool back) {
    tandem::HandOver wanted;
    wanted.set_instance(plan_.instance);
    wanted.set_take(back);
    const base::MonoTime end = stage_.now() + (back ? kSettle : base::Seconds(0));
    while (true) {
      const auto result = stage_.hand_over(wanted);
      if (result && result->done()) {
        report_.node = result->node();
        return add(name, true, result->text(), result->took_us());
      }
      if (stage_.now() >= end)
        return add(name, false,
                   fmt::format("{}{}", result ? result->text() : result.error().text,
                               back ? fmt::format("; node {} has it (lbctl failover --take)", report_.node) : ""));
      stage_.wait(kLook);
    }
  }

  // Both nodes become well, with the roles as they should be, and stay so.
  bool settles(const char* name, tandem::VrrpState state, base::Seconds stay) {
    const base::MonoTime begun = stage_.now();
    base::MonoTime since = base::kNever;
    while (true) {
      const PairAnswers pair = stage_.look();
      const Verdict verdict = judge(pair);
      const bool well = verdict.health == Health::well && all_are(pair, state);
      const base::MonoTime now = stage_.now();
      if (well && since == base::kNever) since = now;
      if (well && now - since >= stay)
        return add(name, true,
                   fmt::format("well after {:.1f} s{}", base::to_seconds(since - begun),
                               stay.count() > 0 ? fmt::format(", and for {} s", stay.count()) : ""));
      if (!well && (since != base::kNever || now - begun >= kSettle))
        return add(name, false,
                   verdict.health == Health::well
                       ? std::string("the addresses are not where they should be")
                       : fmt::format("{}: {}", name_of(verdict.health), fmt::join(verdict.reasons, "; ")));
      stage_.progress(well ? "watching how the pair does" : "waiting for both nodes to be well");
      stage_.wait(kLook);
    }
  }

  const RehearsalPlan& plan_;
  Stage& stage_;
  RehearsalReport report_;
};

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::done:
      return "done";
    case Outcome::failed:
      return "failed";
    case Outcome::refused:
      return "refused";
    case Outcome::busy:
      return "busy";
  }
  return "";
}

std::string summary(const RehearsalReport& report) {
  switch (report.outcome) {
    case Outcome::done:
      return fmt::format("done: node {} had the addresses, and this node has them again", report.node);
    case Outcome::failed:
      return "failed: see above";
    case Outcome::refused:
      return "refused: nothing was done";
    case Outcome::busy:
      return "no quiet moment: nothing was done";
  }
  return "";
}

}  // namespace

RehearsalReport rehearse(const RehearsalPlan& plan, Stage& stage) {
  return Rehearsal(plan, stage).run();
}

std::string render_report(const RehearsalReport& report) {
  std::string text;
  for (const RehearsalStep& step : report.steps)
    text += fmt::format("{:<6} {}{}\n", step.name, step.good ? "" : "not good: ", step.text);
  return text + fmt::format("{:<6} {}\n", "drill", summary(report));
}

std::string render_report_json(const RehearsalReport& report) {
  std::vector<std::string> steps;
  for (const RehearsalStep& step : report.steps)
    steps.push_back(fmt::format("{{\"step\":{},\"good\":{},\"text\":{}{}}}", json_text(step.name), step.good,
                                json_text(step.text),
                                step.took_us > 0 ? fmt::format(",\"took_us\":{}", step.took_us) : ""));
  return fmt::format("{{\"outcome\":\"{}\",\"node\":{},\"steps\":[{}]}}\n", name_of(report.outcome),
                     json_text(report.node), fmt::join(steps, ","));
}

}  // namespace lbctl
