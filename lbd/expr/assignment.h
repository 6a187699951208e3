// Assignment: `set-var(NAME[,CONDITION…]) EXPRESSION`, `set-var-fmt(…) FORMAT` and `unset-var(NAME)`, as rules and
// health checks know them. The name of the word is read here; expression or format are the caller's, who knows where it
// stands.
//
// Life: in the Storage of its program. Thread: any. Errors: at load, at the word; at run time what has no value, does
// not fit into tune.vars.*, or does not meet the conditions is not set. Manual: 4.2 http-request set-var.
#pragma once

#include <string_view>

#include "cfg/words.h"
#include "lbd/expr/context.h"
#include "lbd/expr/expr.h"
#include "lbd/expr/logformat.h"
#include "lbd/expr/vars.h"

namespace lbd::expr {

struct Assignment {
  std::string_view text;  // the name as written
  VarName name;
  VarConditions conditions;
  const Expr* expression = nullptr;  // one of the two; neither: it is unset
  const LogFormat* format = nullptr;

  void run(Transaction& transaction) const;
};

// The name in the brackets of the word, and conditions where there may be some. False: something was reported.
bool parse_variable(CompileContext& context, const cfg::Word& word, std::string_view bracket, bool may_have_conditions,
                    bool health_check, Assignment& assignment);

}  // namespace lbd::expr
