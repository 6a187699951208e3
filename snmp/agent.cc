#include "snmp/agent.h"

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/select.h>

#include <algorithm>
#include <string_view>

#include "base/log.h"
#include "snmp/net_snmp.h"
#include "snmp/notifications.h"

namespace snmp {
namespace {

constexpr base::Millis kRetry{1000};
// While the master has so much of ours to read, it gets no more notifications.
constexpr int kUnreadBytes = 16 * 1024;
constexpr int kReads = 3;  // of the master and of both pipes

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

// A descriptor of the library.
struct Agent::Watched {
  Watched(base::Loop& loop, Agent& agent, int descriptor) : fd(descriptor), agent_(agent), io(loop) {
    io.bind<&Watched::on_io>(this);
    io.start(fd, EV_READ);
  }
  void on_io() { agent_.read_ready(); }
  const int fd;
  bool wanted = true;
  Agent& agent_;
  base::IoWatcher io;
};

Agent::Agent(base::Loop& loop, const std::string& socket, OnRequest on_request)
    : loop_(loop), prepare_(loop), timer_(loop), tick_(loop), retry_(loop) {
  prepare_.bind<&Agent::on_prepare>(this);
  timer_.bind<&Agent::on_timer>(this);
  tick_.bind<&Agent::on_tick>(this);
  retry_.bind<&Agent::on_retry>(this);
  setenv("MIBS", "", 1);
  snmp_disable_log();
  netsnmp_register_loghandler(NETSNMP_LOGHANDLER_CALLBACK, LOG_DEBUG);
  snmp_register_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_LOGGING, &Agent::on_log, this);
  snmp_register_callback(SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_INDEX_START, &Agent::on_index_start, this);
  snmp_register_callback(SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_INDEX_STOP, &Agent::on_index_stop, this);
  netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
  netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
  netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_PERSISTENT_LOAD, 1);
  netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_PERSISTENT_SAVE, 1);
  netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_ROLE, 1);
  netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_NO_CONNECTION_WARNINGS, 1);
  netsnmp_ds_set_string(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_X_SOCKET, socket.c_str());
  CHECK(init_agent("lbsnmpd") == 0);
  // init_agent() puts its own in their place.
  netsnmp_ds_set_int(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_AGENTX_PING_INTERVAL, 1);
  netsnmp_ds_set_int(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_AGENTX_TIMEOUT, kTimeout.count() * ONE_SEC);
  netsnmp_ds_set_int(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_AGENTX_RETRIES, 0);

  Tables::for_each([&](const TableRow& row) { subtrees_.push_back(register_table(row, on_request)); });
  Scalars::for_each([&](const ScalarRow& row) { subtrees_.push_back(register_scalars(row, on_request)); });
  LeafLists::for_each([&](const LeavesRow& row) { subtrees_.push_back(register_leaves(row, on_request)); });
  load(std::make_shared<Snapshot>());
  init_snmp("lbsnmpd");
}

Agent::~Agent() {
  watched_.clear();
  // What is registered still when the library ends is called with something that it frees.
  snmp_unregister_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_LOGGING, &Agent::on_log, this, 1);
  snmp_unregister_callback(SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_INDEX_START, &Agent::on_index_start, this, 1);
  snmp_unregister_callback(SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_INDEX_STOP, &Agent::on_index_stop, this, 1);
  snmp_shutdown("lbsnmpd");
  shutdown_agent();
}

void Agent::load(const SnapshotPtr& snapshot) {
  snapshot_ = snapshot;
  for (const auto& subtree : subtrees_) subtree->load(snapshot);
}

int Agent::on_log(int, int, void* server, void* self) {
  const auto& message = *static_cast<const snmp_log_message*>(server);
  const std::string_view text = trimmed(message.msg);
  if (text.starts_with("registering pdu failed")) {
    auto& agent = *static_cast<Agent*>(self);
    if (!agent.retry_.active()) agent.retry_.start_after(kRetry);
  }
  const auto level = static_cast<base::Level>(std::clamp(message.priority, LOG_EMERG, LOG_DEBUG));
  if (level <= base::Level::info && !text.empty()) base::log(level, "net-snmp: {}", text);
  return SNMP_ERR_NOERROR;
}

