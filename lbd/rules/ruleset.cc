#include "lbd/rules/ruleset.h"

#include <algorithm>
#include <utility>

#include "lbd/expr/context.h"
#include "lbd/expr/expr.h"
#include "lbd/expr/process.h"
#include "lbd/http/cookie.h"
#include "lbd/rules/rule.h"
#include "lbd/rules/trace.h"
#include "lbd/server/server.h"

namespace lbd::rules {

RuleSet::RuleSet() = default;
RuleSet::RuleSet(RuleSet&&) noexcept = default;
RuleSet& RuleSet::operator=(RuleSet&&) noexcept = default;
RuleSet::~RuleSet() = default;
size_t RuleSet::size() const {
  return rules_.size();
}

Verdict RuleSet::run(expr::Transaction& transaction, Outcome& outcome, size_t& at) const {
  for (; at < rules_.size(); ++at) {
    const Rule& rule = rules_[at];
    RuleTrace trace(transaction, rule.location, rule.statement);
    const base::Arena::Mark before = transaction.arena.mark();
    expr::Truth truth = expr::holds(rule.condition, transaction);
    trace.judged(truth);
    if (truth == expr::Truth::later) {
      transaction.arena.rewind(before);
      at =
          0;  // all is looked at anew with each piece that comes: what a rule before it has not found may be there then
      return Verdict::wait;
    }
    if (truth == expr::Truth::no) continue;
    Verdict verdict = rule.action->run(transaction, outcome);
    trace.done(verdict, outcome);
    if (verdict == Verdict::next) continue;
    if (verdict == Verdict::wait) return verdict;
    transaction.last_rule = &rule.location;
    transaction.strict_rewrites = true;
    return verdict;
  }
  transaction.strict_rewrites = true;
  return Verdict::next;
}

ProxyRules::ProxyRules() = default;
ProxyRules::~ProxyRules() = default;

namespace {

template <typename Guards>
bool any_holds(const Guards& guards, expr::Transaction& transaction) {
  return std::any_of(guards.begin(), guards.end(),
                     [&](const auto& guard) { return expr::holds(guard.condition, transaction) == expr::Truth::yes; });
}

// One that came at run time; null: there is none of that name.
const server::Backend* find_added(std::string_view name, const expr::Process* process) {
  const expr::AddedBackends* added = process ? process->added_backends.load(std::memory_order_acquire) : nullptr;
  if (!added) return nullptr;
  const auto it = added->find(name);
  return it == added->end() ? nullptr : it->second;
}

}  // namespace

bool ProxyRules::admits_admin(expr::Transaction& transaction) const {
  return any_holds(stats_admin_, transaction);
}

bool ProxyRules::monitor_fails(expr::Transaction& transaction) const {
  return any_holds(monitor_fail_, transaction);
}

const config::Proxy* ProxyRules::find_backend(std::string_view name, const expr::Transaction& transaction) const {
  if (const config::Proxy* found = config_->find_backend(name)) return found;
  const server::Backend* added = find_added(name, transaction.process);
  return added ? &added->config() : nullptr;
}

bool ProxyRules::may_enter(const config::Proxy& backend, expr::Transaction& transaction) const {
  if (&backend == proxy_ || !transaction.process) return true;
  const auto& known = transaction.process->backends;
  const server::Backend* object =
      backend.index < known.size() ? known[backend.index] : find_added(backend.name, transaction.process);
  if (!object || object->published.load(std::memory_order_relaxed) || any_holds(forced_switches_, transaction))
    return true;
  if (transaction.trace)
    transaction.trace->say(expr::Trace::Depth::detail, "backend {} is not published", backend.name);
  return false;
}

const config::Proxy* ProxyRules::choose_backend(expr::Transaction& transaction) const {
  for (const Switch& rule : switching_) {
    RuleTrace trace(transaction, rule.statement->loc, rule.statement);
    expr::Truth truth = expr::holds(rule.condition, transaction);
    trace.judged(truth);
    if (truth != expr::Truth::yes) continue;
    const config::Proxy* chosen = rule.backend;
    if (rule.dynamic) {
      const std::string_view name = rule.dynamic->print(transaction);
      trace.named(name);
      // A computed name that nobody has: as if the rule were not there.
      chosen = find_backend(name, transaction);
    }
    if (chosen && may_enter(*chosen, transaction)) return chosen;
  }
  return default_backend_ && may_enter(*default_backend_, transaction) ? default_backend_ : nullptr;
}

const config::Server* ProxyRules::choose_server(expr::Transaction& transaction) const {
  for (const Switch& rule : server_rules_) {
    RuleTrace trace(transaction, rule.statement->loc, rule.statement);
    expr::Truth truth = expr::holds(rule.condition, transaction);
    trace.judged(truth);
    if (truth == expr::Truth::yes) return rule.server;
  }
  return nullptr;
}

Persistence ProxyRules::persistence(expr::Transaction& transaction) const {
  for (const PersistenceRule& rule : persistence_) {
    RuleTrace trace(transaction, rule.statement->loc, rule.statement);
    const expr::Truth truth = expr::holds(rule.condition, transaction);
    trace.judged(truth);
    if (truth == expr::Truth::yes) return rule.means;
  }
  return Persistence::usual;
}

std::string_view ProxyRules::server_name(const config::Server& server, expr::Transaction& transaction) const {
  for (const ServerName& one : *server_names_.load(std::memory_order_acquire)) {
    expr::Value value;
    if (one.server == &server && one.name->eval_as(expr::Type::string, transaction, value) == expr::Found::yes)
      return value.view();
  }
  return {};
}

std::string_view ProxyRules::connection_name(const config::Server& server, std::string_view server_name,
                                             expr::Transaction& transaction) const {
  for (const ServerName& one : connection_names_) {
    if (one.server != &server) continue;
    expr::Value value;
    return one.name->eval_as(expr::Type::string, transaction, value) == expr::Found::yes ? value.view()
                                                                                         : std::string_view();
  }
  return server_name;
}

std::unique_ptr<const ProxyRules::ServerNames> ProxyRules::publish(std::unique_ptr<const ServerNames> names) {
  server_names_.store(names.get(), std::memory_order_release);
  return std::exchange(own_server_names_, std::move(names));
}

void ProxyRules::add_server_name(const config::Server& server, base::Grace& grace, cfg::Diagnostics& diagnostics) {
  auto store = std::make_shared<RuleStore>();
  expr::CompileContext context(*config_, *proxy_, store->storage, diagnostics);
  const expr::Expr* name = expr::parse_expr(context, *server.tls.sni, expr::phase::kServerChoice);
  if (!name) return;
  auto names = std::make_unique<ServerNames>(*own_server_names_);
  names->push_back({&server, name, std::move(store)});
  grace.retire(publish(std::move(names)));
}

void ProxyRules::remove_server_name(const config::Server& server, base::Grace& grace) {
  auto names = std::make_unique<ServerNames>(*own_server_names_);
  if (std::erase_if(*names, [&](const ServerName& one) { return one.server == &server; }) == 0) return;
  grace.retire(publish(std::move(names)));
}

bool ProxyRules::refers_to(const config::Server& server) const {
  return store_->storage.refers_to(server);
}

namespace {

std::span<std::string_view> slots_for(const std::vector<CaptureSlot>& declared, base::Arena& arena) {
  if (declared.empty()) return {};
  auto* slots = static_cast<std::string_view*>(
      arena.alloc(sizeof(std::string_view) * declared.size(), alignof(std::string_view)));
  for (size_t i = 0; i < declared.size(); ++i) new (slots + i) std::string_view();
  return {slots, declared.size()};
}

// The last field of the name, as HAProxy captures it.
void fill(std::span<std::string_view> slots, const std::vector<CaptureSlot>& declared, const http::Head& head,
          base::Arena& arena) {
  for (size_t i = 0; i < std::min(declared.size(), slots.size()); ++i) {
    if (declared[i].header.empty()) continue;
    for (const http::Header& header : head.headers)
      if (!header.removed() && header.name == declared[i].header)
        slots[i] = arena.copy(header.value.substr(0, declared[i].length));
  }
}

// The first cookie whose name begins with the given one, as "NAME=value".
std::string_view captured_cookie(const CookieCapture& capture, const http::Headers& headers, http::Token field,
                                 base::Arena& arena) {
  for (const http::Header& header : headers) {
    if (header.removed() || header.token != field) continue;
    http::Pair cookie;
    for (size_t at = 0; http::next_cookie(header.value, at, cookie, field == http::Token::set_cookie);)
      if (cookie.name.starts_with(capture.name))
        return arena.concat(cookie.name, "=", cookie.value).substr(0, capture.length);
  }
  return {};
}

}  // namespace

void ProxyRules::open_captures(expr::Transaction& transaction) const {
  if (transaction.request_captures.empty()) {
    transaction.request_captures = slots_for(request_captures, transaction.arena);
    transaction.request_capture_lengths = request_capture_lengths;
  }
  if (transaction.response_captures.empty()) {
    transaction.response_captures = slots_for(response_captures, transaction.arena);
    transaction.response_capture_lengths = response_capture_lengths;
  }
}

void ProxyRules::capture_request(expr::Transaction& transaction) const {
  open_captures(transaction);
  if (!transaction.request) return;
  if (cookie_capture)
    transaction.request_cookie =
        captured_cookie(*cookie_capture, transaction.request->headers, http::Token::cookie, transaction.arena);
  fill(transaction.request_captures, request_captures, *transaction.request, transaction.arena);
}

void ProxyRules::capture_response(expr::Transaction& transaction) const {
  if (!transaction.response) return;
  if (cookie_capture)
    transaction.response_cookie =
        captured_cookie(*cookie_capture, transaction.response->headers, http::Token::set_cookie, transaction.arena);
  fill(transaction.response_captures, response_captures, *transaction.response, transaction.arena);
}

}  // namespace lbd::rules
