#include <gtest/gtest.h>

#include "lbd/expr/logformat_parser.h"

namespace lbd::expr {
namespace {

class LogFormatTest : public testing::Test {
 protected:
  std::string print(std::string text, Phases where, TextFor use) {
    cfg::Word word{std::move(text), {}};
    CompileContext context(config_, proxy_, storage_, diagnostics_);
    LogFormat format = parse_logformat(context, *storage_.make<cfg::Word>(word), where, use);
    EXPECT_FALSE(diagnostics_.has_errors()) << diagnostics_.render();
    transaction_.payload = "a\r\nb: c\td\x7f\"";
    transaction_.request = &head_;
    return std::string(format.print(transaction_));
  }
  config::Config config_;
  config::Proxy proxy_;
  Storage storage_;
  cfg::Diagnostics diagnostics_;
  Session session_;
  base::BlockPool pool_{4096, 4};
  base::Arena arena_{pool_};
  http::Head head_{arena_};
  Transaction transaction_{session_, arena_};
};

// As HAProxy 2.6.12 prints them.
TEST_F(LogFormatTest, NoValueEndsAHeaderLine) {
  Phases where = phase::kFrontRequest;
  EXPECT_EQ(print("x %[req.body]", where, TextFor::message), "x a%0D%0Ab: c\td%7F\"");
  EXPECT_EQ(print("%{+Q}[req.body]", where, TextFor::message), "a%0D%0Ab: c\td%7F\"");
  EXPECT_EQ(print("%{+E}[req.body]", where, TextFor::message), "a%0D%0Ab: c\td%7F\\\"");
  EXPECT_EQ(print("%[req.body]", where, TextFor::variable), "a\r\nb: c\td\x7f\"");
  EXPECT_EQ(print("[%[var(txn.none)]]", where, TextFor::message), "[]");
}

}  // namespace
}  // namespace lbd::expr
