// TraceLog: the lines of an exchange that `http-request trace` watches go to the log of its frontend, at level info,
// each with the number of the exchange in front. Owner: the stream. Thread: the worker's. Errors: see AccessLog.
#pragma once

#include "lbd/expr/trace.h"
#include "lbd/log/access.h"

namespace lbd::log {

class TraceLog final : public expr::Trace {
 public:
  TraceLog(const AccessLog& log, expr::Transaction& transaction) : log_(log), transaction_(transaction) {}
  void line(Depth depth, std::string_view text) override {
    log_.tell(base::Level::info,
              fmt::format("trace {:x}: {:{}}{}", transaction_.id, "", 2 * static_cast<int>(depth), text), transaction_);
  }

 private:
  const AccessLog& log_;
  expr::Transaction& transaction_;
};

}  // namespace lbd::log
