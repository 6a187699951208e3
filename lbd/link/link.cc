#include "lbd/link/link.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/log.h"
#include "base/proc_stat.h"
#include "base/version.h"
#include "ipc/rights.h"
#include "lbd/link/digest.h"

namespace lbd::link {

namespace {

constexpr base::Millis kMoreForParts{750};

// 0 when there is no such process.
pid_t parent_of(pid_t pid) {
  const auto stat = base::read_proc_stat(pid);
  return stat ? stat->parent : 0;
}

std::optional<ipc::BoundUnix> open_socket(const config::Global& global, const std::vector<pid_t>& predecessors,
                                          bool worker) {
  const std::string& path = global.link_socket;
  pid_t other = ipc::serving_pid(path);
  bool may = other == 0 || other == getpid() || (worker && parent_of(other) == getppid()) ||
             std::find(predecessors.begin(), predecessors.end(), other) != predecessors.end();
  if (!may) {
    base::log(base::Level::notice, "no link for vrrpd: process {} serves {}", other, path);
    return std::nullopt;
  }
  auto bound = ipc::bind_unix(path, ipc::usual_owner());
  if (bound) return std::move(*bound);
  // An ordinary user, who may not write to /run, runs no pair: he need not hear of it.
  int why = bound.error().sys;
  bool usual = (why == EACCES || why == ENOENT) && path == config::Global().link_socket;
  base::log(usual ? base::Level::debug : base::Level::notice, "no link for vrrpd: {}", bound.error().text);
  return std::nullopt;
}

}  // namespace

Doors open_doors(const config::Global& global, const std::vector<pid_t>& predecessors, bool worker) {
  Doors doors;
  doors.vrrpd = open_socket(global, predecessors, worker);
  if (!global.chroot.empty()) {
    std::string directory = global.syncd_socket.substr(0, global.syncd_socket.rfind('/') + 1);
    doors.syncd_directory = base::Fd(open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
  return doors;
}

namespace {

tandem::Hello hello_of(const config::Config& config, const table::Tables& tables) {
  tandem::Hello hello = ipc::make_hello(tandem::ROLE_LBD, base::kVersion, config.global.localpeer);
  hello.set_configuration(configuration_digest(config.sources));
  hello.add_streams(replica::kPartStream);
  hello.set_origin(tables.origin());
  return hello;
}

tandem::Hello hello_for_vrrpd(const config::Config& config) {
  tandem::Hello hello = ipc::make_hello(tandem::ROLE_LBD, base::kVersion, config.global.node);
  hello.set_configuration(configuration_digest(config.sources));
  return hello;
}

}  // namespace

Link::Link(base::Loop& control, const Subjects& subjects, const std::vector<base::Mailbox*>& workers, Doors doors,
           std::function<void(bool)> leaving)
    : loop_(control),
      checks_(subjects.checks),
      pair_(subjects.statistics.pair()),
      doors_(std::move(doors)),
      leaving_(std::move(leaving)),
      syncd_(control, subjects, hello_of(subjects.config, subjects.tables), doors_.syncd_directory.get(), *this),
      vrrpd_(control, subjects, syncd_, workers, hello_for_vrrpd(subjects.config), *this),
      patience_(control) {
  patience_.bind<&Link::on_patience>(this);
}

namespace {

stats::Pair::Role role_of(tandem::VrrpState state) {
  switch (state) {
    case tandem::VRRP_BACKUP:
      return stats::Pair::Role::backup;
    case tandem::VRRP_MASTER:
      return stats::Pair::Role::master;
    case tandem::VRRP_FAULT:
      return stats::Pair::Role::fault;
    default:
      return stats::Pair::Role::unknown;
  }
}

std::vector<stats::Pair::Figure> figures_of(const tandem::StatsReply& stats) {
  std::vector<stats::Pair::Figure> figures;
  for (const auto& row : stats.rows())
    figures.push_back({.object = row.object(),
                       .name = row.name(),
                       .help = row.help(),
                       .counter = row.kind() == tandem::StatsReply::COUNTER,
                       .value = row.value(),
                       // A state that has a number and its meaning is told as a number.
                       .text = row.help().empty() ? row.text() : ""});
  return figures;
}

}  // namespace

void Link::vrrpd_told(const tandem::StatsReply& stats) {
  pair_.vrrpd.figures = figures_of(stats);
}

void Link::syncd_told(const tandem::StatsReply* stats) {
  pair_.syncd.linked = stats != nullptr;
  pair_.syncd.figures = stats ? figures_of(*stats) : std::vector<stats::Pair::Figure>();
  pair_.in_sync = syncd_.complete();
}

void Link::vrrp_changed(const tandem::VrrpStates& states) {
  pair_.vrrpd.linked = states.instances_size() > 0;
  if (!pair_.vrrpd.linked) pair_.vrrpd.figures.clear();
  pair_.instances.clear();
  for (const auto& instance : states.instances())
    pair_.instances.push_back({.name = instance.name(),
                               .role = role_of(instance.state()),
                               .router_id = instance.virtual_router_id(),
                               .priority = instance.priority(),
                               .base_priority = instance.base_priority(),
                               .interface = instance.interface(),
                               .since = base::WallTime(base::Micros(instance.since_us())),
                               .reason = instance.reason(),
                               .held_back = instance.held_back(),
                               .addresses = {instance.addresses().begin(), instance.addresses().end()}});
  const auto& all = states.instances();
  const bool passive = !all.empty() && std::all_of(all.begin(), all.end(), [](const auto& instance) {
    return instance.state() == tandem::VRRP_BACKUP;
  });
  // Whoever serves traffic checks for himself: it is his way to the servers that counts.
  checks_.believe(passive);
  leaving_(passive &&
           std::any_of(all.begin(), all.end(), [](const auto& instance) { return instance.draining_ms() > 0; }));
}

bool Link::learn(base::Nanos most) {
  syncd_.start();
  patient_ = true;
  patience_.start_after(most);
  while (patient_ && !syncd_.complete() && !syncd_.absent()) loop_.run_once();
  patience_.stop();
  return syncd_.complete();
}

// Many entries of tables or maps take longer than that a server is in maintenance.
void Link::on_patience() {
  patient_ = syncd_.learning_parts() && !std::exchange(extended_, true);
  if (patient_) patience_.start_after(kMoreForParts);
}

void Link::start() {
  syncd_.start();
  if (doors_.vrrpd) vrrpd_.start(std::move(*doors_.vrrpd));
  doors_.vrrpd.reset();
}

void Link::stop(std::string_view reason) {
  vrrpd_.stop(reason);
  syncd_.stop(reason);
}

}  // namespace lbd::link
