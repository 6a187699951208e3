// Expr: a sample expression, "req.hdr(host),lower,field(1,:)", compiled to a linear program: one fetch, then
// converters, each with its arguments resolved and the cast that it needs known. What is constant is computed at load.
//
// Life: in the Storage of its rules. Thread: any. Cost: no allocation but text that a converter makes, in the arena
// of the exchange. Errors: load errors point at the character; at run time a sample is there or not. Manual: 7.3.
#pragma once

#include <span>
#include <string_view>

#include "lbd/expr/context.h"
#include "lbd/expr/row.h"

namespace lbd::expr {

class Expr {
 public:
  // One value: the last or first that there is, as the fetch documents.
  Found eval(Transaction& transaction, Value& out) const {
    Cursor cursor;
    return step(transaction, cursor, out);
  }
  // The same, cast; Found::no when the cast is impossible.
  Found eval_as(Type type, Transaction& transaction, Value& out) const {
    Found found = eval(transaction, out);
    if (found == Found::yes && !cast(out, type, transaction.arena)) return Found::no;
    return found;
  }
  // All values in turn (cursor.iterate set by the caller); go on while cursor.more.
  Found step(Transaction& transaction, Cursor& cursor, Value& out) const;

  Type type() const { return type_; }
  bool is_constant() const { return fetch_.row == nullptr; }
  const Value& constant() const { return constant_; }
  const FetchRow* fetch() const { return fetch_.row; }
  bool has_converters() const { return !steps_.empty(); }
  // Where all that it reads exists.
  Phases valid() const { return valid_; }
  std::string_view text() const { return text_; }

 private:
  friend class ExprParser;
  struct Step {
    ConverterCall call;
    Type in;
  };
  FetchCall fetch_;
  std::span<const Step> steps_;
  Value constant_;
  Type type_ = Type::string;
  Phases valid_ = valid::kAll;
  std::string_view text_;
};

// Reads an expression from `text` on, up to the first character that does not belong to it. Null: reported. `where` is
// where it will run; `misplaced_is_error` false leaves the check of the phase to the caller (conditions only warn).
// A fetch given by the caller (an ACL word that stands for one) takes the place of the name that is read.
const Expr* parse_expr(CompileContext& context, Text& text, Phases where, bool misplaced_is_error = true,
                       const FetchRow* fetch = nullptr);
// The whole word.
const Expr* parse_expr(CompileContext& context, const cfg::Word& word, Phases where);

// The name of a fetch or converter at the head of the text.
std::string_view leading_name(std::string_view text);

}  // namespace lbd::expr
