// From the statements of a proxy section to its ProxyRules: which word belongs to which rule set, its action, its
// condition; log formats; switching. Errors point at the word and are all reported.
#include <fmt/core.h>

#include "base/strings.h"
#include "cfg/suggest.h"
#include "cfg/value.h"
#include "lbd/rules/answer.h"
#include "lbd/rules/auth.h"
#include "lbd/rules/rule.h"

namespace lbd::rules {
namespace {

constexpr std::string_view kTcpLog = "%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq";
constexpr std::string_view kHttpLog =
    "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r";
// Behind what option httplog says.
constexpr std::string_view kHttpsLog =
    "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r "
    "%[fc_err]/%[ssl_fc_err,hex]/%[ssl_c_err]/%[ssl_c_ca_err]/%[ssl_fc_is_resumed] %[ssl_fc_sni]/%sslv/%sslc";
constexpr std::string_view kClfLog =
    "%{+Q}o %{-Q}ci - - [%trg] %r %ST %B \"\" \"\" %cp %ms %ft %b %s %TR %Tw %Tc %Tr %Ta %tsc %ac %fc %bc %sc %rc %sq "
    "%bq "
    "%CC %CS %hrl %hsl";

size_t condition_at(const cfg::Statement& statement, size_t from) {
  while (from < statement.size() && statement[from] != "if" && statement[from] != "unless") ++from;
  return from;
}

}  // namespace

class SetCompiler {
 public:
  static void add(RuleSet& rules, Rule rule) { rules.rules_.push_back(rule); }
  static void append(RuleSet& rules, RuleSet&& more) {
    for (Rule& rule : more.rules_) rules.rules_.push_back(rule);
  }
};

class ProxyCompiler {
 public:
  ProxyCompiler(const config::Proxy& proxy, const config::Config& config, cfg::Diagnostics& diagnostics,
                expr::PatternFiles* files)
      : proxy_(proxy), config_(config), diagnostics_(diagnostics) {
    rules_->store_ = std::make_unique<RuleStore>();
    rules_->proxy_ = &proxy;
    rules_->config_ = &config;
    context_.emplace(config, proxy, rules_->store_->storage, diagnostics, files);
  }

  std::unique_ptr<ProxyRules> compile() {
    rules_->errors.load(proxy_, config_, diagnostics_);
    for (const cfg::Statement& line : proxy_.other_lines)
      if (line[0] == "http-error") http_error(line);
    for (const config::RuleLine& line : proxy_.rules) {
      count_slots(line.statement);
      switches_ = switches_ || (line.statement[0] == "tcp-request" && line.statement[2] == "switch-mode");
    }
    for (const config::RuleLine& line : proxy_.rules) statement(line.statement);
    for (const cfg::Statement& line : proxy_.stats.http_request_rules)
      rule(line, 2, set::kStats, rules_->stats_http_request);
    if (proxy_.stats.http_request_rules.empty()) stats_password();
    for (const cfg::Statement& line : proxy_.stats.admin_rules) stats_admin(line);
    SetCompiler::append(rules_->http_request, std::move(redirects_));
    for (const CaptureSlot& slot : rules_->request_captures) rules_->request_capture_lengths.push_back(slot.length);
    for (const CaptureSlot& slot : rules_->response_captures) rules_->response_capture_lengths.push_back(slot.length);
    set_default_backend();
    log_formats();
    if (proxy_.forwarded && proxy_.backend && http())
      rules_->forwarded = std::make_unique<Forwarded>(*proxy_.forwarded, *context_);
    server_names();
    server_expressions();
    unused_acls();
    return std::move(rules_);
  }

 private:
  // A section of mode tcp may become one of mode http by a rule, so its rules for HTTP count.
  bool http() const { return proxy_.mode == config::Mode::http || switches_; }

  expr::Phases front_or_back(expr::Phases front, expr::Phases back) const {
    return (proxy_.frontend ? front : 0) | (proxy_.backend ? back : 0);
  }

