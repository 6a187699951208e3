#include "vrrpd/planned.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <ranges>

#include "base/journal.h"
#include "vrrpd/group.h"

namespace vrrpd {
namespace {

// What the node lacks to follow us; "": nothing.
std::string lacking(const std::string& node, const Partner& partner, const std::optional<tandem::NodeFacts>& own) {
  if (!own) return {};
  const auto other = partner.facts().find(node);
  if (other == partner.facts().end()) return fmt::format("of lbd of node {} nothing is known", node);
  const Lacks lacks = lacks_of(other->second, *own, partner.teaching(node));
  return lacks.empty() ? std::string() : fmt::format("node {} is not ready: {}", node, fmt::join(lacks, "; "));
}

}  // namespace

void Planned::begin(const tandem::HandOver& wanted, const Instances& instances, const Partner& partner,
                    const std::optional<tandem::NodeFacts>& own, Reply reply) {
  reply_ = std::move(reply);
  std::vector<Instance*> masters, backups;
  bool known = false;
  for (const auto& instance : instances) {
    if (!wanted.instance().empty() && instance->name() != wanted.instance()) continue;
    known = true;
    if (instance->state() == State::master && !instance->machine().leaving) masters.push_back(instance.get());
    if (instance->state() == State::backup) backups.push_back(instance.get());
  }
  if (!known)
    return end(false, wanted.instance().empty() ? "there is no instance"
                                                : fmt::format("there is no instance '{}'", wanted.instance()));
  if (wanted.take()) return take(backups, partner, wanted.force());
  if (masters.empty()) return end(false, "this node is master of nothing that could be given up");
  if (!partner.linked())
    return end(false, "syncd of this node does not answer: no other node can be told (stopping vrrpd gives up, too)");
  node_.clear();
  for (const Instance* instance : masters) {
    const std::string node = partner.best_backup(instance->id());
    if (node.empty()) return end(false, fmt::format("no linked node is backup of {}", instance->name()));
    if (!node_.empty() && node != node_)
      return end(false, fmt::format("not one node is backup of all: {} and {}; name an instance", node_, node));
    node_ = node;
  }
  const std::string lack = lacking(node_, partner, own);
  if (!lack.empty() && !wanted.force()) return end(false, lack + " (--force: all the same)");
  why_ = "an operator wants it";
  for (const Instance* instance : masters) given_.insert(instance->name());
  prepare(std::move(masters), wanted.has_drain_ms() ? base::Millis(wanted.drain_ms()) : base::Nanos(kDrain));
}

// The masters are asked, in words.
void Planned::take(const std::vector<Instance*>& backups, const Partner& partner, bool force) {
  if (backups.empty()) return end(false, "this node is backup of nothing that it could take");
  if (!partner.linked()) return end(false, "syncd of this node does not answer: no other node can be asked");
  node_.clear();
  for (const Instance* instance : backups) {
    const std::string node = partner.master_of(instance->id());
    if (node.empty()) return end(false, fmt::format("no linked node is master of {}", instance->name()));
    if (!node_.empty() && node != node_)
      return end(false, fmt::format("not one node is master of all: {} and {}; name an instance", node_, node));
    node_ = node;
    if (!instance->lacks().empty() && !force)
      return end(false, fmt::format("this node is not ready: {}", fmt::join(instance->lacks(), "; ")));
  }
  begun_ = base::mono_now();
  patience_.start_after(kPatience + kPreparation);
  for (Instance* instance : backups) {
    recalled_[instance->name()] = instance;
    instance->recall(true);
  }
}

void Planned::on_taken(const Instance& instance) {
  const auto recalled = recalled_.find(instance.name());
  if (recalled == recalled_.end()) return;
  recalled->second->recall(false);
  recalled_.erase(recalled);
  if (recalled_.empty())
    end(true, fmt::format("this node has it after {:.1f} ms; until then node {} had it",
                          base::to_seconds(base::mono_now() - begun_) * 1000, node_));
}

void Planned::give(Instance& instance, const std::string& node, const RouterWord& word, const Partner& partner,
                   const std::optional<tandem::NodeFacts>& own) {
  if (!pending_.empty() || instance.state() != State::master || instance.machine().leaving ||
      (word.priority <= instance.priority() && !word.recalls) || !recalled_.empty() ||
      !lacking(node, partner, own).empty())
    return;
  node_ = node;
  why_ = word.recalls ? "an operator there wants it" : fmt::format("it has priority {}", word.priority);
  std::vector<Instance*> masters{&instance};
  if (instance.group())
    for (Instance* member : instance.group()->members())
      if (member != &instance && member->state() == State::master && !member->machine().leaving)
        masters.push_back(member);
  // Or it would take them again at once.
  if (word.recalls && instance.priority() > word.priority)
    for (const Instance* master : masters) given_.insert(master->name());
  prepare(std::move(masters), kDrain);
}

void Planned::prepare(std::vector<Instance*> masters, base::Nanos drain) {
  for (const Instance* instance : masters) pending_.insert(instance->name());
  masters_ = std::move(masters);
  if (drain == base::Nanos(0)) return give_up();
  for (Instance* instance : masters_) {
    instance->prepare(node_, drain);
    if (instance->prepares()) unprepared_.insert(instance->name());
  }
  if (unprepared_.empty()) return give_up();
  preparation_.start_after(kPreparation);
}

void Planned::on_said(const Instance& instance, const std::string& node, const RouterWord& word) {
  if (word.prepared && node == node_ && unprepared_.erase(instance.name()) && unprepared_.empty()) give_up();
}

// What the other node could not prepare for ends with it.
void Planned::give_up() {
  preparation_.stop();
  begun_ = base::mono_now();
  patience_.start_after(kPatience);
  for (Instance* instance : std::exchange(masters_, {})) {
    if (unprepared_.erase(instance->name())) instance->prepare("", {});
    if (const std::string why = hold(*instance); !why.empty()) instance->hold_back(why);
    instance->yield_to(node_, why_);
  }
}

void Planned::abandon() {
  if (masters_.empty() && recalled_.empty()) return;
  for (Instance* instance : masters_) {
    given_.erase(instance->name());
    instance->prepare("", {});
  }
  end(false, "the configuration has changed meanwhile");
}

std::string Planned::hold(const Instance& instance) const {
  return given_.contains(instance.name()) ? fmt::format("it was handed over to node {} by an operator", node_) : "";
}

void Planned::on_state(const Instance& instance) {
  if (instance.state() == State::master) {
    given_.erase(instance.name());
    on_taken(instance);
  }
  if (instance.state() == State::master || !pending_.erase(instance.name()) || !pending_.empty()) return;
  std::string text = fmt::format("node {} has it after {:.1f} ms; until then it was here", node_,
                                 base::to_seconds(base::mono_now() - begun_) * 1000);
  if (const base::Nanos left = instance.draining(); left > base::Nanos(0))
    text += fmt::format("; connections that are open go on here for {:.0f} s at most", base::to_seconds(left));
  end(true, std::move(text));
}

void Planned::end(bool done, std::string text) {
  patience_.stop();
  preparation_.stop();
  pending_.clear();
  unprepared_.clear();
  masters_.clear();
  for (auto& [name, instance] : std::exchange(recalled_, {})) instance->recall(false);
  if (!done && reply_) base::record("hand-over", "", "came to nothing: " + text);
  tandem::HandedOver result;
  result.set_done(done);
  if (done) {
    result.set_took_us(
        static_cast<uint64_t>(std::chrono::duration_cast<base::Micros>(base::mono_now() - begun_).count()));
    result.set_node(node_);
  }
  result.set_text(std::move(text));
  if (const Reply reply = std::exchange(reply_, nullptr)) reply(result);
}

void Planned::on_patience_over() {
  if (!recalled_.empty())
    return end(false, fmt::format("node {} did not give it up: {} stays there", node_,
                                  fmt::join(std::views::keys(recalled_), ", ")));
  for (const std::string& name : pending_) given_.erase(name);
  end(false, fmt::format("node {} did not follow: {} stays here", node_, fmt::join(pending_, ", ")));
}

}  // namespace vrrpd
