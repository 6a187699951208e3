// Condition: what stands behind `if` and `unless`: ACL names and anonymous ACLs, joined by blanks (and), `or`, `||`,
// negated by `!`. Compiled to a flat list of alternatives; the same named ACL declared several times is an or.
//
// Life: in the Storage of its rules. Thread: any. Evaluation stops at the first alternative that holds; `wait` when
// what is not there yet could still decide. Errors: at load, at the word, with suggestions. Manual: 7.1, 7.2.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cfg/statement.h"
#include "lbd/expr/context.h"
#include "lbd/expr/expr.h"
#include "lbd/expr/pattern.h"

namespace lbd::expr {

// One criterion with its patterns.
struct Acl {
  const Expr* expr = nullptr;
  const PatternSet* patterns = nullptr;  // null: any true (or any found) sample does
  Match match = Match::boolean;
  Type takes = Type::boolean;
  Phases valid = valid::kAll;
  std::string_view name;       // "" when anonymous
  std::string_view criterion;  // as written
  cfg::Location location;
};

enum class Truth : uint8_t { no, yes, later };

class Acls {
 public:
  // `acl NAME criterion …`
  void declare(CompileContext& context, const cfg::Statement& statement, Phases where);
  const std::vector<const Acl*>* find(std::string_view name) const;
  std::vector<std::string_view> names() const;

 private:
  std::map<std::string, std::vector<const Acl*>, std::less<>> named_;
};

class Condition {
 public:
  // The words from `from` on, `if` or `unless` first; null when there are none, or after an error.
  static const Condition* parse(CompileContext& context, const Acls& acls, const cfg::Statement& statement, size_t from,
                                Phases where);
  Truth evaluate(Transaction& transaction) const;
  bool always() const { return always_; }

 private:
  struct Term {
    bool negated;
    std::vector<const Acl*> any;  // one of them
  };
  std::vector<std::vector<Term>> alternatives_;
  bool unless_ = false;
  bool always_ = false;
};

// Whether a rule with this condition (null: none) applies now.
inline Truth holds(const Condition* condition, Transaction& transaction) {
  return condition ? condition->evaluate(transaction) : Truth::yes;
}

}  // namespace lbd::expr
