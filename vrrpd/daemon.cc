#include "vrrpd/daemon.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "base/journal.h"
#include "base/log.h"
#include "base/process.h"
#include "base/version.h"
#include "vrrpd/command.h"
#include "vrrpd/dump.h"

namespace vrrpd {
namespace {

using base::Level;

constexpr base::Seconds kPatience{5};
constexpr base::Millis kEndingLook{5};
// How often other nodes are told, where no master has a shorter interval.
constexpr base::Seconds kWord{1};

base::Nanos since_boot() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return base::Seconds(now.tv_sec) + base::Nanos(now.tv_nsec);
}

// Exists while the files are read, so that whoever writes them can wait.
class ReloadMark {
 public:
  explicit ReloadMark(std::string path) : path_(std::move(path)) {
    base::sd_notify("RELOADING=1");
    if (!path_.empty()) base::Fd(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644));
  }
  ~ReloadMark() {
    if (!path_.empty()) unlink(path_.c_str());
    base::sd_notify("READY=1");
  }
  ReloadMark(const ReloadMark&) = delete;
  ReloadMark& operator=(const ReloadMark&) = delete;

 private:
  const std::string path_;
};

// What cannot be moved in place.
bool same_router(const InstanceConfig& one, const InstanceConfig& other) {
  return one.interface == other.interface && one.vrid == other.vrid && one.family == other.family &&
         one.version == other.version && one.vmac == other.vmac;
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
      fifos_(loop),
      script_(loop),
      sockets_(loop, *this),
      planned_(loop),
      term_(loop),
      int_(loop),
      hup_(loop),
      usr1_(loop),
      usr2_(loop),
      startup_(loop),
      ending_(loop),
      word_(loop),
      judging_(loop) {
  startup_.bind<&Daemon::start_instances>(this);
  ending_.bind<&Daemon::on_ending>(this);
  word_.bind<&Daemon::on_word>(this);
  judging_.bind<&Daemon::judge>(this);
}

Daemon::~Daemon() = default;

base::Status Daemon::open(std::shared_ptr<const Config> config, const cfg::Diagnostics& diagnostics) {
  known_errors_ = errors_of(diagnostics);
  netlink_ = TRY(Netlink::open(loop_));
  vmacs_ = std::make_unique<VmacPool>(*netlink_);
  announcer_ = TRY(Announcer::open());
  announcements_ = std::make_unique<AnnounceQueue>(loop_, *netlink_, announcer_);
  static_addresses_ = std::make_unique<VipSet>(loop_, *netlink_, *announcements_, "static_ipaddress");
  static_routes_ = std::make_unique<RouteSet>(loop_, *netlink_, "static_routes");
  trackers_ = std::make_unique<TrackerSet>(
      loop_, *netlink_, [this] { on_facts(); }, [this] { return stats(); });
  publisher_ = std::make_unique<Publisher>(
      loop_, config->global.router_id,
      Publisher::Source{.states = [this] { return states(); },
                        .stats = [this] { return stats(); },
                        .published = [this](const tandem::VrrpStates& all) { trackers_->tell(all); },
                        .hand_over =
                            [this](const tandem::HandOver& wanted, Planned::Reply reply) {
                              planned_.begin(wanted, instances_, *partner_, trackers_->facts(), std::move(reply));
                            },
                        .asker_gone = [this] { planned_.forget_reply(); }});
  partner_ = std::make_unique<Partner>(
      loop_, Partner::Events{.heard =
                                 [this](const RouterId& id, const RouterWord& word) {
                                   if (Instance* instance = find(id)) instance->hear(word);
                                 },
                             .invited =
                                 [this](const RouterId& id, const std::string& node) {
                                   if (Instance* instance = find(id)) instance->follow_up(node);
                                 },
                             .said =
                                 [this](const RouterId& id, const std::string& node, const RouterWord& word) {
                                   Instance* instance = find(id);
                                   if (!instance) return;
                                   instance->said(node, word);
                                   planned_.on_said(*instance, node, word);
                                   if (word.wants || word.recalls)
                                     planned_.give(*instance, node, word, *partner_, trackers_->facts());
                                 },
                             .linked = [this] { on_linked(); },
                             .changed = [this] { judge(); },
                             .account = [this] { return account(); }});
  term_.bind<&Daemon::on_stop>(this, SIGTERM);
  int_.bind<&Daemon::on_stop>(this, SIGINT);
  hup_.bind<&Daemon::on_reload>(this, SIGHUP);
  usr1_.bind<&Daemon::on_dump>(this, SIGUSR1);
  usr2_.bind<&Daemon::on_stats>(this, SIGUSR2);
  apply(std::move(config));
  if (!run_script(config_->global.startup_script, config_->global.startup_script_timeout, &Daemon::begin)) begin();
  return {};
}

void Daemon::begin() {
  if (stop_until_ != base::kNever) return;
  const base::Nanos delay = std::max(config_->global.startup_delay, config_->global.delay_after_boot - since_boot());
  if (delay.count() <= 0) return start_instances();
  base::log(Level::notice, "the election begins in {} s", base::to_seconds(delay));
  startup_.start_after(delay);
}

// False: there is none that could be run.
bool Daemon::run_script(const Command& command, base::Nanos timeout, void (Daemon::*then)()) {
  if (!command) return false;
  const auto runnable = resolve(command, config_->global);
  if (!runnable) {
    base::log(Level::err, "{}", runnable.error().text);
    return false;
  }
  base::SpawnOptions options = spawn_options(*runnable);
  options.timeout = timeout;
  const auto status = script_.spawn(options, [this, then, path = options.argv[0]](const base::ChildResult& result) {
    if (!result.ok()) base::log(Level::warning, "{} {}", path, result.timed_out ? "took too long" : "has failed");
    (this->*then)();
  });
  if (!status) base::log(Level::err, "{}", status.error().text);
  return static_cast<bool>(status);
}

void Daemon::run() {
  base::record("daemon", "vrrpd", fmt::format("process {} runs, version {}", getpid(), base::kVersion));
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
  planned_.abandon();
  std::map<std::string, std::shared_ptr<Notifier>> notifiers;
  for (auto& group : groups_) notifiers[group->name()] = group->notifier();
  groups_.clear();
  config_ = std::move(config);
  if (config_->global.umask) ::umask(static_cast<mode_t>(*config_->global.umask));
  schedule_.apply(config_->global.schedule);
  fifos_.configure(config_->global);
  netlink_->set_delays(config_->link_delays);
  announcements_->configure(*config_);
  apply_static();
  trackers_->configure(config_);
  std::vector<std::unique_ptr<Instance>> before = std::exchange(instances_, {});
  const InstanceContext context{loop_, *netlink_, sockets_, *announcements_, *trackers_,
                                *this, fifos_,    *vmacs_,  firewall_};
  std::vector<Instance*> fresh, kept;
  for (const InstanceConfig& own : config_->instances) {
    const auto known = std::find_if(before.begin(), before.end(), [&](const std::unique_ptr<Instance>& each) {
      return each && each->name() == own.name && same_router(each->config(), own);
    });
    if (known == before.end()) continue;
    instances_.push_back(std::move(*known));
    instances_.back()->reconfigure(config_, own);
    kept.push_back(instances_.back().get());
  }
  std::erase(before, nullptr);
  for (auto& gone : before) {
    base::log(Level::notice, "({}) deleted", gone->name());
    gone->remove();
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
    if (!notifier) notifier = std::make_shared<Notifier>(loop_, fifos_, own.name);
    groups_.push_back(std::make_unique<SyncGroup>(*trackers_, notifier, config_, own, std::move(members)));
  }
  for (auto& [name, notifier] : notifiers)
    if (notifier.use_count() == 1 && !notifier->idle()) deleted_notifiers_.push_back(notifier);
  std::erase_if(deleted_notifiers_, [](const std::shared_ptr<Notifier>& each) { return each->idle(); });
  trackers_->sweep();
  if (started_) {
    for (Instance* instance : fresh) instance->start();
    for (auto& group : groups_) group->on_member_health();
    for (Instance* instance : kept) instance->resume();
    if (config_->global.tell_states_on_reload) {
      for (auto& instance : instances_) instance->tell_state();
      for (auto& group : groups_) group->tell_state();
    }
  }
  publisher_->listen(config_->global.socket);
  publisher_->publish();
  partner_->connect(config_->global.syncd_socket);
  on_word();
}

// These are there as long as this process.
void Daemon::apply_static() {
  Announcements none;
  none.master_delay = {};
  none.master_repeat = 0;
  std::vector<VirtualAddress> addresses = config_->static_addresses;
  for (VirtualAddress& address : addresses)
    if (address.device.empty()) address.device = config_->global.default_interface;
  static_addresses_->configure(std::move(addresses), none);
  static_routes_->configure(config_->static_routes);
  static_addresses_->claim();
  static_routes_->claim();
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
    const auto& paths = instance->paths();
    const bool meant =
        std::any_of(paths.begin(), paths.end(), [&](const AdvertPath& each) { return each.socket() == &socket; });
    if (!meant || instance->config().vrid != message[1]) continue;
    known = true;
    instance->receive(message, path);
  }
  if (known) return;
  foreign_.add();
  static base::KeyedLogLimit limit(1, base::Seconds(300));
  base::log_limited(limit, fmt::format("{}{}", path.source.to_string(), message[1]), Level::info,
                    "adverts for VRID {} of {} are none of ours", message[1], path.source.to_string());
}

