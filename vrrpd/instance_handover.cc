// Instance, hand-overs that are wanted: the addresses go to a node that is told so, and by plan the connections that
// are open go on where they are (drain.h here, passage.h there).
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/journal.h"
#include "base/log.h"
#include "vrrpd/instance.h"

namespace vrrpd {

using base::Level;

namespace {

// The other node ends it; should it be gone, its limit does, a little later.
constexpr base::Seconds kGrace{1};
// What a hand-over that was asked for may take until it comes.
constexpr base::Millis kAnswer{500};

}  // namespace

// Another router says that it is master, or resigns.
void Instance::note_master(uint8_t priority) {
  const bool lower = priority != kResignPriority && priority < settings_.priority;
  lower_heard_ = lower ? base::mono_now() : base::kNever;
  if (priority == kResignPriority) asking_.stop();
}

// A backup whose turn it is although the master lives need not break what is open there: it asks, and preempts when
// that leads to nothing.
bool Instance::asks_first(base::MonoTime now) {
  if (asked_) return asking_.active();
  const bool lives = lower_heard_ != base::kNever && now - lower_heard_ < 2 * machine_.master_interval;
  if (!lives || !knows_facts() || !context_.events.may_ask(*this)) return false;
  asked_ = true;
  asking_.start_after(kAnswer);
  context_.events.on_priority(*this);
  return true;
}

void Instance::prepare(const std::string& node, base::Nanos drain) {
  if (drained_addresses().empty()) return;
  heir_ = node;
  drain_limit_ = drain;
  context_.events.on_priority(*this);
}

void Instance::yield_to(const std::string& node, const std::string& why) {
  if (state() != State::master || machine_.leaving) return;
  base::log(Level::notice, "({}) yields to node {}: {}", name(), node, why);
  base::record("hand-over", name(), fmt::format("yields to node {}: {}", node, why));
  successor_ = node;
  handle({Event::Kind::yield}, why);
}

void Instance::recall(bool on) {
  if (std::exchange(recalls_, on) != on) context_.events.on_priority(*this);
}

void Instance::follow_up(const std::string& node) {
  if (started_) handle({Event::Kind::invited}, fmt::format("node {} has given it up to us", node));
}

// Those on the interface of the instance. With a virtual MAC address, which moves, nothing can be sent to one node
// rather than the other.
std::vector<base::IpAddr> Instance::addresses_of(base::Family family) const {
  std::vector<base::IpAddr> all;
  if (own_->vmac.on || own_->interface.empty()) return all;
  for (const VipSet::Vip& vip : vips_.vips())
    if (vip.address.ip.family == family && vip.address.device == own_->interface) all.push_back(vip.address.ip);
  return all;
}

// Those beside which this node has an address of its own.
std::vector<DrainedAddresses> Instance::drained_addresses() const {
  std::vector<DrainedAddresses> all;
  for (const AdvertPath& path : paths_) {
    std::vector<base::IpAddr> addresses = addresses_of(path.family());
    if (path.source().family != base::Family::none && !addresses.empty())
      all.push_back({path.source(), std::move(addresses)});
  }
  return all;
}

// Before the addresses are here: a segment that finds no connection would be answered by a reset.
void Instance::open_passage(const std::string& node, const RouterWord& word) {
  const Interface* interface = context_.netlink.find(own_->interface);
  PassageRoute route{.device = own_->interface, .interface = interface ? static_cast<uint32_t>(interface->index) : 0};
  for (const base::IpAddr& to : word.drain_to) {
    const auto near = [&](const InterfaceAddress& address) { return address.prefix.contains(to); };
    std::vector<base::IpAddr> addresses = addresses_of(to.family);
    if (interface && !addresses.empty() && std::any_of(interface->addresses.begin(), interface->addresses.end(), near))
      route.hops.push_back({to, std::move(addresses)});
    else
      base::log(Level::notice, "({}) connections that are open on node {} will end: {} is not beside the addresses",
                name(), node, to.to_string());
  }
  if (route.hops.empty()) return;
  // What is still open here from the time before stays here.
  auto status = passage_.open(route, word.drain + kGrace, drain_.active());
  if (!status) {
    base::log(Level::warning, "({}) connections that are open on node {} will end: {}", name(), node,
              status.error().text);
    return;
  }
  passage_node_ = node;
  for (const PassageRoute::Hop& hop : route.hops)
    base::log(Level::notice, "({}) connections that are open on node {} go on there, at {}", name(), node,
              hop.neighbour.to_string());
  context_.events.on_priority(*this);
}

void Instance::close_passage(std::string_view why) {
  if (passage_node_.empty()) return;
  passage_.close();
  base::log(Level::notice, "({}) no connections go on at node {} any more: {}", name(), passage_node_, why);
  passage_node_.clear();
  // Whoever has learnt there where the addresses are learns it again.
  announce_again();
}

// True: the addresses stay up for what is open.
bool Instance::begin_drain() {
  const base::Nanos limit = std::exchange(drain_limit_, base::Nanos(0));
  const std::vector<DrainedAddresses> drained = drained_addresses();
  if (limit == base::Nanos(0) || drained.empty() || state() != State::backup) return false;
  if (auto status = drain_.begin(own_->interface, drained, limit); !status) {
    base::log(Level::warning, "({}) connections that are open end: {}", name(), status.error().text);
    return false;
  }
  drain_limit_ = limit;
  base::log(Level::notice, "({}) connections that are open go on here for {} s at most", name(),
            std::chrono::duration_cast<base::Seconds>(drain_limit_).count());
  std::vector<base::IpAddr> kept;
  for (const DrainedAddresses& each : drained) kept.insert(kept.end(), each.addresses.begin(), each.addresses.end());
  vips_.retire(kept);
  return true;
}

void Instance::end_drain(std::string_view why) {
  drain_limit_ = {};
  if (!drain_.active()) return;
  base::log(Level::notice, "({}) drained: {}", name(), why);
  drain_.end();
}

void Instance::on_drained() {
  if (!drain_.active()) return;
  end_drain(draining() > base::Nanos(0) ? "no connection is left" : "the time is over");
  take_down();
  context_.events.on_priority(*this);
}

void Instance::take_down() {
  routes_.release();
  vips_.release();
  apply_accept();
}

}  // namespace vrrpd
