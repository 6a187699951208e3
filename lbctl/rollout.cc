#include "lbctl/rollout.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <set>

#include "base/strings.h"
#include "lbctl/json.h"
#include "lbctl/text.h"
#include "lbctl/verdict.h"

namespace lbctl {
namespace {

using Step = tandem::ChangeRequest;

constexpr base::Millis kLook{250};
// Within this the pair does as well as before: daemons start, nodes hear of each other.
constexpr base::Seconds kSettle{15};
// How long a link may be away.
constexpr base::Seconds kAgain{10};
// What the steps themselves may take before a node takes silence for the death of who ordered them.
constexpr base::Seconds kSlack{60};

// How a pair does, as far as it can be compared.
struct Condition {
  Health health = Health::unknown;
  size_t reasons = 0;
  uint64_t down = 0;  // servers and backends of all nodes
  bool worse_than(const Condition& before) const {
    return health > before.health || reasons > before.reasons || down > before.down;
  }
};

uint64_t down_on(const NodeAnswers& node) {
  if (!node.lbd) return 0;
  const auto missing = [&](const char* all, const char* up) {
    const uint64_t there = node.lbd->number("", all), well = node.lbd->number("", up);
    return there - std::min(well, there);
  };
  return missing("servers", "servers_up") + missing("backends", "backends_up");
}

class Rollout {
 public:
  Rollout(const RolloutPlan& plan, Pair& pair) : plan_(plan), pair_(pair) {}

  RolloutReport run() {
    if (!choose() || !check()) return end(RolloutOutcome::refused);
    if (!apply() || !watch() || !keep()) {
      undo();
      return end(RolloutOutcome::undone);
    }
    return end(RolloutOutcome::done);
  }

 private:
  // What is changed on a node.
  struct Target {
    std::string node;
    std::map<std::string, std::string> files;
    bool here = false, master = false;
    bool edited = false;
    uint64_t last = 0;
  };

  RolloutReport end(RolloutOutcome outcome) {
    report_.outcome = outcome;
    return std::move(report_);
  }
  bool add(std::string name, const std::string& node, bool good, std::string text, std::string said = {}) {
    report_.steps.push_back({std::move(name), node, good, std::move(text), std::move(said)});
    return good;
  }

  static bool is_master(const NodeAnswers& node) {
    if (!node.vrrpd) return false;
    const auto& instances = node.vrrpd->vrrp.instances();
    return std::any_of(instances.begin(), instances.end(),
                       [](const auto& each) { return each.state() == tandem::VRRP_MASTER; });
  }

  std::map<std::string, std::string> files_for(const std::string& node) const {
    std::map<std::string, std::string> files;
    for (const std::string& whose : {std::string(), node})
      if (const auto named = plan_.files.find(whose); named != plan_.files.end())
        for (const auto& [daemon, text] : named->second) files[daemon] = text;
    return files;
  }

  Condition condition() {
    const PairAnswers answers = pair_.look();
    verdict_ = judge(answers);
    Condition now{verdict_.health, verdict_.reasons.size(), down_on(answers.here)};
    for (const OtherNode& other : answers.others)
      if (other.said) now.down += down_on(*other.said);
    return now;
  }

  // Which nodes it is about.
  bool choose() {
    const PairAnswers answers = pair_.look();
    if (!answers.here.syncd)
      return add("check", "", false, fmt::format("syncd of this node: {}", answers.here.syncd.error().text));
    const std::string own = answers.here.syncd->text("", "node");
    std::set<std::string> unknown;
    for (const auto& [node, files] : plan_.files) unknown.insert(node);
    unknown.erase("");
    const auto add_target = [&](const std::string& node, bool here, bool master) {
      unknown.erase(node);
      Target target{.node = node, .files = files_for(node), .here = here, .master = master};
      if (plan_.revision != 0 || !target.files.empty()) targets_.push_back(std::move(target));
    };
    add_target(own, true, is_master(answers.here));
    for (const OtherNode& other : answers.others) {
      if (plan_.alone) break;
      if (!other.linked)
        return add("check", other.name, false,
                   "it is not linked with this node: nothing is changed on one of both (--alone)");
      add_target(other.name, false, other.said && is_master(*other.said));
    }
    if (!unknown.empty())
      return add("check", "", false, fmt::format("there is no node '{}'", fmt::join(unknown, "', '")));
    if (targets_.empty()) return add("check", "", false, "there is no file for any node");
    // What is bad in a way that no check sees is seen where nobody is served.
    std::stable_sort(targets_.begin(), targets_.end(),
                     [](const Target& one, const Target& other) { return one.master < other.master; });
    return true;
  }

  // A step on one node; the Error is in the report.
  bool order(const char* name, const Target& target, Step::Step step, const std::string& done,
             const std::function<void(Step&)>& fill, tandem::ChangeReply* answer = nullptr) {
    Step request;
    request.set_node(target.node);
    request.set_step(step);
    request.set_change(plan_.change);
    if (fill) fill(request);
    pair_.progress(fmt::format("{}: {}", target.node, base::lower(Step::Step_Name(step))));
    // Who was asked may have done it all the same: then it says so.
    auto reply = pair_.order(request);
    const bool was_there = step != Step::STAGE || (reply && !reply->absent());
    for (const base::MonoTime end = pair_.now() + kAgain; was_there && reply && reply->lost() && pair_.now() < end;) {
      pair_.wait(kLook);
      reply = pair_.order(request);
    }
    if (!reply) return add(name, target.node, false, reply.error().text);
    if (answer) *answer = *reply;
    return add(name, target.node, reply->error().empty(), reply->error().empty() ? done : reply->error(),
               reply->error().empty() ? "" : reply->text());
  }