Instance* Daemon::find(const RouterId& id) const {
  for (const auto& instance : instances_)
    if (instance->id() == id) return instance.get();
  return nullptr;
}

// Changes of one turn are one word.
void Daemon::on_state(Instance& instance, State) {
  planned_.on_state(instance);
  judging_.start_after(base::Nanos(0));
  publisher_->entered(instance.name(), {proto_state(instance.state()), instance.since(), instance.reason()});
  word_.start_after(base::Nanos(0));
}

void Daemon::on_priority(Instance&) {
  publisher_->publish();
  word_.start_after(base::Nanos(0));
}

void Daemon::on_tracking(Instance&) {
  publisher_->publish();
}

// At once: somebody's clients wait.
void Daemon::on_resigned(Instance& instance) {
  say(&instance);
}

// While we did not hear of that node, clients may have been told that the addresses are there.
void Daemon::on_linked() {
  if (!partner_->nodes().empty())
    for (auto& instance : instances_) instance->announce_again();
  on_word();
}

// Of our own lbd: the other nodes compare, too.
void Daemon::on_facts() {
  if (partner_) word_.start_after(base::Nanos(0));
  judging_.start_after(base::Nanos(0));
}

void Daemon::judge() {
  const base::MonoTime now = base::mono_now();
  judge_.look(trackers_->facts(), partner_->facts(), now);
  const std::string better = judge_.better(now);
  bool yielded = false;
  for (auto& instance : instances_) {
    const bool judged = instance->knows_facts();
    look_ready(*instance, judged);
    instance->hold_back(reason_to_hold(*instance, judged, now));
    if (!judged) continue;
    if (better.empty() || instance->state() != State::master || instance->machine().leaving) continue;
    const auto& words = partner_->nodes().at(better);
    const auto word = words.find(instance->id());
    if (word == words.end() || word->second.state != State::backup) continue;
    yielded = true;
    instance->yield_to(better, judge_.hold(now));
  }
  if (yielded) judge_.handed_over(now);
  if (const base::MonoTime due = std::min(judge_.due(now), patience_ends(*partner_, now)); due != base::kNever)
    judging_.start_at(due);
  else
    judging_.stop();
  publisher_->publish();
}

