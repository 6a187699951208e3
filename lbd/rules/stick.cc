#include "lbd/rules/stick.h"

#include "lbd/expr/process.h"
#include "lbd/expr/table_key.h"
#include "lbd/expr/trace.h"
#include "lbd/rules/table_ref.h"
#include "lbd/rules/trace.h"

namespace lbd::rules {
namespace {

using table::Record;
using table::Table;

// So many keys are stored for an exchange, and one a table (manual, stick store-request).
constexpr size_t kMostStores = 8;

// How entries of this table call a server.
std::string address_text(const server::Server& server) {
  return server.address().to_string();
}
bool is_called(const Table& table, uint32_t number, const server::Server& server) {
  if (table.config().server_key_is_address) return table.is_name(number, address_text(server));
  return table.is_name(number, server.name());
}

struct Belonging {
  uint64_t id = 0;
  uint32_t name = 0;
};

Belonging belonging_of(const Record& record) {
  const table::Layout& layout = record.table().layout();
  const table::Field *id = layout.find(config::data_type("server_id")),
                     *key = layout.find(config::data_type("server_key"));
  return {id ? record.get(*id) : 0, key ? static_cast<uint32_t>(record.get(*key)) : 0};
}

// The name counts more than the id, which may be another server's in this backend; they mostly agree.
server::Server* server_of(const Table& table, const Belonging& to, const server::Backend& backend) {
  server::Server* by_id = nullptr;
  for (const auto& server : backend.servers())
    if (to.id != 0 && server->config().id == to.id) by_id = server.get();
  if (to.name == 0 || (by_id && is_called(table, to.name, *by_id))) return by_id;
  for (const auto& server : backend.servers())
    if (is_called(table, to.name, *server)) return server.get();
  return by_id;
}

}  // namespace

void StickRules::add(expr::CompileContext& context, const expr::Acls& acls, const cfg::Statement& s, size_t end) {
  Line rule{&s, s[1] == "match" || s[1] == "on", s[1] != "match", s[1] == "store-response", nullptr, nullptr, nullptr};
  const expr::Phases where = rule.of_response ? expr::phase::kStore : expr::phase::kServerChoice;
  if (end < 3) return context.error(s.at(2), "'stick' needs an expression that gives the key");
  rule.key = expr::parse_expr(context, s.words[2], where);
  const bool named = end > 3 && s[3] == "table";
  if (named && end < 5) return context.error(s.at(4), "'table' needs the name of a stick table");
  if (end > (named ? 5u : 3u))
    return context.error(s.at(named ? 5 : 3), "'stick' is written: stick on EXPR [table NAME] [if CONDITION]");
  rule.table = find_table(context, named ? &s.words[4] : nullptr, s.words[0]);
  rule.condition = expr::Condition::parse(context, acls, s, end, where);
  if (!rule.key || !rule.table || (end < s.size() && !rule.condition)) return;
  if (fits(context, *rule.key, *rule.table, s.words[2])) rules_.push_back(rule);
}

bool StickRules::applies(const Line& rule, expr::Transaction& transaction) {
  RuleTrace trace(transaction, rule.statement->loc, rule.statement);
  const expr::Truth truth = expr::holds(rule.condition, transaction);
  trace.judged(truth);
  return truth == expr::Truth::yes;
}

bool StickRules::key_of(const Line& rule, expr::Transaction& transaction, Table& table, std::string_view& key) {
  expr::Value value;
  return rule.key->eval(transaction, value) == expr::Found::yes && expr::make_key(value, table, transaction.arena, key);
}

void StickRules::remember(const Line& rule, expr::Transaction& transaction, std::string_view key) {
  auto* store = transaction.arena.make<expr::StickStore>();
  store->table = rule.table;
  store->key = transaction.arena.copy(key);
  store->next = transaction.stick_stores;
  transaction.stick_stores = store;
}

namespace {

// False: one is stored in this table already, or there are enough.
bool may_store(const expr::Transaction& transaction, const config::StickTable& table) {
  size_t count = 0;
  for (const expr::StickStore* one = transaction.stick_stores; one; one = one->next, ++count)
    if (one->table == &table) return false;
  return count < kMostStores;
}

}  // namespace

server::Server* StickRules::choose(expr::Transaction& transaction, const server::Backend& backend) const {
  server::Server* found = nullptr;
  for (const Line& rule : rules_) {
    const bool match = rule.matches && !found, store = rule.stores && may_store(transaction, *rule.table);
    if (rule.of_response || (!match && !store) || !applies(rule, transaction)) continue;
    Table& table = expr::table_of(transaction, *rule.table);
    std::string_view key;
    if (!key_of(rule, transaction, table, key)) continue;
    if (match) {
      Belonging to;
      table.with(key, expr::dry(transaction) ? Table::Use::look : Table::Use::touch, transaction.now,
                 [&](const Record& record) { to = belonging_of(record); });
      found = server_of(table, to, backend);
    }
    if (store) remember(rule, transaction, key);
  }
  return found;
}

void StickRules::store(expr::Transaction& transaction, const server::Server& server) const {
  for (const Line& rule : rules_) {
    std::string_view key;
    if (rule.of_response && may_store(transaction, *rule.table) && applies(rule, transaction) &&
        key_of(rule, transaction, expr::table_of(transaction, *rule.table), key))
      remember(rule, transaction, key);
  }
  if (server.config().non_stick || expr::dry(transaction)) return;
  for (const expr::StickStore* one = transaction.stick_stores; one; one = one->next) {
    Table& table = expr::table_of(transaction, *one->table);
    Belonging now;
    table.with(one->key, Table::Use::create, transaction.now,
               [&](const Record& record) { now = belonging_of(record); });
    if (now.id == server.config().id && is_called(table, now.name, server)) continue;  // as mostly
    const uint32_t name =
        table.number_of(one->table->server_key_is_address ? address_text(server) : std::string(server.name()));
    table.with(one->key, Table::Use::create, transaction.now, [&](Record& record) {
      const table::Layout& layout = table.layout();
      if (const table::Field* id = layout.find(config::data_type("server_id"))) record.set(*id, server.config().id);
      if (const table::Field* key = layout.find(config::data_type("server_key"))) record.set(*key, name);
    });
  }
  transaction.stick_stores = nullptr;
}

}  // namespace lbd::rules
