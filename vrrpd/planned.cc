#include "vrrpd/planned.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace vrrpd {
namespace {

constexpr std::string_view kWhy = "an operator wants it";

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
  std::vector<Instance*> masters;
  bool known = false;
  for (const auto& instance : instances) {
    if (!wanted.instance().empty() && instance->name() != wanted.instance()) continue;
    known = true;
    if (instance->state() == State::master && !instance->machine().leaving) masters.push_back(instance.get());
  }
  if (!known)
    return end(false, wanted.instance().empty() ? "there is no instance"
                                                : fmt::format("there is no instance '{}'", wanted.instance()));
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
  begun_ = base::mono_now();
  for (const Instance* instance : masters) {
    given_.insert(instance->name());
    pending_.insert(instance->name());
  }
  patience_.start_after(kPatience);
  for (Instance* instance : masters) {
    instance->hold_back(hold(*instance));
    instance->yield_to(node_, std::string(kWhy));
  }
}

std::string Planned::hold(const Instance& instance) const {
  return given_.contains(instance.name()) ? fmt::format("it was handed over to node {} by an operator", node_) : "";
}

void Planned::on_state(const Instance& instance) {
  if (instance.state() == State::master) given_.erase(instance.name());
  if (instance.state() == State::master || !pending_.erase(instance.name()) || !pending_.empty()) return;
  end(true, fmt::format("node {} has it after {:.1f} ms; until then it was here", node_,
                        base::to_seconds(base::mono_now() - begun_) * 1000));
}

void Planned::end(bool done, std::string text) {
  patience_.stop();
  pending_.clear();
  tandem::HandedOver result;
  result.set_done(done);
  result.set_text(std::move(text));
  if (const Reply reply = std::exchange(reply_, nullptr)) reply(result);
}

void Planned::on_patience_over() {
  for (const std::string& name : pending_) given_.erase(name);
  end(false, fmt::format("node {} did not follow: {} stays here", node_, fmt::join(pending_, ", ")));
}

}  // namespace vrrpd
