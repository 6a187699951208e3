// ProxyRules: everything in a proxy section that decides: acl, http-request, tcp-request, use_backend, redirect,
// capture, monitor fail, log formats. Compiled once from the statements of the model, then immutable and shared by
// all workers. A RuleSet is the rules of one phase in the order in which they are evaluated.
//
// A rule set is resumable: `at` starts at 0, belongs to the caller and is kept while the verdict is `wait`. An empty
// set costs one comparison. Order in a request, as HAProxy has it: the frontend's http_request, its switching, the
// backend's http_request (when it is another section), server choice; `block`, the old req* words and `redirect`
// stand inside http_request at their places.
// Thread: evaluation in the worker that owns the transaction. Errors: at load, in the Diagnostics at the word; at run
// time none: a rule that cannot be carried out answers 500 in strict mode. Manual: 4.2, 7.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/grace.h"
#include "base/time.h"
#include "cfg/diag.h"
#include "lbd/config/config.h"
#include "lbd/expr/logformat.h"
#include "lbd/expr/transaction.h"
#include "lbd/http/reply.h"
#include "lbd/rules/errors.h"
#include "lbd/rules/forwarded.h"
#include "lbd/rules/stick.h"

namespace lbd::expr {
class Condition;
class Expr;
class PatternFiles;
}  // namespace lbd::expr

namespace lbd::rules {

struct Rule;
struct RuleStore;
struct ServiceRow;
struct Statements;

enum class Verdict : uint8_t {
  next,          // all rules were seen: go on
  accept,        // a rule ended this set in favour: go on like `next`
  wait,          // more payload (or body) is needed: call again with the same `at` when it came or cannot come
  answer,        // outcome.reply goes to the client, no server is involved
  tarpit,        // the same, after timeout tarpit (timeout connect when unset)
  close,         // reject: close towards both sides
  silent_drop,   // vanish: the client is told nothing
  body_timeout,  // wait-for-body: it has not come in time
  switch_mode,   // tcp-request content switch-mode http: what comes is HTTP
  close_server,  // tcp-response content close: the server's side ends, what it has sent is delivered
  service,       // outcome.service answers
  cached,        // the answer of transaction.cache goes to the client
};

struct Outcome {
  http::Reply* reply = nullptr;         // answer, tarpit: in the arena; null: the page of an internal error
  const ServiceRow* service = nullptr;  // service: the use-service row
  bool denied = false;                  // counts in dreq / dresp (deny, tarpit, reject); a return or redirect does not
  bool redirected = false;              // log: the server is <NOSRV> and the cause is 'L' (redirect, return) or 'P'
  bool failed_rewrite = false;          // counts in wrew
  bool internal_error = false;          // counts in eint; reply is a 500
  bool cache_lookup = false;            // a cache was asked
  http::Headers* hints = nullptr;       // fields of a 103 that goes to the client before anything else
  std::optional<uint8_t> ttl;           // silent_drop: of the packet that ends the connection
  char cause = 'P';                     // first letter of the termination state when an answer ends the exchange
};

class RuleSet {
 public:
  RuleSet();
  RuleSet(RuleSet&&) noexcept;
  RuleSet& operator=(RuleSet&&) noexcept;
  ~RuleSet();
  bool empty() const { return rules_.empty(); }
  size_t size() const;
  Verdict run(expr::Transaction& transaction, Outcome& outcome, size_t& at) const;

 private:
  friend class SetCompiler;
  std::vector<Rule> rules_;
};

inline Verdict evaluate(const RuleSet& rules, expr::Transaction& transaction, Outcome& outcome, size_t& at) {
  return rules.empty() ? Verdict::next : rules.run(transaction, outcome, at);
}

// A header that `capture request|response header` or `declare capture` set a slot aside for.
struct CaptureSlot {
  std::string header;  // lower-case; empty: declared, filled by a rule
  uint32_t length = 0;
};
// `capture cookie NAME len N`: NAME may be the beginning of the name.
struct CookieCapture {
  std::string name;
  uint32_t length = 0;
};

// How a cookie is followed: forced, even to a server that is down; ignored, not at all.
enum class Persistence : uint8_t { usual, forced, ignored };

class ProxyRules {
 public:
  ProxyRules();
  ~ProxyRules();

  RuleSet tcp_connection, tcp_session, tcp_content, tcp_response_content;
  RuleSet http_request, http_response, http_after_response;
  std::optional<base::Millis> inspect_delay;           // tcp-request inspect-delay
  std::optional<base::Millis> response_inspect_delay;  // tcp-response inspect-delay