  void statement(const cfg::Statement& s) {
    std::string_view word = s[0];
    if (word == "acl") return rules_->store_->acls.declare(*context_, s, expr::valid::kAll);
    if (word == "http-request") return http_rule(s, set::kHttpRequest, rules_->http_request);
    if (word == "http-response") return http_rule(s, set::kHttpResponse, rules_->http_response);
    if (word == "http-after-response") return http_rule(s, set::kHttpAfterResponse, rules_->http_after_response);
    if (word == "tcp-request") return tcp_request(s);
    if (word == "tcp-response") return tcp_response(s);
    if (word == "redirect") return rule(s, 0, set::kRedirect, redirects_);
    if (word == "block") return rule(s, 0, set::kHttpRequest, rules_->http_request);
    if (word.starts_with("req") && http()) return rule(s, 0, set::kOldRequest, rules_->http_request);
    if (word.starts_with("rsp") && http()) return rule(s, 0, set::kOldResponse, rules_->http_response);
    if (word.starts_with("req") || word.starts_with("rsp")) return;
    if (word == "use_backend") return use_backend(s);
    if (word == "use-server") return use_server(s);
    if (word == "monitor") return monitor(s);
    if (word == "capture") return capture(s);
    if (word == "declare") return declare_capture(s);
    if (word == "stick") return rules_->stick.add(*context_, rules_->store_->acls, s, condition_at(s, 2));
    if (word == "force-be-switch") return force_switch(s);
    if (word == "force-persist" || word == "ignore-persist") return persist(s);
    context_->error(s.words[0].loc, fmt::format("'{}' is not available yet", word));
  }

  // Slots for captures, as the lines that make some will.
  void count_slots(const cfg::Statement& s) {
    const bool declared = (s[0] == "capture" && s[2] == "header") || (s[0] == "declare" && s[1] == "capture");
    const std::string_view side = s[0] == "capture" ? s[1] : s[2];
    if (declared) ++(side == "response" ? rules_->response_slots : rules_->request_slots);
    const size_t at = s[0] == "http-request" ? 1 : s[0] == "tcp-request" && s[1] == "content" ? 2 : 0;
    if (at && s[at] == "capture" && s[at + 2] == "len") ++rules_->request_slots;
  }

  void http_rule(const cfg::Statement& s, uint32_t kind, RuleSet& rules) {
    // In another mode they have no effect, which the checks of lbd/config say.
    if (http()) rule(s, 1, kind, rules);
  }

  // stats auth USER:PASSWORD
  void stats_password() {
    if (proxy_.stats.auths.empty()) return;
    auto* users = rules_->store_->storage.make<config::UserList>();
    for (const std::string& entry : proxy_.stats.auths) {
      const size_t colon = entry.find(':');
      users->users.push_back({entry.substr(0, colon), entry.substr(colon + 1), true, {}});
    }
    SetCompiler::add(rules_->stats_http_request,
                     {ask_for_password(rules_->store_->storage, rules_->errors, proxy_.stats.realm, users), nullptr,
                      proxy_.location});
  }

  // http-error status CODE …: at any moment of an exchange, so its samples may be of either side.
  void http_error(const cfg::Statement& s) {
    const expr::Phases anywhere = phases_of(set::kHttpRequest, proxy_) | phases_of(set::kHttpResponse, proxy_);
    Parse parse(*context_, *rules_, std::span(s.words).subspan(1), s.words[0], set::kHttpRequest, anywhere);
    auto* answer = rules_->store_->storage.make<Answer>();
    if (!parse_answer(parse, *answer, false)) return;
    if (!answer->status_given) return context_->error(s.words[0].loc, "'http-error' needs a status");
    if (!http::default_error(answer->status))
      return context_->error(s.words[0].loc, fmt::format("status {} is no error that is answered", answer->status));
    rules_->errors.describe(answer->status, answer);
  }

  static expr::Phases phases_of(uint32_t kind, const config::Proxy& proxy) {
    auto pick = [&](expr::Phases front, expr::Phases back) {
      return (proxy.frontend ? front : 0) | (proxy.backend ? back : 0);
    };
    switch (kind) {
      case set::kTcpConnection:
        return expr::phase::kConnection;
      case set::kTcpSession:
        return expr::phase::kSession;
      case set::kTcpContent:
        return pick(expr::phase::kFrontContent, expr::phase::kBackContent);
      case set::kTcpResponse:
        return pick(expr::phase::kFrontResponseContent, expr::phase::kBackResponseContent);
      case set::kHttpRequest:
      case set::kStats:
      case set::kRedirect:
      case set::kOldRequest:
        return pick(expr::phase::kFrontRequest, expr::phase::kBackRequest);
      default:
        return pick(expr::phase::kFrontResponse, expr::phase::kBackResponse);
    }
  }

