#include "vrrpd/route_set.h"

#include <algorithm>

#include "base/log.h"

namespace vrrpd {
namespace {

using base::Level;

constexpr base::Millis kGuardPause{20};

}  // namespace

RouteSet::RouteSet(base::Loop& loop, Netlink& netlink, std::string name)
    : netlink_(netlink), name_(std::move(name)), guard_(loop) {
  guard_.bind<&RouteSet::restore>(this);
  netlink_.add_observer(*this);
}

RouteSet::~RouteSet() {
  netlink_.remove_observer(*this);
}

NlMessage RouteSet::route(const Route& route, bool add) const {
  return route_message(route, add, [this](const std::string& device) {
    const Interface* interface = netlink_.find(device);
    return interface ? interface->index : 0;
  });
}

void RouteSet::configure(const RoutesConfig& config) {
  if (!config.empty()) netlink_.watch_routes();
  const auto kept = [](const auto& items, const auto& item) {
    return std::find(items.begin(), items.end(), item) != items.end();
  };
  for (const auto& entry : rules_)
    if (entry.there && !kept(config.rules, entry.item)) take_out(rule_message(entry.put, false), entry.item.text);
  for (const auto& entry : routes_)
    if (entry.there && !kept(config.routes, entry.item)) take_out(route(entry.item, false), entry.item.text);
  const auto merge = [](auto& entries, const auto& items) {
    auto before = std::move(entries);
    entries.clear();
    for (const auto& item : items) {
      const auto known =
          std::find_if(before.begin(), before.end(), [&](const auto& entry) { return entry.item == item; });
      if (known != before.end())
        entries.push_back(*known);
      else
        entries.push_back({item});
    }
  };
  merge(routes_, config.routes);
  merge(rules_, config.rules);
  if (claimed_) restore();
}

void RouteSet::claim() {
  claimed_ = true;
  restore();
}

void RouteSet::release() {
  claimed_ = false;
  guard_.stop();
  for (auto& entry : rules_)
    if (std::exchange(entry.there, false)) take_out(rule_message(entry.put, false), entry.item.text);
  for (auto& entry : routes_)
    if (std::exchange(entry.there, false)) take_out(route(entry.item, false), entry.item.text);
}

void RouteSet::restore_soon() {
  if (claimed_ && !(routes_.empty() && rules_.empty()) && !guard_.active()) guard_.start_after(kGuardPause);
}

// What is there already stays as it is.
void RouteSet::restore() {
  for (auto& entry : routes_) entry.there = put_in(route(entry.item, true), entry.item.text, entry.failed);
  for (auto& entry : rules_) {
    if (!entry.there) {
      entry.put = entry.item;
      if (!entry.put.preference) entry.put.preference = netlink_.next_rule_preference(entry.put.family);
    }
    entry.there = put_in(rule_message(entry.put, true), entry.item.text, entry.failed);
  }
}

// An error is said once, until it has worked again.
bool RouteSet::put_in(NlMessage message, const std::string& text, bool& known) {
  const auto done =
      message ? netlink_.request(std::move(message), "put in") : base::Status(base::Err("an interface is missing"));
  if (!done && !known) base::log(Level::warning, "({}) '{}': {}", name_, text, done.error().text);
  known = !done;
  return static_cast<bool>(done);
}

void RouteSet::take_out(NlMessage message, const std::string& text) {
  if (!message) return;  // it went with its interface
  if (auto done = netlink_.request(std::move(message), "take out"); !done)
    base::log(Level::warning, "({}) '{}': {}", name_, text, done.error().text);
}

}  // namespace vrrpd
