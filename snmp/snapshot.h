// Snapshot: what the daemons of this node said of themselves, at one moment, as plain values. Agent and events read it;
// nothing in it changes once it is published, and who needs it longer than a turn of the loop holds its pointer.
//
// Life: made by Collector, replaced every second or two while somebody asks. Thread: that of the loop. Errors: a daemon
// that did not answer is not `up` and has no rows. Units: of names; times are seconds where they do not say.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/addr.h"
#include "base/time.h"

namespace snmp {

// The columns of `show stat` that are read as numbers, by their names there. The formatter finds no end with it.
// clang-format off
#define SNMP_FIGURES(X)                                                                                               \
  X(qcur)                                                                                                             \
  X(qmax) X(scur) X(smax) X(slim) X(stot) X(bin) X(bout) X(dreq) X(dresp) X(ereq) X(econ) X(eresp) X(wretr) X(wredis) \
      X(weight) X(act) X(bck) X(chkfail) X(chkdown) X(lastchg) X(downtime) X(qlimit) X(pid) X(iid) X(sid) X(lbtot)    \
          X(type) X(rate) X(rate_lim) X(rate_max) X(check_code) X(check_duration) X(hrsp_1xx) X(hrsp_2xx) X(hrsp_3xx) \
              X(hrsp_4xx) X(hrsp_5xx) X(hrsp_other) X(req_rate) X(req_rate_max) X(req_tot) X(cli_abrt) X(srv_abrt)    \
                  X(lastsess) X(qtime) X(ctime) X(rtime) X(ttime) X(conn_rate) X(conn_rate_max) X(conn_tot) X(dcon)   \
                      X(dses) X(reuse) X(eint)
// clang-format on

enum class Figure : uint8_t {
#define SNMP_NAME(name) name,
  SNMP_FIGURES(SNMP_NAME)
#undef SNMP_NAME
};
inline constexpr size_t kFigures = 0
#define SNMP_COUNT(name) +1
    SNMP_FIGURES(SNMP_COUNT)
#undef SNMP_COUNT
    ;

enum class Mode : uint8_t { tcp = 1, http, other };
// Of frontends and listeners open is up; of servers and backends what `show stat` says.
enum class Status : uint8_t { up = 1, down, maintenance, draining, no_check, stopped, full, unknown };
enum class CheckResult : uint8_t { none = 1, passed, failed, running };

struct Traffic {
  std::string name;
  uint32_t index = 0;  // stays: see indices.h
  Status status = Status::unknown;
  Mode mode = Mode::other;
  std::string status_text, address;
  std::array<int64_t, kFigures> figures{};

