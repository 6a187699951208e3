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
#include "lbd/config/global.h"
#include "lbd/config/server.h"

namespace lbd::config {

enum class Mode : uint8_t { tcp, http };
enum class HttpMode : uint8_t { keep_alive, server_close, close };  // option http-keep-alive|http-server-close|httpclose
enum class HttpReuse : uint8_t { never, safe, aggressive, always };

struct Timeouts {
  std::optional<base::Millis> client, client_fin, server, server_fin, connect, tunnel, http_request, http_keep_alive,
      queue, tarpit, check;
};

// Boolean `option X` words; a row in options.cc maps the word. "no option X" clears it.
enum class Option : uint8_t {
  abortonclose, accept_invalid_http_request, accept_invalid_http_response, allbackups, checkcache, clitcpka,
  contstats, dontlog_normal, dontlognull, forceclose, http_buffer_request, http_ignore_probes, http_no_delay,
  http_pretend_keepalive, http_restrict_req_hdr_names, http_use_proxy_header, independent_streams, log_health_checks,
  log_separate_errors, logasap, nolinger, persist, prefer_last_server, socket_stats, splice_auto, splice_request,
  splice_response, srvtcpka, tcp_smart_accept, tcp_smart_connect, transparent, h1_case_adjust_client,
  h1_case_adjust_server, http_use_htx, disable_h2_upgrade, idle_close_on_response,
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
  cfg::Location location;
};

// `option httpchk`, `option tcp-check`, … and the http-check / tcp-check lines, read by the check's row.
struct CheckSpec {
  std::string type = "tcp";             // tcp (plain connect), httpchk, tcp-check, mysql-check …
  std::vector<cfg::Word> arguments;     // of the option line
  std::vector<cfg::Statement> steps;    // http-check …, tcp-check …
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

struct Proxy {
  std::string name;
  uint32_t id = 0;  // HAProxy's numeric id
  cfg::Location location;
  bool frontend = false, backend = false;  // both: listen
  Mode mode = Mode::tcp;
  bool disabled = false;
  std::string description;

  // frontend side
  std::vector<std::unique_ptr<Bind>> binds;
  uint32_t maxconn = 0;  // 0: that of the process
  uint32_t backlog = 0;
  uint32_t rate_limit_sessions = 0;
  std::string default_backend_name;
  cfg::Location default_backend_location;
  Proxy* default_backend = nullptr;  // set by link()
  std::string monitor_uri;

  // backend side
  std::vector<std::unique_ptr<Server>> servers;
  Balance balance;
  uint32_t fullconn = 0;
  uint32_t retries = 3;
  std::optional<int> redispatch;      // option redispatch [interval]; unset: off
  std::vector<std::string> retry_on;  // empty: conn-failure
  HttpReuse http_reuse = HttpReuse::safe;
  CheckSpec check;
  std::optional<base::IpPort> source;
  std::vector<cfg::Word> cookie;  // the `cookie` line
  std::string external_check_command, external_check_path;

  // both
  Timeouts timeouts;
  HttpMode http_mode = HttpMode::keep_alive;
  std::bitset<static_cast<size_t>(Option::kCount)> options;
  bool has(Option option) const { return options.test(static_cast<size_t>(option)); }
  ForwardFor forward_for;
  std::optional<std::string> original_to;  // option originalto
  std::map<int, ErrorAnswer> errors;
  StatsPage stats;

  // logging
  std::vector<LogTarget> logs;
  bool log_global = false;
  std::string log_tag;
  LogFormatKind log_format = LogFormatKind::none;
  bool clf = false;  // option httplog clf
  std::optional<cfg::Word> log_format_text, log_format_sd_text, error_log_format_text, unique_id_format_text;
  std::string unique_id_header;

  std::vector<RuleLine> rules;  // acl, http-request, tcp-request, use_backend, redirect, …, in order

  // For a section that `defaults` opened.
  bool is_defaults = false;
};

}  // namespace lbd::config
