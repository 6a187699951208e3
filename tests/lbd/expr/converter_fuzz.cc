// Random bytes through each converter: the first byte picks the row, the second what its arguments are taken from. What
// comes out is a value whose text can be read, and that every other type can be asked of.
// fuzz-modules: lbd/expr
// fuzz-sources: lbd/server/server.cc lbd/server/queue.cc lbd/server/permits.cc
// fuzz-sources: lbd/server/check_report.cc
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lbd/expr/expr.h"
#include "lbd/expr/log_tag.h"
#include "lbd/http/h1_parser.h"
#include "tests/lbd/expr/fuzz_exchange.h"

namespace {

using namespace lbd::expr;

// Arguments that suit one row or another; a row that takes none of them is left out.
constexpr std::string_view kArguments[] = {"",
                                           "(1)",
                                           "(-2,3)",
                                           "(txn.x)",
                                           "(2,.)",
                                           "(-1,.,0)",
                                           "(a,b)",
                                           "(8,16)",
                                           "($.a[1].b,int)",
                                           "($.a)",
                                           "(utf8s)",
                                           "(utf8ps)",
                                           "(:,2,1)",
                                           "(b*,-,g)",
                                           "(%Y%N)",
                                           "(1.2,int32)",
                                           "(1)",
                                           "(HS256,txn.x)",
                                           "(none,x)",
                                           "(sha256,a2V5)",
                                           "(128,AAAAAAAAAAAAAAAAAAAAAA==,AAAAAAAAAAAAAAAAAAAAAA==)",
                                           "(128,AAAAAAAAAAAAAAAAAAAAAA==,AAAAAAAAAAAAAAAAAAAAAA==,YQ==)",
                                           "(en;de,xx)",
                                           "(:,txn.x,y)",
                                           "(connect,username)",
                                           "(connack,17)"};

// Whether it compiles; what is wrong is no concern here.
const Expr* compile(FuzzExchange& exchange, std::string_view row, std::string_view arguments) {
  cfg::Word word{"var(sess.x)," + std::string(row) + std::string(arguments), {}};
  return parse_expr(exchange.context, word, phase::kFrontRequest);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::vector<std::string_view> rows = [] {
    std::vector<std::string_view> names;
    Converters::for_each([&](const ConverterRow& row) { names.push_back(row.name); });
    return names;
  }();
  CHECK(Converters::find("json_query"));
  if (size < 2) return 0;
  std::string_view row = rows[data[0] % rows.size()];
  if (row.starts_with("map")) return 0;  // reads files
  FuzzExchange exchange;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  for (Type type : {Type::binary, Type::string}) {
    const Expr* expr = compile(exchange, row, kArguments[data[1] % std::size(kArguments)]);
    if (!expr) return 0;
    // Of a session: memory of exactly that size, so that reading beyond its end is seen.
    exchange.session.vars.set(*parse_var_name("sess.x"), Value::of_text(bytes, type), nullptr);
    exchange.transaction.vars.set(*parse_var_name("txn.x"), Value::of_text(bytes, type), &exchange.arena);
    Value value;
    if (expr->eval(exchange.transaction, value) != Found::yes) continue;
    char room[kMaxScalarText];
    size_t zeros = 0;
    for (char c : to_text(value, room)) zeros += c == 0;
    CHECK(zeros <= to_text(value, room).size());
    for (Type to : {Type::boolean, Type::integer, Type::ipv4, Type::ipv6, Type::string, Type::binary}) {
      Value changed = value;
      (void)cast(changed, to, exchange.arena);
    }
  }
  return 0;
}
