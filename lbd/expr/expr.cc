#include "lbd/expr/expr.h"

#include <fmt/format.h>

#include "base/strings.h"
#include "cfg/suggest.h"
#include "lbd/expr/args.h"

namespace lbd::expr {

namespace {

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || base::is_digit(c) || c == '.' || c == '_' || c == '-' ||
         c == '+';
}

template <typename Row>
std::string near_row(std::string_view name) {
  std::vector<std::string_view> known;
  base::Registered<Row>::for_each([&](const Row& row) { known.push_back(row.name); });
  return cfg::did_you_mean(name, known);
}

}  // namespace

std::string_view leading_name(std::string_view text) {
  size_t end = 0;
  while (end < text.size() && is_name_char(text[end])) ++end;
  return text.substr(0, end);
}

Found Expr::step(Transaction& transaction, Cursor& cursor, Value& out) const {
  if (!fetch_.row) {
    out = constant_;
    return Found::yes;
  }
  Found found = fetch_.row->run(fetch_, transaction, cursor, out);
  if (found != Found::yes) return found;
  for (const Step& step : steps_) {
    if (out.type != step.in && step.in != Type::any && !cast(out, step.in, transaction.arena)) return Found::no;
    if (!step.call.row->run(step.call, transaction, out)) return Found::no;
  }
  return Found::yes;
}

class ExprParser {
 public:
  ExprParser(CompileContext& context, Text& text, Phases where) : context_(context), text_(text), where_(where) {}

  const Expr* parse(bool misplaced_is_error, const FetchRow* given) {
    size_t start = text_.at;
    if (!parse_fetch(given)) return nullptr;
    if (misplaced_is_error && !(expr_.valid_ & where_)) {
      context_.error(text_.location(start, text_.at - start),
                     fmt::format("'{}' does not exist in a {}", expr_.fetch_.row->name, name_of_phase(where_)));
      return nullptr;
    }
    while (text_.peek() == ',') {
      ++text_.at;
      if (!parse_converter()) return nullptr;
    }
    expr_.text_ = context_.storage.copy(text_.all.substr(start, text_.at - start));
    return finish();
  }

 private:
  template <typename Row>
  bool parse_call(std::string_view kind, const Row& row, size_t at, Call<Row>& call) {
    std::vector<RawArg> raw;
    if (text_.peek() == '(' && !split_args(context_, text_, raw)) return false;
    std::span<Arg> args;
    call.row = &row;
    call.response = is_response(where_) && !(where_ & valid::kRequest);
    call.args = resolve_args(context_, text_, kind, row.name, row.args, raw, at, where_, args);
    if (!call.args) return false;
    if (!row.prepare) return true;
    Prepare prepare{context_, args, where_, call.response, &call.data, {}, text_.location(at)};
    if (row.prepare(prepare)) return true;
    context_.error(text_.location(at, text_.at - at), fmt::format("{} '{}': {}", kind, row.name, prepare.error));
    return false;
  }

  bool parse_fetch(const FetchRow* given) {
    size_t at = text_.at;
    std::string_view name = leading_name(text_.rest());
    const FetchRow* row = given ? given : Fetches::find(name);
    if (!row) {
      if (name.empty())
        context_.error(text_.location(at), "the name of a sample fetch is missing");
      else
        context_.error(text_.location(at, name.size()), fmt::format("unknown sample fetch '{}'", name),
                       near_row<FetchRow>(name));
      return false;
    }
    text_.at += name.size();
    if (!parse_call("sample fetch", *row, at, expr_.fetch_)) return false;
    expr_.valid_ = row->valid;
    expr_.type_ = row->out;
    foldable_ = row->constant;
    return true;
  }

  bool parse_converter() {
    size_t at = text_.at;
    std::string_view name = leading_name(text_.rest());
    const ConverterRow* row = Converters::find(name);
    if (!row) {
      if (name.empty())
        context_.error(text_.location(at), "the name of a converter is missing after ','");
      else
        context_.error(text_.location(at, name.size()), fmt::format("unknown converter '{}'", name),
                       near_row<ConverterRow>(name));
      return false;
    }
    if (!castable(expr_.type_, row->in)) {
      context_.error(text_.location(at, name.size()),
                     fmt::format("converter '{}' takes type {} and cannot be applied to type {}", name,
                                 name_of(row->in), name_of(expr_.type_)));
      return false;
    }
    text_.at += name.size();
    Expr::Step step{.call = {}, .in = row->in};
    if (!parse_call("converter", *row, at, step.call)) return false;
    steps_.push_back(step);
    // What takes anything and gives anything lets it through: the type stays.
    if (row->out != Type::any || row->in != Type::any) expr_.type_ = row->out;
    foldable_ = foldable_ && row->pure;
    for (size_t i = 0; i < kMaxArgs; ++i)
      if (step.call.arg(i).kind == ArgKind::var || step.call.arg(i).is_var) foldable_ = false;
    return true;
  }

  const Expr* finish() {
    auto* made = context_.storage.make<Expr>(expr_);
    size_t bytes = sizeof(Expr::Step) * steps_.size();
    auto* steps = static_cast<Expr::Step*>(context_.storage.arena().alloc(bytes, alignof(Expr::Step)));
    std::copy(steps_.begin(), steps_.end(), steps);
    made->steps_ = {steps, steps_.size()};
    if (!foldable_) return made;
    // What the fold makes lives in the arena of the storage, as long as the program.
    Session session;
    Transaction scratch(session, context_.storage.arena());
    Cursor cursor;
    Value value;
    if (made->step(scratch, cursor, value) != Found::yes) return made;
    made->constant_ = value;
    made->fetch_.row = nullptr;
    made->steps_ = {};
    return made;
  }

  CompileContext& context_;
  Text& text_;
  Phases where_;
  Expr expr_;
  std::vector<Expr::Step> steps_;
  bool foldable_ = false;
};

const Expr* parse_expr(CompileContext& context, Text& text, Phases where, bool misplaced_is_error,
                       const FetchRow* fetch) {
  return ExprParser(context, text, where).parse(misplaced_is_error, fetch);
}

const Expr* parse_expr(CompileContext& context, const cfg::Word& word, Phases where) {
  Text text(word);
  const Expr* expr = parse_expr(context, text, where);
  if (expr && !text.done()) {
    context.error(text.location(text.at, text.rest().size()),
                  fmt::format("'{}' does not belong to the sample expression", text.rest()));
    return nullptr;
  }
  return expr;
}

}  // namespace lbd::expr
