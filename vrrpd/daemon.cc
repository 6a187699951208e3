#include "vrrpd/daemon.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>

#include "base/log.h"
#include "vrrpd/dump.h"
#include "vrrpd/metrics.h"

namespace vrrpd {
namespace {

using base::Level;

constexpr base::Seconds kPatience{5};
constexpr base::Millis kEndingLook{5};

tandem::VrrpState proto_state(State state) {
  switch (state) {
    case State::init:
      return tandem::VRRP_INIT;
    case State::backup:
      return tandem::VRRP_BACKUP;
    case State::master:
      return tandem::VRRP_MASTER;
    case State::fault:
      return tandem::VRRP_FAULT;
  }
  return tandem::VRRP_INIT;
}

// What cannot be moved in place.
bool same_router(const InstanceConfig& one, const InstanceConfig& other) {
  return one.interface == other.interface && one.vrid == other.vrid && one.family == other.family &&
         one.version == other.version;
}

std::set<std::string> errors_of(const cfg::Diagnostics& diagnostics) {
  std::set<std::string> texts;
  for (const cfg::Diagnostic& each : diagnostics.all())
    if (each.severity == cfg::Severity::alert) texts.insert(each.text);
  return texts;
}

}  // namespace

Daemon::Daemon(base::Loop& loop, DaemonOptions options)
    : loop_(loop),
      options_(std::move(options)),
      sockets_(loop, *this),
      term_(loop),
      int_(loop),
      hup_(loop),
      usr1_(loop),
      usr2_(loop),
      startup_(loop),
      ending_(loop) {
  startup_.bind<&Daemon::start_instances>(this);
  ending_.bind<&Daemon::on_ending>(this);
}

Daemon::~Daemon() = default;

base::Status Daemon::open(std::shared_ptr<const Config> config, const cfg::Diagnostics& diagnostics) {
  known_errors_ = errors_of(diagnostics);
  netlink_ = TRY(Netlink::open(loop_));
  announcer_ = TRY(Announcer::open());
  trackers_ = std::make_unique<TrackerSet>(loop_, *netlink_);
  publisher_ = std::make_unique<Publisher>(
      loop_, config->global.router_id,
      Publisher::Source{.states = [this] { return states(); },
                        .stats = [this] { return stats(); },
                        .published = [this](const tandem::VrrpStates& all) { trackers_->tell(all); }});
  term_.bind<&Daemon::on_stop>(this, SIGTERM);
  int_.bind<&Daemon::on_stop>(this, SIGINT);
  hup_.bind<&Daemon::on_reload>(this, SIGHUP);
  usr1_.bind<&Daemon::on_dump>(this, SIGUSR1);
  usr2_.bind<&Daemon::on_stats>(this, SIGUSR2);
  const base::Nanos delay = config->global.startup_delay;
  apply(std::move(config));
  if (delay.count()) {
    base::log(Level::notice, "the election begins in {} s", base::to_seconds(delay));
    startup_.start_after(delay);
  } else {
    start_instances();
  }
  return {};
}

void Daemon::run() {
  loop_.run();
}

void Daemon::start_instances() {
  started_ = true;
  for (auto& instance : instances_) instance->start();
  // Health was unknown to the groups while their members started one after the other.
  for (auto& group : groups_) group->on_member_health();
}

// Instances that stay are moved, others stopped or made; groups hold nothing worth keeping.
void Daemon::apply(std::shared_ptr<const Config> config) {
  std::map<std::string, std::shared_ptr<Notifier>> notifiers;
  for (auto& group : groups_) notifiers[group->name()] = group->notifier();
  groups_.clear();
  config_ = std::move(config);
  trackers_->configure(config_);
  std::vector<std::unique_ptr<Instance>> before = std::exchange(instances_, {});
  const InstanceContext context{loop_, *netlink_, sockets_, announcer_, *trackers_, *this};
  std::vector<Instance*> fresh;
  for (const InstanceConfig& own : config_->instances) {
    const auto known = std::find_if(before.begin(), before.end(), [&](const std::unique_ptr<Instance>& each) {
      return each && each->name() == own.name && same_router(each->config(), own);
    });
    if (known == before.end()) continue;
    instances_.push_back(std::move(*known));
    instances_.back()->reconfigure(config_, own);
  }
  std::erase(before, nullptr);
  for (auto& gone : before) {
    base::log(Level::notice, "({}) deleted", gone->name());
    gone->stop();
    deleted_.push_back(std::move(gone));
  }
  std::erase_if(deleted_, [](const std::unique_ptr<Instance>& each) { return each->notifier().idle(); });
  for (const InstanceConfig& own : config_->instances) {
    if (find(own.name)) continue;
    instances_.push_back(std::make_unique<Instance>(context, config_, own));
    fresh.push_back(instances_.back().get());
  }
  for (const GroupConfig& own : config_->groups) {
    std::vector<Instance*> members;
    for (const cfg::Word& member : own.members) members.push_back(find(member.text));
    std::shared_ptr<Notifier>& notifier = notifiers[own.name];
    if (!notifier) notifier = std::make_shared<Notifier>(loop_, own.name);
    groups_.push_back(std::make_unique<SyncGroup>(*trackers_, notifier, config_, own, std::move(members)));
  }
  for (auto& [name, notifier] : notifiers)
    if (notifier.use_count() == 1 && !notifier->idle()) deleted_notifiers_.push_back(notifier);
  std::erase_if(deleted_notifiers_, [](const std::shared_ptr<Notifier>& each) { return each->idle(); });
  trackers_->sweep();
  if (started_) {
    for (Instance* instance : fresh) instance->start();
    for (auto& group : groups_) group->on_member_health();
  }
  publisher_->listen(config_->global.socket);
  publisher_->publish();
}

Instance* Daemon::find(std::string_view name) const {
  for (const auto& instance : instances_)
    if (instance->name() == name) return instance.get();
  return nullptr;
}

void Daemon::on_message(AdvertSocket& socket, std::span<const uint8_t> message, const Path& path) {
  if (message.size() < 2) return;
  bool known = false;
  for (auto& instance : instances_) {
    if (instance->socket() != &socket || instance->config().vrid != message[1]) continue;
    known = true;
    instance->receive(message, path);
  }
  if (known) return;
  foreign_.add();
  static base::KeyedLogLimit limit(1, base::Seconds(300));
  base::log_limited(limit, fmt::format("{}{}", path.source.to_string(), message[1]), Level::info,
                    "adverts for VRID {} of {} are none of ours", message[1], path.source.to_string());
}

void Daemon::on_state(Instance&, State) {
  publisher_->publish();
}

void Daemon::on_priority(Instance&) {
  publisher_->publish();
}

void Daemon::on_stop() {
  if (stop_until_ != base::kNever) return;
  base::log(Level::notice, "Stopping");
  stop_until_ = base::mono_now() + kPatience;
  startup_.stop();
  for (auto& instance : instances_) instance->stop(options_.keep_addresses);
  for (auto& group : groups_) group->tell_stop();
  on_ending();
}

void Daemon::on_ending() {
  if (all_idle() || base::mono_now() >= stop_until_) return loop_.stop();
  ending_.start_after(kEndingLook);
}

bool Daemon::all_idle() const {
  const auto idle = [](const std::unique_ptr<Instance>& each) { return each->notifier().idle(); };
  return std::all_of(instances_.begin(), instances_.end(), idle) &&
         std::all_of(deleted_.begin(), deleted_.end(), idle) &&
         std::all_of(groups_.begin(), groups_.end(), [](const auto& each) { return each->notifier()->idle(); }) &&
         std::all_of(deleted_notifiers_.begin(), deleted_notifiers_.end(),
                     [](const auto& each) { return each->idle(); });
}

void Daemon::on_reload() {
  if (stop_until_ != base::kNever) return;
  base::log(Level::notice, "Reloading");
  cfg::Diagnostics diagnostics;
  auto loaded = load(options_.load, diagnostics);
  if (!loaded) {
    base::log(Level::err, "the configuration stays as it is: {}", loaded.error().text);
    return;
  }
  const std::set<std::string> errors = errors_of(diagnostics);
  const bool new_errors = !std::includes(known_errors_.begin(), known_errors_.end(), errors.begin(), errors.end());
  if (const std::string text = diagnostics.render(); !text.empty())
    base::log(new_errors ? Level::err : Level::warning, "{}", text);
  if (new_errors || (*loaded)->unusable) {
    base::log(Level::err, "the configuration stays as it is: {} has errors", options_.load.path);
    return;
  }
  known_errors_ = errors;
  apply(std::move(loaded).value());
  base::log(Level::notice, "Reloaded");
}

void Daemon::on_dump() {
  write_dump(config_->global.dump_file, dump(*this));
}

void Daemon::on_stats() {
  write_dump(config_->global.stats_file, dump_stats(*this));
}

tandem::VrrpStates Daemon::states() const {
  tandem::VrrpStates states;
  for (const auto& instance : instances_) {
    auto* to = states.add_instances();
    to->set_name(instance->name());
    to->set_state(proto_state(instance->state()));
    to->set_virtual_router_id(instance->config().vrid);
    to->set_priority(instance->priority());
    to->set_base_priority(instance->config().priority);
    to->set_interface(instance->config().interface);
    to->set_since_us(static_cast<uint64_t>(instance->since().time_since_epoch().count()));
    for (const VipSet::Vip& vip : instance->vips().vips()) to->add_addresses(vip.address.ip.to_string());
    to->set_reason(instance->reason());
  }
  return states;
}

tandem::StatsReply Daemon::stats() const {
  tandem::StatsReply reply;
  for (const auto& instance : instances_) append_stats(*instance, reply);
  auto* row = reply.add_rows();
  row->set_name("vrrp_foreign_adverts");
  row->set_value(foreign_.get());
  row->set_help("Adverts for VRIDs that are not configured here.");
  return reply;
}

}  // namespace vrrpd