// The session with the master is up.
int Agent::on_index_start(int, int, void* server, void* self) {
  auto& agent = *static_cast<Agent*>(self);
  agent.queue_.lost();
  const netsnmp_transport* way = snmp_sess_transport(snmp_sess_pointer(static_cast<netsnmp_session*>(server)));
  agent.session_ = way ? way->sock : -1;
  const base::MonoTime epoch = base::mono_now() - base::Millis(10) * static_cast<int64_t>(netsnmp_get_agent_uptime());
  // TimeStamps stay what they are when only the link was lost.
  if (epoch > agent.epoch_ + base::Seconds(1) || epoch + base::Seconds(1) < agent.epoch_) agent.epoch_ = epoch;
  return SNMP_ERR_NOERROR;
}

// It is over: what the master had not read of it is lost.
int Agent::on_index_stop(int, int, void*, void* self) {
  auto& agent = *static_cast<Agent*>(self);
  agent.session_ = -1;
  agent.queue_.lost();
  return SNMP_ERR_NOERROR;
}

// An attempt to open another session has a descriptor, too.
bool Agent::connected() const {
  return session_ >= 0 &&
         std::any_of(watched_.begin(), watched_.end(), [&](const auto& one) { return one->fd == session_; });
}

// A master that has not noticed the end of our last session refuses the objects of the new one.
void Agent::on_retry() {
  base::log(base::Level::notice, "objects are registered once more");
  register_mib_detach();
  register_mib_reattach();
}

void Agent::watch(int fd) {
  for (const auto& one : watched_)
    if (one->fd == fd) {
      one->wanted = true;
      return;
    }
  watched_.push_back(std::make_unique<Watched>(loop_, *this, fd));
}

void Agent::on_prepare() {
  int count = 0, block = 1;
  timeval timeout{};
  netsnmp_large_fd_set set;
  netsnmp_large_fd_set_init(&set, FD_SETSIZE);
  NETSNMP_LARGE_FD_ZERO(&set);
  snmp_select_info2(&count, &set, &timeout, &block);
  for (const auto& one : watched_) one->wanted = false;
  for (int fd = 0; fd < count; ++fd)
    if (netsnmp_large_fd_is_set(fd, &set)) watch(fd);
  netsnmp_large_fd_set_cleanup(&set);
  std::erase_if(watched_, [](const auto& one) { return !one->wanted; });
  if (block)
    timer_.stop();
  else
    timer_.start_after(base::Seconds(timeout.tv_sec) + base::Micros(timeout.tv_usec));
  if (connected() && queue_.busy() && !tick_.active()) tick_.start_after(NotificationQueue::kTick);
}

void Agent::on_timer() {
  snmp_timeout();
  run_alarms();
}

// snmp_read2() takes a read that gives nothing for the end of a Unix socket: only what is readable is given to it. What
// came from the master the library gives to itself through pipes, there and back, before it answers: all of that is one
// turn of our loop.
void Agent::read_ready() {
  std::vector<pollfd> descriptors;
  for (const auto& one : watched_) descriptors.push_back({.fd = one->fd, .events = POLLIN, .revents = 0});
  for (int i = 0; i < kReads; ++i) {
    if (::poll(descriptors.data(), descriptors.size(), 0) <= 0) return;
    netsnmp_large_fd_set set;
    netsnmp_large_fd_set_init(&set, FD_SETSIZE);
    NETSNMP_LARGE_FD_ZERO(&set);
    // It may have closed one meanwhile.
    for (const pollfd& one : descriptors)
      if (one.revents & ~POLLNVAL) netsnmp_large_fd_setfd(one.fd, &set);
    snmp_read2(&set);
    netsnmp_large_fd_set_cleanup(&set);
    netsnmp_check_outstanding_agent_requests();
  }
}

void Agent::notify(std::vector<Event> events) {
  for (Event& event : events) queue_.push(std::move(event));
}

void Agent::on_tick() {
  int unread = 0;
  if (!connected() || ioctl(session_, SIOCOUTQ, &unread) < 0) return;
  if (unread == 0) queue_.settled();
  if (unread <= kUnreadBytes)
    for (const Event& event : queue_.take()) send_notification(event, *snapshot_);
}

}  // namespace snmp
