// Condition: what stands behind `if` and `unless`: ACL names and anonymous ACLs, joined by blanks (and), `or`, `||`,
// negated by `!`. Compiled to a flat list of alternatives; the same named ACL declared several times is an or.
//
// Life: in the Storage of its rules. Thread: any. Evaluation stops at the first alternative that holds; `wait` when
// what is not there yet could still decide. Errors: at load, at the word, with suggestions. Manual: 7.1, 7.2.
#pragma once

#include <vector>

#include "cfg/statement.h"
#include "lbd/expr/acl.h"
#include "lbd/expr/context.h"

namespace lbd::expr {

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