  int64_t operator[](Figure figure) const { return figures[static_cast<size_t>(figure)]; }
};
struct Frontend : Traffic {};
struct Listener : Traffic {
  uint32_t frontend = 0;  // its index
  std::string frontend_name;
};
struct Backend : Traffic {
  std::string algorithm;
  uint32_t servers = 0, servers_down = 0;
};
struct Server : Traffic {
  uint32_t backend = 0;
  std::string backend_name;
  CheckResult check = CheckResult::none;
  std::string check_status, check_text;
};

struct StickTable {
  std::string name, type;
  uint32_t index = 0;
  int64_t size = 0, used = 0;
};

struct Certificate {
  std::string path, subject, issuer, serial, status;
  uint32_t index = 0;
  int64_t not_before = 0, not_after = 0;  // of the Unix clock; 0: unknown
  std::string ocsp_key;                   // "": no OCSP answer is shown with it
  enum class Ocsp : uint8_t { none = 1, good, revoked, unknown, expired } ocsp = Ocsp::none;
  int64_t ocsp_next_update = 0;  // 0: unknown
  bool used = false;
  int64_t days_left(int64_t now) const {
    const int64_t left = not_after - now;
    return left >= 0 ? left / 86400 : -((-left + 86399) / 86400);
  }
};

enum class VrrpState : uint8_t { initialize = 1, backup, master, fault };

// What a virtual router stands on, and what it does to it.
struct Tracker {
  std::string kind, name;
  uint32_t index = 0;
  bool up = true, fault = false;
  int64_t weight = 0, priority = 0;
};

struct VirtualRouter {
  std::string name, interface, reason, held_back;
  uint32_t index = 0;
  VrrpState state = VrrpState::initialize;
  VrrpState wanted = VrrpState::backup;
  uint32_t vrid = 0, version = 0, priority = 0, base_priority = 0;
  uint32_t if_index = 0;
  int64_t since_us = 0;  // wall time of the last transition; 0: none yet
  int64_t advert_interval_us = 0, up_us = 0;
  uint32_t auth_type = 0;
  uint32_t last_flaw = 0;  // as vrrpd numbers them; 0: none yet
  bool preempt = true, accept = true, ipv6 = false;
  std::vector<base::IpAddr> addresses;
  base::IpAddr master, source;
  base::IpAddr second_master, second_source;  // of the other family, where it has addresses of both
  base::IpAddr foreign_master;                // the last other one that it heard as master; none: there was none
  int64_t foreign_priority = 0, foreign_us = 0;
  std::vector<Tracker> trackers;
  std::vector<std::string> lacks;
  int64_t adverts_sent = 0, adverts_received = 0, resignations_sent = 0, resignations_received = 0;
  int64_t became_master = 0, released_master = 0, became_fault = 0, foreign_masters = 0, dual_active_us = 0;
  int64_t flaw_checksum = 0, flaw_version = 0, flaw_ttl = 0, flaw_interval = 0, flaw_type = 0, flaw_length = 0;
  int64_t flaw_addresses = 0, flaw_auth_type = 0, flaw_auth_data = 0;
};

struct Node {
  std::string name, address, state, error;
  uint32_t index = 0;
  bool in_sync = false;
  enum class Configuration : uint8_t { same = 1, differs, unknown } configuration = Configuration::unknown;
  int64_t links = 0, updates_in = 0, updates_out = 0, on_the_way = 0, resyncs = 0, teachings = 0, rejected = 0;
};

enum class DaemonKind : uint8_t { lbd = 1, vrrpd, syncd };
inline constexpr std::array<std::string_view, 4> kDaemonNames = {"", "lbd", "vrrpd", "syncd"};

struct Daemon {
  DaemonKind kind = DaemonKind::lbd;
  bool configured = true;  // false: nobody asked for it
  bool up = false;
  std::string version{}, error{};
  uint32_t pid = 0;
  uint64_t generation = 0;      // another one after each start
  base::MonoTime first_seen{};  // of this generation
  int64_t uptime = -1;          // as it says itself; -1: it does not
  uint32_t starts = 0;          // generations seen
};

// A change of state of a virtual router, as vrrpd told it when it happened.
struct Transition {
  std::string router, reason;
  VrrpState state = VrrpState::initialize;
  int64_t time_us = 0;  // wall time
};

// Of a process and those that it has followed.
struct Reloads {
  int64_t failed = 0;     // the configuration could not be used; what was there before went on
  int64_t succeeded = 0;  // within one process
  std::string why;        // the last one failed, as far as it is known
};

struct Process {
  int64_t connections = 0, max_connections = 0, connections_total = 0, requests_total = 0;
  int64_t tls_connections = 0, idle_percent = 0, threads = 0, stopping = 0;
};

enum class EventKind : uint8_t {
  server_down = 1,
  server_up,
  backend_down,
  backend_up,
  failover,
  split_brain_suspected,
  sync_lost,
  sync_restored,
  certificate_expiring,
  reload_failed,
  reload_succeeded,
  daemon_state,
  connection_limit,
  table_full,
  mass_change
};

struct Event {
  uint32_t sequence = 0;
  EventKind kind = EventKind::daemon_state;
  int64_t time_us = 0;  // wall time
  std::string node, object, text;
};

struct Snapshot {
  base::MonoTime taken{};
  base::MonoTime epoch{};  // when sysUpTime was 0
  base::WallTime taken_wall{};
  std::string node;
  std::array<Daemon, 3> daemons{Daemon{.kind = DaemonKind::lbd}, Daemon{.kind = DaemonKind::vrrpd},
                                Daemon{.kind = DaemonKind::syncd}};
  Process process;
  std::vector<Frontend> frontends;
  std::vector<Listener> listeners;
  std::vector<Backend> backends;
  std::vector<Server> servers;
  std::vector<StickTable> tables;
  std::vector<Certificate> certificates;
  std::vector<VirtualRouter> routers;
  // As RFC 6527 sees them: one for each family of which an instance has addresses, with these addresses only.
  std::vector<VirtualRouter> families;
  std::vector<Transition> transitions;  // since the snapshot before this one
  Reloads lbd_reloads, vrrpd_reloads;
  int64_t foreign_adverts = 0;  // for VRIDs that vrrpd does not have
  std::vector<Node> nodes;
  std::vector<Event> events;  // the latest, oldest first
  uint64_t notifications_sent = 0, notifications_dropped = 0, notifications_repeated = 0;

  const Daemon& daemon(DaemonKind kind) const { return daemons[static_cast<size_t>(kind) - 1]; }
  Daemon& daemon(DaemonKind kind) { return daemons[static_cast<size_t>(kind) - 1]; }
  // TimeStamp of the start of the daemon that counts, as far as this process has seen it; 0: it was there before snmpd.
  int64_t discontinuity(DaemonKind kind) const {
    const base::MonoTime began = daemon(kind).first_seen;
    return began <= epoch ? 0 : (began - epoch) / base::Millis(10);
  }
  int64_t unix_now() const {
    return std::chrono::duration_cast<std::chrono::seconds>(taken_wall.time_since_epoch()).count();
  }
};
using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace snmp