  bool check() {
    before_ = condition();
    bool good = true, same = true;
    std::vector<Target> staged;
    for (Target& target : targets_) {
      tandem::ChangeReply answer;
      const bool fine = order(
          "check", target, Step::STAGE, "good",
          [&](Step& request) {
            request.set_author(plan_.author);
            request.set_note(plan_.note);
            request.set_revision(plan_.revision);
            for (const auto& [daemon, text] : target.files) {
              tandem::ChangeFile& file = *request.add_files();
              file.set_daemon(daemon);
              file.set_text(text);
            }
          },
          &answer);
      good = good && fine;
      same = same && answer.same();
      target.edited = answer.edited();
      target.last = answer.last();
      if (fine) staged.push_back(target);
    }
    if (good && same) good = add("check", "", false, "these files are in use already");
    if (good) return true;
    for (const Target& target : staged) drop(target);
    return false;
  }

  // What was only staged: nobody needs to hear of that.
  void drop(const Target& target) {
    Step request;
    request.set_node(target.node);
    request.set_step(Step::UNDO);
    request.set_change(plan_.change);
    (void)pair_.order(request);
  }

  bool apply() {
    uint64_t last = 0;
    bool edited = false;
    for (const Target& target : targets_) {
      last = std::max(last, target.last);
      edited = edited || target.edited;
    }
    // The same number is the same change on all nodes.
    const uint64_t found = edited ? ++last : 0;
    report_.revision = last + 1;
    for (const Target& target : targets_) {
      const bool applied = order("apply", target, Step::COMMIT, "in use", [&](Step& request) {
        request.set_found(found);
        request.set_confirm_within_ms(static_cast<uint32_t>(base::Millis(plan_.watch + kSettle + kSlack).count()));
      });
      if (applied) {
        applied_.push_back(target);
        continue;
      }
      for (const Target& rest : targets_)
        if (&rest > &target) drop(rest);
      return false;
    }
    return true;
  }

  bool watch() {
    const base::MonoTime begun = pair_.now();
    base::MonoTime since = base::kNever;
    while (true) {
      if (pair_.interrupted()) return add("watch", "", false, "interrupted");
      const Condition condition_now = condition();
      const bool well = !condition_now.worse_than(before_);
      const base::MonoTime now = pair_.now();
      if (well && since == base::kNever) since = now;
      if (well && now - since >= plan_.watch)
        return add("watch", "", true, fmt::format("as well as before, for {} s", plan_.watch.count()));
      if (!well && (since != base::kNever || now - begun >= kSettle))
        return add("watch", "", false,
                   fmt::format("the pair does worse than before: {}: {}", name_of(condition_now.health),
                               fmt::join(verdict_.reasons, "; ")));
      pair_.progress(well ? "watching how the pair does" : "waiting for the pair to be as well as before");
      pair_.wait(kLook);
    }
  }

  // This node, which knows what the others have said, is the last.
  bool keep() {
    std::stable_sort(applied_.begin(), applied_.end(),
                     [](const Target& one, const Target& other) { return one.here < other.here; });
    while (!applied_.empty()) {
      const Target target = applied_.front();
      if (!order("keep", target, Step::CONFIRM, fmt::format("revision {}", report_.revision),
                 [&](Step& request) { request.set_revision(report_.revision); }))
        return false;
      applied_.erase(applied_.begin());
    }
    return true;
  }

  void undo() {
    for (const Target& target : applied_) order("undo", target, Step::UNDO, "as before", {});
  }

  const RolloutPlan& plan_;
  Pair& pair_;
  RolloutReport report_;
  std::vector<Target> targets_, applied_;
  Condition before_;
  Verdict verdict_;
};

std::string summary(const RolloutReport& report) {
  switch (report.outcome) {
    case RolloutOutcome::done:
      return fmt::format("done: revision {}", report.revision);
    case RolloutOutcome::undone: {
      const bool everywhere = std::all_of(report.steps.begin(), report.steps.end(), [](const RolloutStep& step) {
        return step.good || (step.name != "undo" && step.name != "keep");
      });
      return everywhere ? "undone: the configuration is what it was before"
                        : "not undone everywhere: see above, and lbctl status";
    }
    case RolloutOutcome::refused:
      return "refused: nothing was changed";
  }
  return "";
}

}  // namespace

RolloutReport roll_out(const RolloutPlan& plan, Pair& pair) {
  return Rollout(plan, pair).run();
}

std::string render_report(const RolloutReport& report) {
  std::string text;
  for (const RolloutStep& step : report.steps) {
    text += fmt::format("{:<6} {}{}{}\n", step.name, step.node.empty() ? "" : step.node + ": ",
                        step.good ? "" : "FAILED: ", printable(step.text));
    if (step.said.empty()) continue;
    for (const std::string_view line : base::split(step.said, '\n'))
      text += fmt::format("       {}\n", printable(line));
  }
  return text + fmt::format("{:<6} {}\n", "change", summary(report));
}

std::string render_report_json(const RolloutReport& report) {
  std::string steps;
  for (const RolloutStep& step : report.steps)
    steps +=
        fmt::format("{}{{\"name\":{},\"node\":{},\"good\":{},\"text\":{},\"said\":{}}}", steps.empty() ? "" : ",",
                    json_text(step.name), json_text(step.node), step.good, json_text(step.text), json_text(step.said));
  return fmt::format("{{\"outcome\":{},\"revision\":{},\"summary\":{},\"steps\":[{}]}}\n",
                     static_cast<int>(report.outcome), report.revision, json_text(summary(report)), steps);
}

}  // namespace lbctl
