// Trace: who is told, step by step, how an exchange is decided: each rule that is looked at, the samples of its
// condition, what its action changed, the backend, the server. The exchange itself runs as it always does; a trace
// only listens, so what it tells is what happened. Without one (the usual case) each place costs one comparison.
//
// Owner: whoever explains (lbd/explain), or the site whose log gets the lines of `http-request trace`. Life: longer
// than the exchange. Thread: that of the exchange. Errors: none.
#pragma once

#include <fmt/format.h>

#include <string_view>

#include "cfg/diag.h"
#include "lbd/expr/transaction.h"
#include "lbd/expr/value.h"

namespace lbd::expr {

class Trace {
 public:
  // How far a line stands in: what the line above it consists of.
  enum class Depth : uint8_t { section, rule, detail };

  virtual ~Trace() = default;
  virtual void line(Depth depth, std::string_view text) = 0;
  template <typename... Args>
  void say(Depth depth, fmt::format_string<Args...> format, Args&&... args) {
    line(depth, fmt::format(format, std::forward<Args>(args)...));
  }

  // Nothing that outlives the exchange may change: it is only asked what would happen.
  virtual bool dry() const { return false; }
  // The exchange has ended.
  virtual void over(const Transaction&) {}
};

// Whether what would outlast this exchange is to be left alone.
inline bool dry(const Transaction& transaction) {
  return transaction.trace && transaction.trace->dry();
}

// Quoted when it is text, at most a line long, control bytes and what is not ASCII as \xNN.
std::string shown(const Value& value);
std::string shown(std::string_view text);
// "haproxy.cfg:12"
std::string shown(const cfg::Location& where);

}  // namespace lbd::expr
