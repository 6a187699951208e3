// A proxy section (frontend, backend, listen, or the defaults that they start from), typed. Manual: section 4.
#pragma once

#include <bitset>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "cfg/statement.h"
#include "lbd/config/bind.h"
#include "lbd/config/check_spec.h"
#include "lbd/config/compression.h"
#include "lbd/config/cookie.h"
#include "lbd/config/forwarded.h"
#include "lbd/config/global.h"
#include "lbd/config/retry_on.h"
#include "lbd/config/server.h"
#include "lbd/config/stick_table.h"

namespace lbd::config {

enum class Mode : uint8_t { tcp, http };
enum class HttpMode : uint8_t {
  keep_alive,
  server_close,
  close
};  // option http-keep-alive|http-server-close|httpclose
enum class HttpReuse : uint8_t { never, safe, aggressive, always };

struct Timeouts {
  std::optional<base::Millis> client, client_fin, client_handshake, server, server_fin, connect, tunnel, http_request,
      http_keep_alive, queue, tarpit, check;
};

// Boolean `option X` words; a row in options.cc maps the word. "no option X" clears it.
enum class Option : uint8_t {
  abortonclose,
  accept_invalid_http_request,
  accept_invalid_http_response,
  allbackups,
  checkcache,
  clitcpka,
  contstats,
  dontlog_normal,
  dontlognull,
  forceclose,
  http_buffer_request,
  http_drop_request_trailers,
  http_drop_response_trailers,
  http_ignore_probes,
  http_no_delay,
  http_pretend_keepalive,
  http_restrict_req_hdr_names,
  http_use_proxy_header,
  independent_streams,
  log_health_checks,
  log_separate_errors,
  logasap,
  nolinger,
  persist,
  prefer_last_server,
  socket_stats,
  splice_auto,
  splice_request,
  splice_response,
  srvtcpka,
  tcp_smart_accept,
  tcp_smart_connect,
  transparent,
  h1_case_adjust_client,
  h1_case_adjust_server,
  http_use_htx,
  disable_h2_upgrade,
  idle_close_on_response,
  kCount
};

enum class LogFormatKind : uint8_t { none, tcp, http, https, custom };

// Where the answer to an error comes from.
struct ErrorAnswer {
  enum class Kind : uint8_t { file, redirect_302, redirect_303 } kind = Kind::file;
  std::string path_or_url;
  cfg::Location location;
};

struct ForwardFor {
  bool on = false, if_none = false;
  std::string header = "X-Forwarded-For";
  std::optional<base::IpPrefix> except;
};

struct Balance {
  std::string algorithm = "roundrobin";
  std::vector<cfg::Word> arguments;  // read by the algorithm's row
  std::vector<cfg::Word> hash_type;  // words after `hash-type`
  uint32_t hash_balance_factor = 0;  // percent, 0: off
  // hash-preserve-affinity: what makes a request leave the server that its hash names.
  enum class Leave : uint8_t { never, maxconn, maxqueue } leave = Leave::never;
  cfg::Location location;
};

struct StatsPage {
  bool enabled = false, hide_version = false, show_legends = false, show_modules = false;
  std::string uri = "/haproxy?stats", realm = "HAProxy Statistics", scope;
  std::optional<std::string> node, description;
  base::Seconds refresh{0};
  std::vector<std::string> auths;           // user:password
  std::vector<cfg::Statement> admin_rules;  // stats admin if …
  std::vector<cfg::Statement> http_request_rules;
};

// A rule line as it stands: `statement.words[0]` is its keyword (acl, http-request, use_backend, redirect …).
struct RuleLine {
  cfg::Statement statement;
  bool from_defaults = false;
};

// `http-errors` sets that a proxy takes over: `errorfiles NAME [CODE…]`, and the single pages between them, in order.
// link() makes `errors` of them.
struct ErrorWord {
  std::string set;         // "": `answer` for `codes`
  std::vector<int> codes;  // empty: all of the set
  ErrorAnswer answer;
  cfg::Location location;
};

// `filter bwlim-in|bwlim-out NAME default-limit SIZE default-period TIME [min-size SIZE]`, or
// `… NAME limit SIZE key EXPR [table NAME] [min-size SIZE]`: a limit that the streams of a key share.
struct BandwidthFilter {
  std::string name;
  bool incoming = false;  // from the client
  uint64_t limit = 0;     // bytes a period
  base::Millis period{0};
  uint64_t least = 0;            // bytes that are worth being sent
  std::optional<cfg::Word> key;  // of the shared form
  std::string table_name;
  cfg::Location location;
};

struct Keepalive {  // clitcpka-*, srvtcpka-*; 0: the system's
  uint32_t count = 0;
  base::Seconds idle{0}, interval{0};
};

// What a section takes over from its `defaults`.
struct ProxySettings {
  Mode mode = Mode::tcp;
  bool disabled = false;