  const expr::Condition* condition(const cfg::Statement& s, size_t at, expr::Phases where) {
    return expr::Condition::parse(*context_, rules_->store_->acls, s, at, where);
  }

  // `at`: the word that names the action.
  void rule(const cfg::Statement& s, size_t at, uint32_t kind, RuleSet& rules) {
    if (at >= s.size()) return context_->error(s.at(at), fmt::format("'{}' needs an action", s[0]));
    const cfg::Word& name = s.words[at];
    std::string_view bare = std::string_view(name.text).substr(0, name.text.find('('));
    if (bare.starts_with("track-sc")) bare = bare.substr(0, std::string_view("track-sc").size());
    const ActionRow* row = Actions::find(bare);
    if (!row || !(row->sets & kind)) {
      std::vector<std::string_view> known;
      Actions::for_each([&](const ActionRow& other) {
        if (other.sets & kind) known.push_back(other.name);
      });
      return context_->error(name.loc,
                             row ? fmt::format("'{}' cannot stand in {}", bare, s[0])
                                 : fmt::format("unknown action '{}' in {}", bare, s[0]),
                             cfg::did_you_mean(bare, known));
    }
    size_t end = condition_at(s, at + 1);
    expr::Phases where = phases_of(kind, proxy_);
    Parse parse(*context_, *rules_, std::span(s.words).subspan(at + 1, end - at - 1), name, kind, where);
    const Action* action = row->parse(parse);
    if (action && !parse.done())
      parse.error_at(parse.words[parse.words.size() - 1], fmt::format("too many words for '{}'", bare));
    const expr::Condition* when = condition(s, end, where);
    if (!action || (end < s.size() && !when)) return;
    SetCompiler::add(rules, {action, when, s.words[at].loc, &s});
  }

  void tcp_request(const cfg::Statement& s) {
    if (s[1] == "connection") return rule(s, 2, set::kTcpConnection, rules_->tcp_connection);
    if (s[1] == "session") return rule(s, 2, set::kTcpSession, rules_->tcp_session);
    if (s[1] == "content") return rule(s, 2, set::kTcpContent, rules_->tcp_content);
    if (s[1] == "inspect-delay") return delay(s, rules_->inspect_delay);
    context_->error(s.at(1), fmt::format("'tcp-request' does not know '{}'", s[1]),
                    "there are connection, session, content and inspect-delay");
  }

  void tcp_response(const cfg::Statement& s) {
    if (s[1] == "content") return rule(s, 2, set::kTcpResponse, rules_->tcp_response_content);
    if (s[1] == "inspect-delay") return delay(s, rules_->response_inspect_delay);
    context_->error(s.at(1), fmt::format("'tcp-response' does not know '{}'", s[1]),
                    "there are content and inspect-delay");
  }

  void delay(const cfg::Statement& s, std::optional<base::Millis>& to) {
    auto time = cfg::parse_time(s[2]);
    if (s.size() != 3 || !time) return context_->error(s.at(2), "'inspect-delay' needs a time", "inspect-delay 5s");
    to = std::chrono::duration_cast<base::Millis>(*time);
  }

  void use_backend(const cfg::Statement& s) {
    if (s.size() < 2) return context_->error(s.at(1), "'use_backend' needs the name of a backend");
    ProxyRules::Switch entry;
    entry.statement = &s;
    expr::Phases where = expr::phase::kSwitching;
    entry.condition = condition(s, 2, where);
    if (s.size() > 2 && !entry.condition) return;
    const cfg::Word& name = s.words[1];
    if (name.text.find('%') != std::string::npos) {
      auto* format = rules_->store_->storage.make<expr::LogFormat>(
          expr::parse_logformat(*context_, name, where, expr::TextFor::message));
      entry.dynamic = format;
    } else if (!find_backend(name, entry.backend)) {
      return;
    }
    rules_->switching_.push_back(entry);
  }