// Of a master nothing is asked.
void Daemon::look_ready(Instance& instance, bool judged) {
  const auto own = trackers_->facts();
  const bool waits = judged && own && instance.state() != State::master;
  instance.set_lacks(waits ? lacks_of_this_node(instance.id(), *own, *partner_) : Lacks());
}

std::string Daemon::reason_to_hold(const Instance& instance, bool judged, base::MonoTime now) const {
  if (std::string planned = planned_.hold(instance); !planned.empty() || !judged) return planned;
  if (std::string lost = judge_.hold(now); !lost.empty()) return lost;
  if (instance.config().preempt_unready) return {};
  return instance.lacks().empty() ? not_known(instance.id(), *partner_, now)
                                  : fmt::format("{}", fmt::join(instance.lacks(), "; "));
}

void Daemon::on_word() {
  base::Nanos next = kWord;
  for (const auto& instance : instances_)
    if (instance->state() == State::master) next = std::min<base::Nanos>(next, instance->config().interval);
  word_.start_after(next);
  say(nullptr);
}

void Daemon::say(const Instance* resigned) {
  if (!partner_->linked()) return;
  tandem::VrrpWord word;
  if (const auto facts = trackers_->facts()) *word.mutable_facts() = *facts;
  for (const auto& instance : instances_) {
    auto* router = word.add_routers();
    instance->describe(*router);
    if (instance.get() == resigned)
      router->set_successor(resigned->successor().empty() ? partner_->best_backup(resigned->id())
                                                          : resigned->successor());
  }
  partner_->say(std::move(word));
}

