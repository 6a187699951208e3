// Instance, towards the other nodes: what it says to them and hears from them over the second path (partner.h), and
// what the comparison of the nodes means to it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "vrrpd/group.h"
#include "vrrpd/instance.h"

namespace vrrpd {

using base::Level;

RouterId Instance::id() const {
  const std::vector<base::IpAddr>& named = paths_.front().expected().addresses;
  return {own_->vrid, named.empty() ? base::IpAddr() : named.front()};
}

void Instance::describe(tandem::VrrpWord::Router& to) const {
  const RouterId own = id();
  to.set_virtual_router_id(own.vrid);
  to.set_address(bytes_of(own.address));
  to.set_state(proto_state(machine_.staying ? State::backup : machine_.leaving ? State::init : state()));
  to.set_priority(settings_.priority);
  to.set_interval_us(static_cast<uint32_t>(std::chrono::duration_cast<base::Micros>(settings_.interval).count()));
  to.set_source(bytes_of(source()));
  to.set_prepared(passage_.active());
  to.set_wants(asking_.active());
  to.set_recalls(recalls_);
  if (drain_limit_ > base::Nanos(0)) {
    to.set_heir(heir_);
    for (const DrainedAddresses& each : drained_addresses()) to.add_drain_to(bytes_of(each.own));
    to.set_drain_ms(static_cast<uint32_t>(base::to_millis(drain_limit_)));
    to.set_drains(true);
  }
  const auto ago = [now = base::mono_now()](base::MonoTime then) {
    return std::max<uint64_t>(1, static_cast<uint64_t>(std::chrono::duration_cast<base::Micros>(now - then).count()));
  };
  if (const Mastership& last = dual_active_.own()) {
    to.set_master_began_us(ago(last.began));
    if (last.ended != base::kNever) to.set_master_ended_us(ago(last.ended));
  }
}

void Instance::said(const std::string& node, const RouterWord& word) {
  if (const auto both = dual_active_.compare(word.mastership, base::mono_now())) {
    const std::string text =
        fmt::format("there were two masters for {:.3f} s: node {} was one, too", base::to_seconds(*both), node);
    base::log(Level::warning, "({}) {}", name(), text);
    base::record("vrrp", name(), text);
  }
  if (word.heir && word.drain > base::Nanos(0) && state() == State::backup && !passage_.active())
    open_passage(node, word);
  if (node == passage_node_ && !word.drains) close_passage("none is left there");
}

// As an advert that came another way.
void Instance::hear(const RouterWord& word) {
  if (!started_) return;
  counters_.words_heard.add();
  note_master(word.priority);
  const bool resigned = word.priority == kResignPriority;
  if (resigned || word.priority >= settings_.priority || !settings_.preempt)
    wait_reason_ = resigned ? kResigned : kSilence;
  handle(Event::advert(word.priority, word.interval, word.source > source()),
         fmt::format("{} says that it is master, with priority {}", word.source.to_string(), word.priority));
}

void Instance::announce_again() {
  if (state() == State::master) vips_.reassert();
}

void Instance::hold_back(const std::string& why) {
  if (why.empty() != held_back_.empty())
    base::log(Level::notice, "({}) {}", name(), why.empty() ? "may preempt again" : "does not preempt: " + why);
  held_back_ = why;
  const bool preempt = own_->preempt && why.empty();
  if (!preempt) asked_ = false;
  if (std::exchange(settings_.preempt, preempt) != preempt && started_) handle({Event::Kind::revised}, reason_);
}

void Instance::set_lacks(Lacks lacks) {
  if (lacks == lacks_) return;
  lacks_ = std::move(lacks);
  if (lacks_.empty() && state() != State::master) base::log(Level::notice, "({}) this node is ready to follow", name());
  if (!lacks_.empty())
    base::log(Level::notice, "({}) this node is not ready to follow: {}", name(), fmt::join(lacks_, "; "));
}

bool Instance::knows_facts() const {
  const auto knows = [](const Tracking& tracking) { return tracking.tracker().facts().has_value(); };
  return std::any_of(trackings_.begin(), trackings_.end(), knows) ||
         (group_ && std::any_of(group_->trackings().begin(), group_->trackings().end(), knows));
}

}  // namespace vrrpd
