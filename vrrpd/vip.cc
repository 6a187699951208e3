#include "vrrpd/vip.h"

#include <algorithm>

#include "base/log.h"

namespace vrrpd {
namespace {

constexpr base::Millis kGuardPause{20};
constexpr base::Millis kReassertPause{200};

}  // namespace

VipSet::VipSet(base::Loop& loop, Netlink& netlink, AnnounceQueue& announcements, std::string name)
    : netlink_(netlink),
      queue_(announcements),
      name_(std::move(name)),
      second_(loop),
      refresh_(loop),
      extra_(loop),
      guard_(loop) {
  second_.bind<&VipSet::on_second_round>(this);
  refresh_.bind<&VipSet::on_refresh>(this);
  extra_.bind<&VipSet::on_extra>(this);
  guard_.bind<&VipSet::restore>(this);
}

void VipSet::configure(std::vector<VirtualAddress> addresses, const Announcements& announcements,
                       std::set<std::string> unadvertised) {
  const bool other_pace =
      announcements.refresh != announcements_.refresh || announcements.extra != announcements_.extra;
  announcements_ = announcements;
  unadvertised_ = std::move(unadvertised);
  std::vector<Vip> before = std::exchange(vips_, {});
  for (VirtualAddress& address : addresses) {
    const auto known =
        std::find_if(before.begin(), before.end(), [&](const Vip& vip) { return vip.address == address; });
    if (known == before.end()) {
      vips_.push_back({std::move(address)});
    } else {
      vips_.push_back(*known);
      before.erase(known);
    }
  }
  for (Vip& vip : before)
    if (vip.interface) take_down(vip);
  if (claimed_) restore();
  if (claimed_ && other_pace) arm_repetitions();
}

void VipSet::claim() {
  claimed_ = true;
  for (Vip& vip : vips_) put_up(vip);
  queue_round(announcements_.master_repeat);
  second_repeat_ = announcements_.master_repeat;
  if (announcements_.master_delay.count()) second_.start_after(announcements_.master_delay);
  arm_repetitions();
}

void VipSet::arm_repetitions() {
  refresh_.stop();
  extra_.stop();
  if (announcements_.refresh.count()) refresh_.start_after(announcements_.refresh);
  if (announcements_.extra.count()) extra_.start_after(announcements_.extra);
}

void VipSet::rest() {
  claimed_ = false;
  queue_.drop(this);
  for (base::Timer* timer : {&second_, &refresh_, &extra_, &guard_}) timer->stop();
}

void VipSet::retire(const std::vector<base::IpAddr>& stays) {
  rest();
  for (Vip& vip : vips_)
    if (std::find(stays.begin(), stays.end(), vip.address.ip) == stays.end()) take_down(vip);
}

bool VipSet::release() {
  rest();
  bool was_up = false;
  for (Vip& vip : vips_) was_up = take_down(vip) || was_up;
  return was_up;
}

void VipSet::reassert() {
  const base::MonoTime now = base::mono_now();
  if (now - reasserted_ < kReassertPause) return;
  reasserted_ = now;
  queue_round(announcements_.lower_prio_repeat);
  second_repeat_ = announcements_.lower_prio_repeat;
  if (announcements_.lower_prio_delay.count()) second_.start_after(announcements_.lower_prio_delay);
}

void VipSet::on_address_gone(const Interface& interface, const base::IpAddr& ip) {
  if (!claimed_) return;
  for (Vip& vip : vips_) {
    if (vip.interface != interface.index || vip.address.ip != ip || !vip.address.tracked) continue;
    vip.interface = 0;
    restore();
  }
}

void VipSet::on_interface_gone(const Interface& interface) {
  for (Vip& vip : vips_)
    if (vip.interface == interface.index) vip.interface = 0;
}

void VipSet::restore() {
  const auto missing = [&](const Vip& vip) { return vip.interface == 0 && netlink_.find(vip.address.device); };
  if (!claimed_ || std::none_of(vips_.begin(), vips_.end(), missing)) return;
  const base::MonoTime now = base::mono_now();
  if (now - guarded_ < kGuardPause) {
    guard_.start_at(guarded_ + kGuardPause);
    return;
  }
  guarded_ = now;
  for (Vip& vip : vips_) {
    if (!missing(vip) || !put_up(vip)) continue;
    base::log(base::Level::warning, "({}) {} was missing on {} and is up again", name_, vip.address.ip.to_string(),
              vip.address.device);
    queue_.announce(vip.interface, vip.address.ip);
  }
}

bool VipSet::contains(const base::IpAddr& ip) const {
  return std::any_of(vips_.begin(), vips_.end(), [&](const Vip& vip) { return vip.address.ip == ip; });
}

// True when it was not there.
bool VipSet::put_up(Vip& vip) {
  vip.interface = 0;
  const Interface* interface = netlink_.find(vip.address.device);
  if (!interface) {
    base::log(base::Level::err, "({}) {} has no interface '{}' to be on", name_, vip.address.ip.to_string(),
              vip.address.device);
    return false;
  }
  const auto added = netlink_.add(vip.address, interface->index);
  if (!added) {
    base::log(base::Level::err, "({}) {}", name_, added.error().text);
    return false;
  }
  vip.interface = interface->index;
  return *added;
}

bool VipSet::take_down(Vip& vip) {
  const Interface* interface = netlink_.find(vip.address.device);
  const bool there = vip.interface || (interface && interface->has(vip.address.ip));
  vip.interface = 0;
  if (!interface || !there) return false;
  if (auto status = netlink_.remove(vip.address, interface->index); !status)
    base::log(base::Level::err, "({}) {}", name_, status.error().text);
  return true;
}

void VipSet::queue_round(unsigned repeat) {
  for (unsigned i = 0; i < repeat; ++i)
    for (const Vip& vip : vips_)
      if (vip.interface) queue_.push(this, vip.interface, vip.address.ip);
}

void VipSet::on_second_round() {
  queue_round(second_repeat_);
}

void VipSet::on_refresh() {
  queue_round(announcements_.refresh_repeat);
  refresh_.start_after(announcements_.refresh);
}

void VipSet::on_extra() {
  for (const Vip& vip : vips_)
    if (vip.interface && unadvertised_.contains(vip.address.device)) queue_.push(this, vip.interface, vip.address.ip);
  extra_.start_after(announcements_.extra);
}

}  // namespace vrrpd
