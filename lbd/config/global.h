// The `global` section, typed. Several global sections merge into one. Manual: section 3.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "cfg/statement.h"
#include "lbd/config/bind.h"
#include "lbd/config/cpu_map.h"
#include "lbd/config/resolvers.h"
#include "lbd/config/status_codes.h"

namespace lbd::config {

// One `log` line: log <target> [len N] [format F] [sample R:N] [profile P] <facility> [level [minlevel]].
// `target` is as written (host:port, /path, fd@N, stdout, stderr, ring@name); base::log opens it.
struct LogTarget {
  std::string target;
  uint32_t length = 1024;
  std::string format;         // empty: the default of the target
  std::string sample_ranges;  // "1,2-5", empty: every line
  uint32_t sample_size = 0;
  std::string profile;  // log-profile section, 3.1
  std::string facility = "local0";
  int level = 7;      // lines less urgent than this are dropped (0 emerg … 7 debug)
  int min_level = 0;  // lines more urgent than this are sent as this
  cfg::Location location;
};

// `unix-bind`: what Unix sockets of all bind lines start from.
struct UnixBind {
  std::string prefix, user, group;
  std::optional<uint32_t> mode, uid, gid;
};

struct Tune {
  uint32_t bufsize = 16384;
  uint32_t maxrewrite = 1024;
  uint32_t http_maxhdr = 101;
  uint32_t http_logurilen = 1024;
  uint32_t http_cookielen = 63;
  uint32_t maxaccept = 0;  // 0: our default
  uint32_t maxpollevents = 0;
  uint32_t idletimer_ms = 1000;
  uint32_t pipesize = 0;
  uint32_t rcvbuf_client = 0, rcvbuf_server = 0, sndbuf_client = 0, sndbuf_server = 0;
  // Of the descriptors for connections. HAProxy stops at 20 and 25, which leaves most connections of a busy proxy to
  // be made anew; these keep them as long as the descriptors cannot run out (together below 100).
  uint32_t pool_low_fd_ratio = 40, pool_high_fd_ratio = 50;
  uint32_t ssl_cachesize = 20000;
  uint32_t ssl_lifetime_s = 300;
  uint32_t ssl_default_dh_param = 0;  // bits; 0: not said
  uint32_t ssl_maxrecord = 0;
  uint32_t ssl_capture_buffer_size = 0;
  bool ssl_force_private_cache = false, ssl_keylog = false;
  uint32_t h2_header_table_size = 4096;
  uint32_t h2_initial_window_size = 65536;
  uint32_t h2_max_concurrent_streams = 100;
  uint32_t h2_max_frame_size = 16384;
  uint32_t buffers_limit = 0;
  uint64_t vars_global_max_size = 0, vars_proc_max_size = 0, vars_sess_max_size = 0, vars_txn_max_size = 0,
           vars_reqres_max_size = 0, vars_check_max_size = 0;  // 0: no limit
  uint32_t comp_maxlevel = 1;
  uint32_t pattern_cache_size = 10000;
  uint32_t peers_max_updates = 200;
  bool idle_pool_shared = true;
  uint32_t h2_be_initial_window_size = 0, h2_fe_initial_window_size = 0;        // 0: h2_initial_window_size
  uint32_t h2_be_max_concurrent_streams = 0, h2_fe_max_concurrent_streams = 0;  // 0: h2_max_concurrent_streams
  uint32_t h2_be_glitches = 0, h2_fe_glitches = 0;                              // 0: no limit
  uint32_t h2_fe_max_total_streams = 0;                                         // 0: no limit
  uint32_t notsent_lowat_client = 0, notsent_lowat_server = 0;
  uint32_t ssl_hard_maxrecord = 0;
  uint32_t ssl_ctx_cache_size = 1000;
  uint32_t stick_counters = 3;
  uint32_t zlib_memlevel = 8, zlib_windowsize = 15;
};

struct Global {
  uint32_t nbthread = 0;            // 0: as many as the process may run on
  uint32_t maxconn = 0;             // 0: from the descriptor limit
  uint32_t compression_rate = 0;    // kB a second into the compressors; 0: no limit
  uint32_t compression_memory = 0;  // MB of all of them; 0: no limit
  uint32_t compression_cpu = 100;   // percent of the processors' time beyond which nothing is compressed
  uint32_t maxconnrate = 0, maxsessrate = 0, maxsslconn = 0, maxsslrate = 0, maxpipes = 0;
  uint32_t ulimit_n = 0;
  std::string user, group;
  std::optional<uint32_t> uid, gid;
  std::string chroot;
  bool daemon = false;
  bool master_worker = false;
  bool quiet = false, no_splice = false;
  std::string pidfile;
  std::vector<LogTarget> logs;
  std::optional<std::string> log_send_hostname;  // empty text: the host's own name
  std::string log_tag = "haproxy";
  std::string description, node, localpeer;
  std::vector<Bind> stats_sockets;  // `stats socket`: level, mode, user, expose-fd … are bind words
  base::Millis stats_timeout{10000};
  std::string stats_file;  // "": none
  uint32_t stats_maxconn = 10;
  std::string ca_base, crt_base;
  std::optional<base::Millis> hard_stop_after, grace;
  std::optional<uint32_t> max_reloads;  // that a worker survives: mworker-max-reloads
  BindTls bind_tls;                     // ssl-default-bind-*
  ServerTls server_tls;                 // ssl-default-server-*
  TlsFiles tls_files;
  OcspUpdate ocsp_update;
  std::vector<TlsProvider> ssl_providers;
  TlsWord ssl_propquery;
  TlsWord ssl_dh_param_file;
  std::optional<uint32_t> ssl_security_level;
  int spread_checks = 0;  // percent
  base::Millis max_spread_checks{0};
  uint32_t fd_hard_limit = 0, thread_hard_limit = 0;  // 0: none
  std::optional<base::Millis> close_spread_time;
  std::string ssl_server_verify = "required";
  bool external_check = false;  // programs may be started as health checks
  bool external_check_keeps_environment = false;
  bool insecure_fork_wanted = false, insecure_setuid_wanted = false;
  bool set_dumpable = false, zero_warning = false, experimental = false;
  bool strict_limits = true;
  bool no_reuseport = false, no_getaddrinfo = false;
  bool h1_accept_payload_with_any_method = false;
  bool h2_workaround_bogus_websocket = false;
  bool pp2_never_send_local = false;
  bool profile_tasks = false;                         // profiling.tasks on
  bool reject_privileged_ports = false;               // harden.reject-privileged-ports.tcp
  std::map<std::string, std::string> h1_case_adjust;  // lower-case name → as the bogus side wants it
  std::string h1_case_adjust_file;
  UnixBind unix_bind;
  CpuMap cpu_map;
  StatusCodes error_codes = StatusCodes::of_clients(), failure_codes = StatusCodes::of_servers();
  // Where relative paths begin; nothing: where the process was started.
  std::optional<std::string> default_path;
  bool default_path_by_file = false;  // it is that of the file with the line
  Families accepted_families;
  std::vector<cfg::Statement> variables;    // set-var, set-var-fmt: compiled by the rules
  std::vector<cfg::Statement> other_lines;  // words that other parts read (lua-load …)
  Tune tune;
  std::string link_socket = "/run/tandem/lbd-link.sock";  // tandem-link-socket
  std::string syncd_socket = "/run/tandem/syncd.sock";    // tandem-syncd-socket
  bool own_checks = false;                                // tandem-checks own
  std::string server_state_base, server_state_file;
};

}  // namespace lbd::config
