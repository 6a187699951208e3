#include "lbd/expr/vars.h"

#include <xxhash.h>

#include <cstdlib>
#include <mutex>

#include "base/strings.h"
#include "lbd/expr/process.h"
#include "lbd/expr/trace.h"
#include "lbd/expr/transaction.h"
#include "lbd/expr/value.h"

namespace lbd::expr {

struct Vars::Entry {
  Entry* next;
  VarName name;
  Value value;
  char* own;        // text memory of this entry, null when the text is in an arena
  size_t capacity;  // of own
  bool heap;        // the entry itself was malloc'ed
  bool set;
};

std::optional<VarName> parse_var_name(std::string_view text) {
  static constexpr std::string_view kScopes[] = {"proc.", "sess.", "txn.", "req.", "res.", "check."};
  for (size_t i = 0; i < std::size(kScopes); ++i) {
    if (!text.starts_with(kScopes[i])) continue;
    std::string_view name = text.substr(kScopes[i].size());
    if (name.empty()) return std::nullopt;
    for (char c : name) {
      char lower = base::to_lower(c);
      if (!(lower >= 'a' && lower <= 'z') && !base::is_digit(c) && c != '_' && c != '.') return std::nullopt;
    }
    return VarName{static_cast<Scope>(i), XXH3_64bits(text.data(), text.size())};
  }
  return std::nullopt;
}

bool has_scope(bool health_check, Scope scope) {
  return scope == Scope::proc || scope == Scope::sess || (scope == Scope::check) == health_check;
}

namespace {
constexpr std::string_view kConditions[] = {"ifexists", "ifnotexists", "ifempty", "ifnotempty",
                                            "ifset",    "ifnotset",    "ifgt",    "iflt"};
enum Condition : uint32_t { exists, not_exists, empty, not_empty, set, not_set, greater, less };
}  // namespace

bool VarConditions::add(std::string_view word) {
  for (uint32_t i = 0; i < std::size(kConditions); ++i) {
    if (kConditions[i] != word) continue;
    bits_ |= 1u << i;
    return true;
  }
  return false;
}

bool VarConditions::hold(Scope scope, const Value* current, const Value& input) const {
  if (bits_ == 0) return true;
  auto wants = [&](Condition condition) { return (bits_ >> condition & 1) != 0; };
  bool is_empty = input.is_text() && input.text.size == 0;
  bool process = scope == Scope::proc;
  if (wants(exists) && !current && !process) return false;
  if (wants(not_exists) && (current || process)) return false;
  if (wants(empty) && !is_empty) return false;
  if (wants(not_empty) && is_empty) return false;
  if (wants(set) && !current) return false;
  if (wants(not_set) && current) return false;
  if (!current || current->type != Type::integer || input.type != Type::integer) return true;
  if (wants(greater) && current->integer <= input.integer) return false;
  return !(wants(less) && current->integer >= input.integer);
}

Vars::~Vars() {
  // Entries in an arena go with the arena; they and those of malloc are never mixed.
  for (Entry* entry = first_; entry && entry->heap;) {
    Entry* next = entry->next;
    std::free(entry->own);
    std::free(entry);
    entry = next;
  }
}

const Value* Vars::find(VarName name) const {
  for (const Entry* entry = first_; entry; entry = entry->next)
    if (entry->set && entry->name == name) return &entry->value;
  return nullptr;
}

void Vars::set(VarName name, const Value& value, base::Arena* arena) {
  Entry* entry = first_;
  while (entry && !(entry->name == name)) entry = entry->next;
  if (!entry) {
    void* raw = arena ? arena->alloc(sizeof(Entry), alignof(Entry)) : std::malloc(sizeof(Entry));
    CHECK(raw);
    entry = new (raw) Entry{first_, name, {}, nullptr, 0, arena == nullptr, false};
    first_ = entry;
  }
  Value kept = value;
  if (value.is_text() && value.text.size) {
    if (entry->heap) {
      if (entry->capacity < value.text.size) {
        // The old text may be what is being set ("var(sess.x),field(1,.)" into sess.x): it is freed only after the
        // copy.
        char* fresh = static_cast<char*>(std::malloc(value.text.size));
        CHECK(fresh);
        std::memcpy(fresh, value.text.data, value.text.size);
        std::free(entry->own);
        entry->own = fresh;
        entry->capacity = value.text.size;
      } else {
        std::memmove(entry->own, value.text.data, value.text.size);
      }
      kept.text.data = entry->own;
    } else {
      kept.text.data = arena->copy(value.view()).data();
    }
  }
  if (arena) arena->keep();
  entry->value = kept;
  entry->set = true;
}

void Vars::unset(VarName name) {
  for (Entry* entry = first_; entry; entry = entry->next)
    if (entry->name == name) entry->set = false;
}

void Vars::unset_all(Scope scope) {
  for (Entry* entry = first_; entry; entry = entry->next)
    if (entry->name.scope == scope) entry->set = false;
}

void Vars::for_each(const std::function<void(VarName, const Value&)>& visit) const {
  for (const Entry* entry = first_; entry; entry = entry->next)
    if (entry->set) visit(entry->name, entry->value);
}

size_t Vars::bytes(Scope scope, VarName but) const {
  size_t sum = 0;
  for (const Entry* entry = first_; entry; entry = entry->next)
    if (entry->set && entry->name.scope == scope && !(entry->name == but)) sum += bytes_for(entry->value);
  return sum;
}

size_t Vars::bytes_for(const Value& value) {
  return sizeof(Entry) + (value.is_text() ? value.text.size : 0);
}

bool ProcessVars::get(VarName name, Value& value, base::Arena& arena) const {
  std::shared_lock lock(mutex_);
  const Value* found = vars_.find(name);
  if (!found) return false;
  value = *found;
  if (value.is_text()) value.text.data = arena.copy(value.view()).data();
  return true;
}

bool ProcessVars::set(VarName name, const Value& value, uint64_t limit, const VarConditions& conditions) {
  std::unique_lock lock(mutex_);
  if (!conditions.hold(Scope::proc, vars_.find(name), value)) return false;
  if (limit && vars_.bytes(Scope::proc, name) + Vars::bytes_for(value) > limit) return false;
  vars_.set(name, value, nullptr);
  return true;
}

void ProcessVars::unset(VarName name) {
  std::unique_lock lock(mutex_);
  vars_.unset(name);
}

namespace {

// tune.vars.*: what a scope may hold counts what the narrower ones hold, too.
bool fits(const config::Tune& tune, const Transaction& t, VarName name, const Value& value) {
  if (!tune.vars_sess_max_size && !tune.vars_txn_max_size && !tune.vars_reqres_max_size && !tune.vars_check_max_size)
    return true;
  auto below = [](uint64_t limit, size_t used) { return limit == 0 || used <= limit; };
  if (name.scope == Scope::check)
    return below(tune.vars_check_max_size, Vars::bytes_for(value) + t.vars.bytes(Scope::check, name));
  size_t used = Vars::bytes_for(value) + t.vars.bytes(Scope::req, name) + t.vars.bytes(Scope::res, name);
  if (name.scope >= Scope::req && !below(tune.vars_reqres_max_size, used)) return false;
  used += t.vars.bytes(Scope::txn, name);
  if (name.scope >= Scope::txn && !below(tune.vars_txn_max_size, used)) return false;
  return below(tune.vars_sess_max_size, used + t.session.vars.bytes(Scope::sess, name));
}

}  // namespace

bool get_var(const Transaction& t, VarName name, Value& value) {
  if (name.scope == Scope::proc) return t.process && t.process->vars && t.process->vars->get(name, value, t.arena);
  const Value* found = (name.scope == Scope::sess ? t.session.vars : t.vars).find(name);
  if (found) value = *found;
  return found != nullptr;
}

bool set_var(Transaction& t, VarName name, const Value& value, const VarConditions& conditions) {
  const config::Tune* tune = t.process && t.process->config ? &t.process->config->global.tune : nullptr;
  if (name.scope == Scope::proc)
    return !dry(t) && t.process && t.process->vars &&
           t.process->vars->set(name, value, tune ? tune->vars_proc_max_size : 0, conditions);
  if (!has_scope(t.health_check, name.scope)) return false;
  bool session = name.scope == Scope::sess;
  Vars& vars = session ? t.session.vars : t.vars;
  if (!conditions.none() && !conditions.hold(name.scope, vars.find(name), value)) return false;
  if (tune && !fits(*tune, t, name, value)) return false;
  vars.set(name, value, session ? nullptr : &t.arena);
  return true;
}

void unset_var(Transaction& t, VarName name) {
  if (name.scope != Scope::proc)
    (name.scope == Scope::sess ? t.session.vars : t.vars).unset(name);
  else if (t.process && t.process->vars && !dry(t))
    t.process->vars->unset(name);
}

}  // namespace lbd::expr
