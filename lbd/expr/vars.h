// Variables: proc.x, sess.x, txn.x, req.x, res.x, and check.x of health checks. A short list per owner; a name is known
// by its 64-bit hash, made at load, so that a look-up compares integers and no table of names is shared between
// sections.
//
// Life: a value lives as long as its owner. Those of an exchange are allocated in its arena; those of a session,
// which may see thousands of exchanges, in memory of their own that is reused when a variable is set again.
// Thread: that of the owner; ProcessVars has a lock. Manual: 2.8.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <shared_mutex>
#include <string_view>

#include "base/arena.h"

namespace lbd::expr {

struct Value;
struct Transaction;

enum class Scope : uint8_t { proc, sess, txn, req, res, check };

// What a variable is called in programs.
struct VarName {
  Scope scope = Scope::txn;
  uint64_t hash = 0;
  bool operator==(const VarName&) const = default;
};

// "txn.client_id"; nothing when it is not a scope, a dot, and letters, digits, '_', '.' or '-'.
std::optional<VarName> parse_var_name(std::string_view text);
inline constexpr std::string_view kVarScopes = "proc, sess, txn, req, res and check";
// Of an exchange or a health check, which have scopes of their own; elsewhere such a variable is never set.
bool has_scope(bool health_check, Scope scope);

// The conditions of set-var (manual 7.3.1): all that are given must hold.
class VarConditions {
 public:
  bool add(std::string_view word);  // "ifexists", "ifnotempty" … False: there is none of that name.
  bool none() const { return bits_ == 0; }
  // `current`: what it holds now, null when it is not set; those of proc. exist all the same. One that was unset does
  // not exist any more, as in HAProxy.
  bool hold(Scope scope, const Value* current, const Value& input) const;

 private:
  uint32_t bits_ = 0;
};

class Vars {
 public:
  Vars() = default;
  Vars(const Vars&) = delete;
  Vars& operator=(const Vars&) = delete;
  ~Vars();

  const Value* find(VarName name) const;
  // With an arena the text of the value is copied there; without one, to memory that this object frees.
  void set(VarName name, const Value& value, base::Arena* arena);
  void unset(VarName name);
  void unset_all(Scope scope);
  // Those that are set.
  void for_each(const std::function<void(VarName, const Value&)>& visit) const;
  // Memory of the variables of a scope as the limits of tune.vars.* count it, without that of `but`.
  size_t bytes(Scope scope, VarName but) const;
  static size_t bytes_for(const Value& value);  // of one that holds this

 private:
  struct Entry;
  Entry* first_ = nullptr;
};

// proc.: shared by all threads, set rarely. get() copies the text into the arena of the reader.
class ProcessVars {
 public:
  bool get(VarName name, Value& value, base::Arena& arena) const;
  // False: `limit` (0: none) is too low for it, or the conditions do not hold.
  bool set(VarName name, const Value& value, uint64_t limit = 0, const VarConditions& conditions = {});
  void unset(VarName name);

 private:
  mutable std::shared_mutex mutex_;
  Vars vars_;
};

// Of an exchange, whatever the scope. Text of a proc. variable is copied into the arena of the exchange.
bool get_var(const Transaction& transaction, VarName name, Value& value);
// False: it does not fit into what tune.vars.* allow, or the conditions do not hold; nothing is changed then.
bool set_var(Transaction& transaction, VarName name, const Value& value, const VarConditions& conditions = {});
void unset_var(Transaction& transaction, VarName name);

}  // namespace lbd::expr