  bool find_backend(const cfg::Word& name, const config::Proxy*& backend) {
    const config::Proxy* other = config_.find_backend(name.text);
    if (!other) {
      std::vector<std::string_view> known;
      for (const auto& each : config_.proxies)
        if (each->backend) known.push_back(each->name);
      context_->error(name.loc, fmt::format("no such backend: '{}'", name.text), cfg::did_you_mean(name.text, known));
      return false;
    }
    if (other->mode != proxy_.mode && !(proxy_.mode == config::Mode::tcp)) {
      context_->error(name.loc, fmt::format("backend '{}' is in mode tcp, this section in mode http", name.text));
      return false;
    }
    backend = other;
    return true;
  }

  void use_server(const cfg::Statement& s) {
    if (s.size() < 4) return context_->error(s.at(s.size()), "'use-server' needs a server and a condition");
    for (const auto& server : proxy_.servers) {
      if (server->name != s[1]) continue;
      ProxyRules::Switch entry;
      entry.statement = &s;
      entry.server = server.get();
      rules_->store_->storage.refer_to(*server);
      entry.condition = condition(s, 2, expr::phase::kServerChoice);
      if (entry.condition) rules_->server_rules_.push_back(entry);
      return;
    }
    context_->error(s.words[1].loc, fmt::format("no such server: '{}'", s[1]));
  }

  // sni of server lines.
  void server_names() {
    auto names = std::make_unique<ProxyRules::ServerNames>();
    for (const auto& server : proxy_.servers) {
      if (!server->tls.sni) continue;
      const expr::Expr* name = expr::parse_expr(*context_, *server->tls.sni, expr::phase::kServerChoice);
      if (name) names->push_back({server.get(), name, nullptr});
    }
    rules_->publish(std::move(names));
  }

  // pool-conn-name and set-proxy-v2-tlv-fmt(…) of server lines.
  void server_expressions() {
    for (const auto& server : proxy_.servers)
      for (const cfg::Statement& line : server->expressions) {
        if (line[0] == "pool-conn-name") {
          const expr::Expr* name = expr::parse_expr(*context_, line.words[1], expr::phase::kServerChoice);
          if (name) rules_->connection_names_.push_back({server.get(), name, nullptr});
        } else {
          proxy_tlv(*server, line);
        }
      }
  }

  void proxy_tlv(const config::Server& server, const cfg::Statement& line) {
    std::string_view type = line[0];
    type = type.substr(type.find('(') + 1);
    if (type.ends_with(')')) type.remove_suffix(1);
    const bool hex = type.starts_with("0x") || type.starts_with("0X");
    const auto number = base::parse_int<uint8_t>(hex ? type.substr(2) : type, hex ? 16 : 10);
    if (!number)
      return context_->error(line.words[0].loc, fmt::format("'{}' is no type of a TLV", type),
                             "set-proxy-v2-tlv-fmt(0xE1) %[src]");
    auto* format = rules_->store_->storage.make<expr::LogFormat>(
        expr::parse_logformat(*context_, line.words[1], expr::phase::kServerChoice, expr::TextFor::message));
    rules_->server_tlvs_.push_back({&server, *number, format});
  }

  void monitor(const cfg::Statement& s) {
    if (s[1] != "fail" || s.size() < 4)
      return context_->error(s.at(1), "'monitor' is followed by 'fail' and a condition",
                             "monitor fail if site_is_dead");
    const expr::Condition* when = condition(s, 2, expr::phase::kFrontRequest);
    if (when) rules_->monitor_fail_.push_back({when});
  }

  // stats admin if …
  void stats_admin(const cfg::Statement& s) {
    if (s[2] != "if" && s[2] != "unless")
      return context_->error(s.at(2), "'stats admin' is followed by a condition", "stats admin if LOCALHOST");
    const expr::Condition* when = condition(s, 2, front_or_back(expr::phase::kFrontRequest, expr::phase::kBackRequest));
    if (when) rules_->stats_admin_.push_back({when});
  }

  // force-be-switch if …
  void force_switch(const cfg::Statement& s) {
    const expr::Condition* when = condition(s, 1, expr::phase::kSwitching);
    if (when) rules_->forced_switches_.push_back({when});
  }

  // force-persist, ignore-persist
  void persist(const cfg::Statement& s) {
    const expr::Condition* when = condition(s, 1, expr::phase::kServerChoice | expr::phase::kFrontRequest);
    const Persistence means = s[0] == "force-persist" ? Persistence::forced : Persistence::ignored;
    if (when) rules_->persistence_.push_back({when, &s, means});
  }