  // frontend side
  uint32_t maxconn = 0;  // 0: that of the process
  uint32_t backlog = 0;
  uint32_t rate_limit_sessions = 0;
  std::string default_backend_name;
  cfg::Location default_backend_location;
  std::string monitor_uri;
  Keepalive client_keepalive;
  uint32_t max_session_srv_conns = 5;  // connections to servers that are kept for one client

  // backend side
  Server default_server;  // what a `server` line starts from
  Balance balance;
  uint32_t fullconn = 0;
  uint32_t retries = 3;
  std::optional<int> redispatch;  // option redispatch [interval]; unset: off
  RetryOn retry_on = RetryOn::usual();
  HttpReuse http_reuse = HttpReuse::safe;
  CheckSpec check;
  std::optional<Source> source;
  std::optional<Cookie> cookie;
  std::string dynamic_cookie_key;
  std::string external_check_command, external_check_path;
  std::string http_send_name_header;
  int32_t max_keep_alive_queue = -1;  // -1: no limit
  std::string rdp_cookie;             // persist rdp-cookie; "": off
  Keepalive server_keepalive;
  std::string load_server_state;       // global, local, none
  std::string server_state_file_name;  // "": the name of the backend

  // both
  Timeouts timeouts;
  HttpMode http_mode = HttpMode::keep_alive;
  std::bitset<static_cast<size_t>(Option::kCount)> options;
  bool has(Option option) const { return options.test(static_cast<size_t>(option)); }
  std::string restrict_header_names;  // option http-restrict-req-hdr-names: preserve, delete, reject
  ForwardFor forward_for;
  std::optional<Forwarded> forwarded;
  std::optional<std::string> original_to;  // option originalto: the header
  std::optional<base::IpPrefix> original_to_except;
  std::vector<ErrorWord> error_words;
  std::map<int, ErrorAnswer> errors;  // made by link()
  StatsPage stats;

  // logging
  std::vector<LogTarget> logs;
  bool log_global = false;
  std::string log_tag;
  LogFormatKind log_format = LogFormatKind::none;
  cfg::Location log_format_location;
  bool clf = false;  // option httplog clf
  std::optional<cfg::Word> log_format_text, log_format_sd_text, error_log_format_text, unique_id_format_text;
  std::string unique_id_header;

  std::vector<RuleLine> rules;  // acl, http-request, tcp-request, use_backend, redirect, …, in order
  Compression compression;
  // Lines that other parts of the program read: filters but bwlim, email-alert …
  std::vector<cfg::Statement> other_lines;
};

struct Proxy : ProxySettings {
  std::string name;
  uint32_t id = 0;      // HAProxy's numeric id
  bool own_id = false;  // its section says so
  size_t index = 0;     // its place among the proxies of the process; set by link()
  cfg::Location location;
  bool frontend = false, backend = false;  // both: listen
  std::string description;
  std::string guid;
  std::string defaults_name;  // of the defaults section it started from, "" for an anonymous one

  std::vector<std::unique_ptr<Bind>> binds;
  std::vector<std::unique_ptr<Server>> servers;
  Proxy* default_backend = nullptr;  // set by link()
  std::vector<BandwidthFilter> bandwidth_filters;
  std::vector<cfg::Word> cache_filters;  // the names of caches
  std::unique_ptr<StickTable> stick_table;
  std::optional<base::SockAddr> dispatch;
  // What `dispatch` and `option transparent` connect to instead of servers; made by link(). It is in no list.
  std::unique_ptr<Server> direct;

  // For a section that `defaults` opened.
  bool is_defaults = false;

  // "frontend", "backend", "proxy": how messages call it.
  std::string_view kind() const {
    return frontend ? (backend ? "proxy" : "frontend") : backend ? "backend" : "defaults";
  }
};

}  // namespace lbd::config
