// Any text as a log format: what compiles is printed, into all sorts of room, without a byte too many.
// fuzz-modules: lbd/expr
// fuzz-sources: lbd/server/server.cc lbd/server/queue.cc lbd/server/permits.cc
// fuzz-sources: lbd/server/check_report.cc
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "lbd/expr/log_tag.h"
#include "lbd/expr/logformat_parser.h"
#include "tests/lbd/expr/fuzz_exchange.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lbd::expr;
  CHECK(LogTags::find("ci"));
  std::string_view text(reinterpret_cast<const char*>(data), std::min<size_t>(size, 2000));
  FuzzExchange exchange;
  for (TextFor use : {TextFor::log, TextFor::message, TextFor::variable}) {
    for (Phases where : {use == TextFor::log ? phase::kLog : phase::kFrontRequest, phase::kCheck}) {
      LogFormat format = parse_logformat(exchange.context, text, where, use);
      Transaction& transaction = exchange.transaction_of(where);
      std::string_view whole = format.print(transaction);
      for (size_t room : {0, 1, 7, 64, 4000}) {
        std::string to(room + 1, '\x7e');
        size_t written = format.print(transaction, to.data(), room);
        CHECK(written <= room);
        CHECK(to[room] == '\x7e');
      }
      if (use == TextFor::message && format.is_constant()) CHECK(whole == format.constant());
    }
  }
  return 0;
}