  // capture request|response header NAME len N
  void capture(const cfg::Statement& s) {
    bool request = s[1] == "request";
    auto length = base::parse_int<uint32_t>(s[5]);
    if ((!request && s[1] != "response") || s[2] != "header" || s.size() != 6 || s[4] != "len" || !length) {
      if (s[1] == "cookie") {
        auto cookie_length = base::parse_int<uint32_t>(s[4]);
        if (s.size() == 5 && s[3] == "len" && cookie_length) {
          rules_->cookie_capture =
              CookieCapture{std::string(s[2]), std::min(*cookie_length, config_.global.tune.http_cookielen)};
          return;
        }
      }
      return context_->error(
          s.at(1), "'capture' is written 'capture request|response header NAME len N' or 'capture cookie NAME len N'");
    }
    (request ? rules_->request_captures : rules_->response_captures).push_back({base::lower(s[3]), *length});
  }

  // declare capture request|response len N
  void declare_capture(const cfg::Statement& s) {
    auto length = base::parse_int<uint32_t>(s[4]);
    bool request = s[2] == "request";
    if (s[1] != "capture" || (!request && s[2] != "response") || s[3] != "len" || !length)
      return context_->error(s.at(1), "'declare' is written 'declare capture request|response len N'");
    (request ? rules_->request_captures : rules_->response_captures).push_back({"", *length});
  }

  // Harmless, and usual in files that serve several purposes: told only to whoever asks for everything (-dD).
  void unused_acls() {
    for (const auto& [name, acl] : rules_->store_->acls.all())
      if (!acl.used)
        diagnostics_.report(cfg::Severity::diag, acl.location, fmt::format("acl '{}' is used by no condition", name));
  }

  void set_default_backend() {
    rules_->default_backend_ = proxy_.default_backend ? proxy_.default_backend : proxy_.backend ? &proxy_ : nullptr;
  }

  void log_formats() {
    if (!proxy_.frontend) return;
    auto compile = [&](const std::optional<cfg::Word>& word, expr::TextFor use = expr::TextFor::log,
                       expr::Phases where = expr::phase::kLog) {
      return word ? expr::parse_logformat(*context_, *word, where, use) : expr::LogFormat();
    };
    switch (proxy_.log_format) {
      case config::LogFormatKind::none:
        break;
      case config::LogFormatKind::tcp:
        rules_->log_format = fixed(kTcpLog);
        break;
      case config::LogFormatKind::https:
        rules_->log_format = fixed(http() ? kHttpsLog : kTcpLog);
        break;
      case config::LogFormatKind::http:
        rules_->log_format = fixed(!http() ? kTcpLog : proxy_.clf ? kClfLog : kHttpLog);
        break;
      case config::LogFormatKind::custom:
        rules_->log_format = compile(proxy_.log_format_text);
        break;
    }
    rules_->log_format_sd = compile(proxy_.log_format_sd_text);
    rules_->error_log_format = compile(proxy_.error_log_format_text);
    for (const expr::LogFormat* format : {&rules_->log_format, &rules_->log_format_sd})
      rules_->logs_server_source = rules_->logs_server_source || format->uses("bi") || format->uses("bp");
    rules_->unique_id_format = compile(proxy_.unique_id_format_text, expr::TextFor::id,
                                       http() ? expr::phase::kFrontRequest : expr::phase::kFrontContent);
  }
  expr::LogFormat fixed(std::string_view text) {
    return expr::parse_logformat(*context_, text, expr::phase::kLog, expr::TextFor::log);
  }

  const config::Proxy& proxy_;
  const config::Config& config_;
  cfg::Diagnostics& diagnostics_;
  std::unique_ptr<ProxyRules> rules_ = std::make_unique<ProxyRules>();
  std::optional<expr::CompileContext> context_;
  RuleSet redirects_;
  bool switches_ = false;
};

std::unique_ptr<ProxyRules> compile(const config::Proxy& proxy, const config::Config& config,
                                    cfg::Diagnostics& diagnostics, expr::PatternFiles* files) {
  return ProxyCompiler(proxy, config, diagnostics, files).compile();
}

}  // namespace lbd::rules
