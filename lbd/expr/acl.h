// Acl: one criterion with its patterns, "path_beg -i -f FILE /x", and the named ones of a section.
//
// Life: in the Storage of its rules. Thread: evaluate() any. Errors: at load, at the word, with suggestions; what
// HAProxy only warns of (no pattern at all) is a warning. Manual: 7.1, 7.4.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "cfg/statement.h"
#include "lbd/expr/context.h"
#include "lbd/expr/expr.h"
#include "lbd/expr/pattern.h"

namespace lbd::expr {

struct Acl {
  const Expr* expr = nullptr;
  const PatternSet* patterns = nullptr;  // null: any true (or any found) sample does
  Match match = Match::boolean;
  Type takes = Type::boolean;
  Phases valid = valid::kAll;
  std::span<const cfg::Word> constants;  // its patterns, when all are texts in the configuration
  std::string_view name;                 // "" when anonymous
  std::string_view criterion;            // as written
  cfg::Location location;
};

enum class Truth : uint8_t { no, yes, later };

Truth evaluate(const Acl& acl, Transaction& transaction);

// Whether surely no exchange satisfies both: they compare the same single value (a path, a method) with other texts.
bool exclude_each_other(const Acl& one, const Acl& other);

// The words from the criterion on; null after an error. Where it is used is checked by whoever uses it.
const Acl* parse_acl(CompileContext& context, std::span<const cfg::Word> words, Phases where,
                     std::string_view name = {});

class Acls {
 public:
  struct Named {
    cfg::Location location;  // of the first declaration
    std::vector<const Acl*> any;
    mutable bool used = false;
  };
  // `acl NAME criterion …`
  void declare(CompileContext& context, const cfg::Statement& statement, Phases where);
  const std::vector<const Acl*>* find(std::string_view name) const;
  std::vector<std::string_view> names() const;
  const std::map<std::string, Named, std::less<>>& all() const { return named_; }

 private:
  std::map<std::string, Named, std::less<>> named_;
};

// The criterion that a predefined name (HTTP, METH_GET …) stands for; empty when it is none.
std::span<const std::string_view> predefined_acl(std::string_view name);

}  // namespace lbd::expr
