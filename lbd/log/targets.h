// LogTargets: the opened `log` lines of a configuration, and the rings that some of them name. `log global` shares the
// targets of the global section.
//
// Life: opened by the main thread before privileges are dropped, as long as the process. Thread: lists are immutable;
// SyslogTarget::send() is for any. Errors: a target that cannot be opened is a diagnostic at its line.
// Manual: 3.1 log, 4.2 log.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "base/log.h"
#include "cfg/diag.h"
#include "lbd/config/config.h"
#include "lbd/log/ring.h"

namespace lbd::log {

using TargetList = std::vector<base::SyslogTarget*>;

class LogTargets {
 public:
  LogTargets(const config::Config& config, cfg::Diagnostics& diagnostics);

  const TargetList& global() const { return global_; }
  // Of a section: its own lines, and those of the global section when it says `log global`.
  const TargetList& of(const config::Proxy& proxy) const;
  const TargetList& of(const config::LogForward& section) const;
  // Those of the `ring` sections, in their order.
  const std::vector<std::unique_ptr<Ring>>& rings() const { return rings_; }
  // Lines that the kernel did not take, of all targets.
  uint64_t dropped() const;

 private:
  TargetList open(const std::vector<config::LogTarget>& lines, cfg::Diagnostics& diagnostics);
  base::Result<std::unique_ptr<base::SyslogTarget>> open(const config::LogTarget& line) const;

  std::vector<std::unique_ptr<Ring>> rings_;
  std::vector<base::LogFormat> ring_formats_;
  std::vector<std::unique_ptr<base::SyslogTarget>> opened_;
  TargetList global_;
  std::unordered_map<const void*, TargetList> of_section_;  // proxies and log-forward sections
};

// The options of base's target for a `log` line whose target is no ring; an Error for what it cannot do.
base::Result<base::SyslogOptions> syslog_options(const config::LogTarget& line);

}  // namespace lbd::log
