// Any text as a sample expression, as a condition and as patterns: compiled, and what compiles is run on a request, on
// a response, and on what no client began. Never a crash, never a hang, never memory without bound.
// fuzz-modules: lbd/expr
// fuzz-sources: lbd/server/server.cc lbd/server/queue.cc lbd/server/permits.cc
// fuzz-sources: lbd/server/check_report.cc
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "lbd/expr/condition.h"
#include "lbd/expr/expr.h"
#include "lbd/expr/log_tag.h"
#include "lbd/http/h1_parser.h"
#include "tests/lbd/expr/fuzz_exchange.h"

namespace {

using namespace lbd::expr;

cfg::Statement words_of(std::string_view text) {
  cfg::Statement statement;
  for (size_t at = 0; at <= text.size();) {
    size_t blank = std::min(text.find(' ', at), text.size());
    if (blank > at) statement.words.push_back({std::string(text.substr(at, blank - at)), {}});
    at = blank + 1;
  }
  return statement;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  CHECK(Fetches::find("req.hdr"));
  CHECK(Converters::find("lower"));
  std::string_view text(reinterpret_cast<const char*>(data), std::min<size_t>(size, 2000));
  FuzzExchange exchange;
  for (Phases where : {phase::kFrontRequest, phase::kBackResponse, phase::kFrontContent, phase::kCheck, phase::kCli}) {
    Transaction& transaction = exchange.transaction_of(where);
    cfg::Word word{std::string(text), {}};
    if (const Expr* expr = parse_expr(exchange.context, word, where)) {
      Value value;
      char scalar[kMaxScalarText];
      if (expr->eval(transaction, value) == Found::yes) (void)to_text(value, scalar);
      Cursor cursor;
      cursor.iterate = true;
      for (int i = 0; i < 1000; ++i) {
        cursor.more = false;
        if (expr->step(transaction, cursor, value) != Found::yes || !cursor.more) break;
      }
    }
    cfg::Statement condition = words_of("if " + std::string(text));
    Acls acls;
    if (const Condition* made = Condition::parse(exchange.context, acls, condition, 0, where))
      (void)made->evaluate(transaction);
  }
  return 0;
}
