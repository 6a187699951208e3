// References to stick tables in rules: the table that is named, or that of the section, and whether a key fits it.
// Thread: one load. Errors: in the diagnostics, at the word.
#pragma once

#include "lbd/expr/context.h"
#include "lbd/expr/expr.h"

namespace lbd::rules {

// `name` null: that of the section, and the error stands at `rule`. Null: reported.
const config::StickTable* find_table(expr::CompileContext& context, const cfg::Word* name, const cfg::Word& rule);

// False: the values of the expression are never keys of the table, which has been reported at `word`.
bool fits(expr::CompileContext& context, const expr::Expr& key, const config::StickTable& table, const cfg::Word& word);

}  // namespace lbd::rules
