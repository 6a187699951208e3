#include "vrrpd/instance.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/journal.h"
#include "base/log.h"
#include "vrrpd/group.h"
#include "vrrpd/kernel.h"

namespace vrrpd {
namespace {

using base::Level;

constexpr int kMostTracked = 254;  // 255 is the owner's alone

// What the network can provoke is told now and then only.
base::KeyedLogLimit& flaw_limit() {
  static base::KeyedLogLimit limit(3, base::Seconds(60));
  return limit;
}

// "tandem_drain_eth0_51_4": the name is another where the VRID is in use on two links, or for both families.
std::string table_name(std::string_view kind, const InstanceConfig& own) {
  return fmt::format("tandem_{}_{}_{}_{}", kind, own.interface, own.vrid, own.family == base::Family::v6 ? 6 : 4);
}

}  // namespace

Instance::Instance(const InstanceContext& context, std::shared_ptr<const Config> config, const InstanceConfig& own)
    : context_(context),
      config_(std::move(config)),
      own_(&own),
      wait_reason_(kSilence),
      timer_(context.loop),
      vips_(context.loop, context.netlink, context.announcements, own.name),
      routes_(context.loop, context.netlink, own.name),
      notifier_(context.loop, context.fifos, own.name),
      asking_(context.loop),
      drain_(context.loop, table_name("drain", own), [this] { on_drained(); }),
      passage_(context.loop, table_name("passage", own), [this] { close_passage("its time is over"); }) {
  timer_.bind<&Instance::on_timer>(this);
  asking_.bind<&Instance::on_timer>(this);
  context_.netlink.add_observer(*this);
  apply_config();
}

Instance::~Instance() {
  context_.netlink.remove_observer(*this);
  context_.firewall.refuse(this, {});
}

// Before the addresses are up, until they are down.
void Instance::apply_accept() {
  std::vector<base::IpAddr> refused;
  if (!own_->accept.value_or(true) && own_->priority != kOwnerPriority && state() == State::master)
    for (const VipSet::Vip& vip : vips_.vips()) refused.push_back(vip.address.ip);
  context_.firewall.refuse(this, std::move(refused));
}

void Instance::apply_config() {
  settings_.version = own_->version;
  settings_.interval = own_->interval;
  settings_.preempt = own_->preempt && held_back_.empty();
  settings_.preempt_delay = own_->preempt_delay;
  settings_.down_adverts = own_->down_adverts;
  settings_.only_peer = own_->pair.value_or(own_->has_one_peer() || config_->global.pair);
  settings_.answer_lower = !own_->lower_prio_no_advert.value_or(false);
  settings_.answer_higher = own_->higher_prio_send_advert.value_or(false);

  const std::vector<base::Family> families = own_->families();
  if (!std::equal(paths_.begin(), paths_.end(), families.begin(), families.end(),
                  [](const AdvertPath& path, base::Family family) { return path.family() == family; })) {
    paths_.clear();
    for (const base::Family family : families) paths_.emplace_back(family, context_.sockets);
  }
  for (AdvertPath& path : paths_) path.configure(*own_);

  std::vector<VirtualAddress> addresses = own_->addresses;
  addresses.insert(addresses.end(), own_->addresses_excluded.begin(), own_->addresses_excluded.end());
  const bool silent_vmac = own_->vmac.on && own_->vmac.transmit_base;
  std::set<std::string> unadvertised;
  for (VirtualAddress& address : addresses) {
    const bool elsewhere = !address.device.empty() && address.device != own_->interface;
    if (address.device.empty()) address.device = vip_device();
    if (elsewhere ? own_->announcements.extra_everywhere : silent_vmac) unadvertised.insert(address.device);
  }
  if (own_->promote_secondaries && !own_->interface.empty())
    set_kernel("ipv4", own_->interface, "promote_secondaries", "1");
  refresh_vmac(context_.netlink.find(own_->interface));
  vips_.configure(std::move(addresses), own_->announcements, std::move(unadvertised));

  routes_.configure(own_->routes);

  std::vector<Tracking> trackings;
  for (const TrackerUse& use : own_->trackers) trackings.push_back(Tracking(context_.trackers.get(use), use, *this));
  trackings_.swap(trackings);
  refresh_path();
}

std::string Instance::vip_device() const {
  if (own_->vmac.on) return vmac_name(own_->vmac, config_->global.vmac_prefix, own_->family, own_->vrid);
  return own_->interface.empty() ? config_->global.default_interface : own_->interface;
}

void Instance::start() {
  started_ = true;
  // An earlier process may have left them behind; the owner's are its own. Clients had an answer until now: somebody is
  // to follow soon, or to announce that it has.
  if (own_->priority != kOwnerPriority && vips_.release()) {
    drain_.clear();
    passage_.clear();
    advertise(kResignPriority);
  }
  fault_ = find_fault();
  settings_.priority = find_priority();
  handle({fault_.empty() ? Event::Kind::start : Event::Kind::fail}, fault_.empty() ? "init" : fault_);
}

void Instance::stop(bool keep_addresses) {
  if (!started_) return;
  keep_addresses_ = keep_addresses;
  if (keep_addresses && vmac_) vmac_->leave();
  const bool leave = !std::exchange(leaving_, true) && !keep_addresses;
  handle({leave ? Event::Kind::leave : Event::Kind::stop}, "stop");
  started_ = state() != State::init;
}

void Instance::remove() {
  farewell_ = own_->notify.tell_deleted ? "DELETED" : "FAULT";
  leaving_ = true;
  stop();
}

void Instance::tell_state() {
  if (started_) notifier_.tell_fifos({"INSTANCE", to_string(state()), settings_.priority});
}

void Instance::reconfigure(std::shared_ptr<const Config> config, const InstanceConfig& own) {
  const std::shared_ptr<const Config> before = std::exchange(config_, std::move(config));
  own_ = &own;
  apply_config();
}

void Instance::resume() {
  apply_accept();
  reconsider();
  handle({Event::Kind::revised}, "reload");
}

void Instance::on_interface(const Interface& interface) {
  vips_.restore();
  const auto uses = [&](const AdvertPath& path) {
    return path.socket() && path.socket()->key().interface == interface.index;
  };
  if (!own_->interface.empty() && interface.name != own_->interface && std::none_of(paths_.begin(), paths_.end(), uses))
    return;
  refresh_path();
  reconsider();
}

void Instance::on_interface_gone(const Interface& interface) {
  vips_.on_interface_gone(interface);
  if (interface.name != own_->interface && !(vmac_ && vmac_->index() == interface.index)) return;
  close_paths();
  vmac_.reset();
  refresh_path();
  reconsider();
}

void Instance::on_address_gone(const Interface& interface, const base::IpAddr& ip) {
  vips_.on_address_gone(interface, ip);
}

void Instance::on_tracker(const Tracker&) {
  tell_tracking();
  reconsider();
}

// The interface with the virtual MAC, made again when the real one is another. False, with the reason in path_fault_:
// there is none.
bool Instance::refresh_vmac(const Interface* interface) {
  if (!own_->vmac.on) return true;
  if (!interface) return false;
  if (vmac_ && vmac_->base() == interface->index) return true;
  close_paths();
  vmac_.reset();
  MacAddress mac = own_->vmac.mac.value_or(virtual_mac(own_->family, own_->vrid));
  if (own_->vmac.mac_ends_with_vrid) mac.back() = own_->vrid;
  auto made = context_.vmacs.make(*interface, vip_device(), mac);
  if (!made) {
    path_fault_ = made.error().text;
    return false;
  }
  vmac_ = std::move(made).value();
  return true;
}

void Instance::close_paths() {
  for (AdvertPath& path : paths_) path.close();
}

// Sources and sockets for what the interface is now. That the other family cannot speak yet, as long as its address is
// tentative, keeps nobody from serving.
void Instance::refresh_path() {
  const Interface* interface = own_->interface.empty() ? nullptr : context_.netlink.find(own_->interface);
  path_fault_.clear();
  if (!own_->interface.empty() && !interface) {
    path_fault_ = fmt::format("interface {} does not exist", own_->interface);
    return close_paths();
  }
  if (!refresh_vmac(interface)) return;
  for (AdvertPath& path : paths_) path.refresh({*config_, *own_, interface, vmac_.get(), vips_});
  path_fault_ = paths_.front().fault();
}

AdvertPath* Instance::path_of(base::Family family) {
  const auto found =
      std::find_if(paths_.begin(), paths_.end(), [family](const AdvertPath& path) { return path.family() == family; });
  return found == paths_.end() ? nullptr : &*found;
}

std::string Instance::find_fault() const {
  if (!path_fault_.empty()) return path_fault_;
  if (own_->fault_without_peer && own_->unicast_meant && own_->peers.empty()) return "no unicast peer";
  if (own_->track_primary && !own_->interface.empty()) {
    const Interface* interface = context_.netlink.find(own_->interface);
    if (!interface || !interface->up()) return fmt::format("interface {} is down", own_->interface);
  }
  for (const Tracking& tracking : trackings_)
    if (tracking.verdict().fault)
      return fmt::format("{} is {}", tracking.tracker().describe(), tracking.tracker().up() ? "up" : "down");
  return {};
}

uint8_t Instance::find_priority() const {
  if (own_->priority == kOwnerPriority) return kOwnerPriority;
  int priority = own_->priority;
  for (const Tracking& tracking : trackings_) priority += tracking.verdict().priority;
  if (group_) priority += group_->priority();
  return static_cast<uint8_t>(std::clamp(priority, 1, kMostTracked));
}

void Instance::reconsider() {
  if (!started_ || leaving_) return;
  if (const uint8_t priority = find_priority(); priority != settings_.priority) {
    base::log(Level::notice, "({}) Changing effective priority from {} to {}", name(), settings_.priority, priority);
    settings_.priority = priority;
    handle({Event::Kind::revised}, reason_);
    const bool told = own_->notify_priority_changes.value_or(config_->global.notify_priority_changes);
    if (told && state() == State::master) notifier_.tell_fifos({"INSTANCE", "MASTER_PRIORITY", priority});
    if (told && state() == State::backup) notifier_.tell_fifos({"INSTANCE", "BACKUP_PRIORITY", priority});
    context_.events.on_priority(*this);
  }
  const std::string before = std::exchange(fault_, find_fault());
  if (group_ && before.empty() != fault_.empty()) group_->on_member_health();
  const std::string fault = !fault_.empty() || !group_ ? fault_ : group_->fault();
  if (!fault.empty() && state() != State::fault) handle({Event::Kind::fail}, fault);
  if (fault.empty() && state() == State::fault) handle({Event::Kind::recover}, "recovered");
}

void Instance::follow(Event::Kind kind, std::string reason) {
  handle({kind}, std::move(reason));
}

void Instance::receive(std::span<const uint8_t> message, const Path& path) {
  AdvertPath* way = path_of(path.source.family);
  if (!started_ || !way) return;
  if (path.source == way->source()) {
    counters_.own_echo.add();
    return;
  }
  uint8_t ttl_least = kTtl;
  if (own_->owner_ignores && own_->priority == kOwnerPriority) return;
  if (unicast()) {
    const auto peer = std::find_if(own_->peers.begin(), own_->peers.end(),
                                   [&](const UnicastPeer& each) { return each.ip == path.source; });
    const bool known = peer != own_->peers.end();
    ttl_least = known ? peer->min_ttl : 0;
    if ((!known && own_->check_unicast_source) || (known && path.ttl > peer->max_ttl)) {
      counters_.unknown_sender.add();
      base::log_limited(flaw_limit(), name() + path.source.to_string(), Level::warning,
                        "({}) received an advert from {}, which is no unicast peer; ignored", name(),
                        path.source.to_string());
      return;
    }
  }
  const auto result = decode(message, path, ttl_least);
  if (const Flaw* flaw = std::get_if<Flaw>(&result)) return count_flaw(*flaw, path, true);
  const Decoded& decoded = std::get<Decoded>(result);
  if (const auto judgement = judge(decoded.advert, way->expected())) {
    count_flaw(judgement->flaw, path, judgement->fatal);
    if (judgement->fatal) return;
  }
  way->heard(decoded.checksum, path.source);
  counters_.adverts_received.add();
  const uint8_t priority = decoded.advert.priority;
  if (priority == kResignPriority) counters_.resignations_received.add();
  if (priority == kOwnerPriority && own_->priority == kOwnerPriority)
    base::log_limited(flaw_limit(), name() + "owner", Level::warning,
                      "({}) {} says that it owns the addresses too (priority 255)", name(), path.source.to_string());
  // Between equals the address decides, and that of one family only: the other might say the contrary.
  if (way != &paths_.front() && state() == State::master && priority == settings_.priority) return;
  note_master(priority);
  if (state() == State::master && priority != kResignPriority)
    foreign_master_ = {path.source, priority, base::wall_now()};
  const bool below = priority != kResignPriority && priority < settings_.priority;
  const bool lower = state() == State::master && below;
  wait_reason_ = priority == kResignPriority  ? kResigned
                 : below && settings_.preempt ? "the master has a lower priority"
                                              : kSilence;
  if (dual_active_.own() && state() == State::master && priority != kResignPriority)
    dual_active_.heard(settings_.interval, base::mono_now());
  handle(Event::advert(priority, decoded.advert.interval, path.source > way->source()),
         fmt::format("{} has priority {}", path.source.to_string(), priority));
  if (!lower) return;
  counters_.lower_heard_as_master.add();
  base::log_limited(flaw_limit(), name() + "lower", Level::warning,
                    "({}) Received lower priority advert from {} ({} < {})", name(), path.source.to_string(), priority,
                    settings_.priority);
  notifier_.tell_fifos({"INSTANCE", "MASTER_RX_LOWER_PRI", settings_.priority});
  notifier_.run(own_->notify.master_rx_lower_pri, config_->global);
}

void Instance::count_flaw(Flaw flaw, const Path& path, bool fatal) {
  counters_.flaws[static_cast<size_t>(flaw)].add();
  last_flaw_ = static_cast<unsigned>(flaw) + 1;
  base::log_limited(flaw_limit(), fmt::format("{}{}", name(), static_cast<int>(flaw)), Level::warning,
                    "({}) advert of {}: {}{}", name(), path.source.to_string(), to_string(flaw),
                    fatal ? "; ignored" : "");
}

void Instance::on_timer() {
  // What lies in the socket came before the timer: after a delay of ours it may say that the master lives.
  if (state() == State::backup)
    for (const AdvertPath& path : paths_) path.drain();
  const base::MonoTime now = base::mono_now();
  if (now < machine_.due) return arm();
  if (state() == State::backup && asks_first(now)) return;
  if (machine_.staying) base::log(Level::warning, "({}) nobody has followed: it stays here", name());
  context_.events.on_lateness(now - machine_.due);
  handle({Event::Kind::timer}, std::string(std::exchange(wait_reason_, kSilence)));
}

void Instance::handle(const Event& event, std::string reason) {
  const State from = machine_.state;
  const bool was_leaving = machine_.leaving;
  const Step next = step(settings_, machine_, event, base::mono_now());
  machine_ = next.machine;
  dual_active_.set_master(machine_.state == State::master && !machine_.leaving, base::mono_now());
  // Before the actions: they have effects on other nodes, which tell of them, too.
  if (machine_.state != from)
    base::record("vrrp", name(), fmt::format("{} -> {}: {}", to_string(from), to_string(machine_.state), reason));
  for (const Action action : next.actions) perform(action);
  arm();
  if (was_leaving && machine_.state == State::master && !machine_.leaving) drain_limit_ = {};
  if (machine_.state != from) {
    reason_ = std::move(reason);
    after_change(from);
  }
  if (std::exchange(resigned_, false) && !keep_addresses_) context_.events.on_resigned(*this);
  successor_.clear();
}

void Instance::perform(Action action) {
  switch (action) {
    case Action::advertise:
      return advertise(settings_.priority);
    case Action::resign:
      resigned_ = true;
      return advertise(kResignPriority);
    case Action::claim:
      end_drain("this node is master again");
      apply_accept();
      vips_.claim();
      return routes_.claim();
    case Action::reassert:
      return vips_.reassert();
    case Action::release:
      if (keep_addresses_) return;
      close_passage("this node is no master any more");
      return begin_drain() ? void() : take_down();
  }
}

void Instance::arm() {
  if (machine_.due == base::kNever)
    timer_.stop();
  else
    timer_.start_at(machine_.due);
}

void Instance::after_change(State from) {
  since_ = base::wall_now();
  if (state() == State::init || state() == State::fault)
    up_since_ = base::kNever;
  else if (up_since_ == base::kNever)
    up_since_ = base::mono_now();
  const State to = machine_.state;
  asking_.stop();
  asked_ = false;
  if (to == State::master) counters_.became_master.add();
  if (to == State::master && !lacks_.empty()) {
    counters_.became_master_unready.add();
    base::log(Level::warning, "({}) takes over although this node lacks something: {}", name(),
              fmt::join(lacks_, "; "));
  }
  if (from == State::master) counters_.released_master.add();
  if (to == State::fault) counters_.became_fault.add();
  if (to == State::fault || to == State::init) on_drained();
  if (to != State::init) {
    base::log(Level::notice, "({}) Entering {} STATE ({})", name(), to_string(to), reason_);
    notifier_.tell(own_->notify, config_->global, {"INSTANCE", to_string(to), settings_.priority});
  } else {
    notifier_.tell(own_->notify, config_->global, {"INSTANCE", farewell_, settings_.priority});
  }
  if (leaving_ && to == State::init) started_ = false;
  if (group_) group_->on_member_state(*this);
  context_.events.on_state(*this, from);
}

void Instance::advertise(uint8_t priority) {
  const auto sent = [&] { (priority == kResignPriority ? counters_.resignations_sent : counters_.adverts_sent).add(); };
  const auto failed = [&](const std::string& why) {
    counters_.send_errors.add();
    base::log_limited(flaw_limit(), name() + "send", Level::err, "({}) {}", name(), why);
  };
  for (AdvertPath& path : paths_) path.send(priority, sent, failed);
}

}  // namespace vrrpd