void Daemon::on_stop() {
  if (stop_until_ != base::kNever) return;
  base::log(Level::notice, "Stopping");
  base::record("daemon", "vrrpd", "stopping");
  base::sd_notify("STOPPING=1");
  stop_until_ = base::mono_now() + kPatience;
  startup_.stop();
  for (auto& instance : instances_) instance->stop(options_.keep_addresses);
  on_ending();
}

void Daemon::on_ending() {
  const bool patient = base::mono_now() < stop_until_;
  const bool left =
      std::all_of(instances_.begin(), instances_.end(), [](const auto& each) { return each->state() == State::init; });
  if (!left && patient) return ending_.start_after(kEndingLook);
  if (!std::exchange(left_, true)) {
    for (auto& instance : instances_) instance->stop(options_.keep_addresses);  // who waits for a successor still
    for (auto& group : groups_) group->tell_stop();
    if (!options_.keep_addresses) {
      static_routes_->release();
      static_addresses_->release();
    }
  }
  if (!all_idle() && patient) return ending_.start_after(kEndingLook);
  const GlobalConfig& global = config_->global;
  if (!run_script(global.shutdown_script, global.shutdown_script_timeout, &Daemon::end)) end();
}

void Daemon::end() {
  loop_.stop();
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
  auto loaded = [&] {
    const ReloadMark mark(config_->global.reload_file);
    return load(options_.load, diagnostics);
  }();
  if (!loaded) {
    return reload_failed(loaded.error().text);
  }
  const std::set<std::string> errors = errors_of(diagnostics);
  const bool new_errors = !std::includes(known_errors_.begin(), known_errors_.end(), errors.begin(), errors.end());
  if (const std::string text = diagnostics.render(); !text.empty())
    base::log(new_errors ? Level::err : Level::warning, "{}", text);
  if (new_errors || (*loaded)->unusable) {
    return reload_failed(options_.load.path + " has errors");
  }
  known_errors_ = errors;
  apply(std::move(loaded).value());
  reloads_.add();
  base::log(Level::notice, "Reloaded");
  base::record("reload", "vrrpd", "another configuration is in use");
}

void Daemon::reload_failed(std::string why) {
  base::log(Level::err, "the configuration stays as it is: {}", why);
  reloads_failed_.add();
  base::record("reload", "vrrpd", "failed, the configuration stays as it is: " + why);
  reload_error_ = std::move(why);
  publisher_->publish();
}

void Daemon::on_dump() {
  write_dump(config_->global.dump_file, dump(*this));
}

void Daemon::on_stats() {
  write_dump(config_->global.stats_file, dump_stats(*this));
}

}  // namespace vrrpd