  // `monitor fail if …`: true when the monitor-uri must answer 503.
  bool monitor_fails(expr::Transaction& transaction) const;

  // use_backend rules, then default_backend, then the section itself when it is a listen; null: nothing. A backend that
  // is not published is passed over, unless force-be-switch permits it.
  const config::Proxy* choose_backend(expr::Transaction& transaction) const;
  // use-server; null: balance as usual. `index` is the position in Proxy::servers.
  const config::Server* choose_server(expr::Transaction& transaction) const;

  StickRules stick;

  // The first force-persist or ignore-persist that applies.
  Persistence persistence(expr::Transaction& transaction) const;

  // What the `sni` of a server line comes to; "" without one.
  std::string_view server_name(const config::Server& server, expr::Transaction& transaction) const;
  // While workers run, by the control thread: the `sni` of a server that comes, or of one that goes. What was there
  // before is freed when no worker can be looking at it.
  void add_server_name(const config::Server& server, base::Grace& grace, cfg::Diagnostics& diagnostics);
  void remove_server_name(const config::Server& server, base::Grace& grace);
  // What tells idle connections of the server apart: `pool-conn-name`, or without it what server_name() came to.
  std::string_view connection_name(const config::Server& server, std::string_view server_name,
                                   expr::Transaction& transaction) const;
  // set-proxy-v2-tlv-fmt(type) of server lines.
  struct ServerTlv {
    const config::Server* server;
    uint8_t type;
    const expr::LogFormat* format;
  };
  const std::vector<ServerTlv>& server_tlvs() const { return server_tlvs_; }
  // Whether a rule or an expression names the server.
  bool refers_to(const config::Server& server) const;

  ErrorPages errors;

  std::vector<CaptureSlot> request_captures, response_captures;
  std::vector<uint32_t> request_capture_lengths, response_capture_lengths;
  // How many slots there will be when all lines are compiled; a rule may name one that a later line declares.
  size_t request_slots = 0, response_slots = 0;
  std::optional<CookieCapture> cookie_capture;
  // Gives the transaction its slots.
  void open_captures(expr::Transaction& transaction) const;
  // Fills those that have a header; called when a head is complete.
  void capture_request(expr::Transaction& transaction) const;
  void capture_response(expr::Transaction& transaction) const;

  expr::LogFormat log_format;        // of option httplog, tcplog, log-format …; empty: the proxy does not log traffic
  expr::LogFormat log_format_sd;     // structured data of RFC 5424
  expr::LogFormat error_log_format;  // empty: error lines have the usual legacy form
  expr::LogFormat unique_id_format;
  bool logs_server_source = false;  // the address that we use towards the server, which the system must be asked for

  std::unique_ptr<Forwarded> forwarded;  // null: no `option forwarded`

  RuleSet stats_http_request;  // who may see the statistics page
  // `stats admin if …`: who may change servers on it.
  bool admits_admin(expr::Transaction& transaction) const;

 private:
  friend class ProxyCompiler;
  struct Switch;
  struct Guard;
  struct PersistenceRule;
  std::vector<Switch> switching_;
  std::vector<Switch> server_rules_;
  std::vector<Guard> monitor_fail_;
  std::vector<Guard> stats_admin_;
  std::vector<Guard> forced_switches_;
  std::vector<PersistenceRule> persistence_;
  struct ServerName {
    const config::Server* server;
    const expr::Expr* name;
    std::shared_ptr<RuleStore> store;  // of one that came at run time
  };
  const config::Proxy* find_backend(std::string_view name, const expr::Transaction& transaction) const;
  bool may_enter(const config::Proxy& backend, expr::Transaction& transaction) const;
  using ServerNames = std::vector<ServerName>;
  ServerNames connection_names_;
  std::vector<ServerTlv> server_tlvs_;
  std::unique_ptr<const ServerNames> publish(std::unique_ptr<const ServerNames> names);
  std::unique_ptr<const ServerNames> own_server_names_;
  std::atomic<const ServerNames*> server_names_{nullptr};
  const config::Proxy* proxy_ = nullptr;
  const config::Config* config_ = nullptr;
  const config::Proxy* default_backend_ = nullptr;
  std::unique_ptr<RuleStore> store_;  // what the programs point to
};

// Never null; with errors in `diagnostics` the result must not be run. `files`: the maps and ACL files of the process;
// null: the rules get their own.
std::unique_ptr<ProxyRules> compile(const config::Proxy& proxy, const config::Config& config,
                                    cfg::Diagnostics& diagnostics, expr::PatternFiles* files = nullptr);

}  // namespace lbd::rules
