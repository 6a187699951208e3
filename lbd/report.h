// Messages of the start: diagnostics and alerts on standard error in HAProxy's form,
//   [ALERT]    (123) : config : parsing [haproxy.cfg:3] : unknown word 'maxcon' in section 'frontend'
//      |     3 |     maxcon 100
// after a first pair of notices that name version and program. Thread: the main thread before others start.
#pragma once

#include <string>
#include <string_view>

#include "base/log.h"
#include "cfg/diag.h"

namespace lbd {

class Report {
 public:
  explicit Report(std::string executable) : executable_(std::move(executable)) {}

  // Nothing is said any more (-q; the worker of a master that has said it).
  void silence() { silent_ = true; }
  void say(base::Level level, std::string_view text);
  // All that was said, or would have been.
  const std::string& said() const { return said_; }
  // Those of at least `least`.
  void diagnostics(const cfg::Diagnostics& diagnostics, cfg::Severity least);

 private:
  std::string executable_, said_;
  bool introduced_ = false, silent_ = false;
};

}  // namespace lbd
