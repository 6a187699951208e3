// set-log-level: how urgent the line of this exchange is, or that there is none.
#include <fmt/core.h>

#include "base/log.h"
#include "lbd/rules/action.h"

namespace lbd::rules {
namespace {

class SetLogLevel final : public Action {
 public:
  explicit SetLogLevel(int level) : level_(level) {}
  Verdict run(expr::Transaction& t, Outcome&) const override {
    t.log_level = level_;
    return Verdict::next;
  }

 private:
  int level_;
};

const Action* parse_level(Parse& parse) {
  const cfg::Word* word = parse.take("a level or 'silent'");
  if (!word) return nullptr;
  if (*word == "silent") return parse.context.storage.make<SetLogLevel>(-1);
  auto level = base::parse_level(word->text);
  if (!level) {
    parse.error(fmt::format("'{}' is not a log level", word->text),
                "emerg, alert, crit, err, warning, notice, info, debug, silent");
    return nullptr;
  }
  return parse.context.storage.make<SetLogLevel>(static_cast<int>(*level));
}

constexpr ActionRow kRows[] = {
    {"set-log-level", "Sets the level of the log line, or 'silent'.",
     set::kHttpRequest | set::kHttpResponse | set::kTcpContent | set::kTcpResponse, false, parse_level},
};
const base::Registered<ActionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::rules
