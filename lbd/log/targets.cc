#include "lbd/log/targets.h"

#include <fmt/format.h>

#include <algorithm>

namespace lbd::log {

base::Result<base::SyslogOptions> syslog_options(const config::LogTarget& line) {
  base::SyslogOptions options;
  options.address = line.target;
  if (line.target.starts_with("ring@"))
    return base::Err(fmt::format("log target '{}': rings are not known yet", line.target));
  auto facility = base::parse_facility(line.facility);
  if (!facility) return base::Err(fmt::format("unknown log facility '{}'", line.facility));
  options.facility = *facility;
  if (!line.format.empty()) {
    auto format = base::parse_log_format(line.format);
    if (!format) return base::Err(fmt::format("unknown log format '{}'", line.format));
    options.format = *format;
  }
  options.level = static_cast<base::Level>(std::clamp(line.level, 0, 7));
  options.min_level = static_cast<base::Level>(std::clamp(line.min_level, 0, 7));
  options.length = line.length;
  if (line.sample_size)
    options.sample = TRY(base::LogSample::parse(fmt::format("{}:{}", line.sample_ranges, line.sample_size)));
  return options;
}

LogTargets::LogTargets(const config::Config& config, cfg::Diagnostics& diagnostics) {
  global_ = open(config.global.logs, diagnostics);
  for (const auto& proxy : config.proxies) {
    TargetList targets = open(proxy->logs, diagnostics);
    if (proxy->log_global) targets.insert(targets.end(), global_.begin(), global_.end());
    of_proxy_.emplace(proxy.get(), std::move(targets));
  }
}

TargetList LogTargets::open(const std::vector<config::LogTarget>& lines, cfg::Diagnostics& diagnostics) {
  TargetList targets;
  for (const config::LogTarget& line : lines) {
    auto options = syslog_options(line);
    if (!options) {
      diagnostics.error(line.location, options.error().text);
      continue;
    }
    auto target = base::SyslogTarget::open(*options);
    if (!target) {
      diagnostics.error(line.location, target.error().text);
      continue;
    }
    targets.push_back(target->get());
    opened_.push_back(std::move(*target));
  }
  return targets;
}

const TargetList& LogTargets::of(const config::Proxy& proxy) const {
  static const TargetList kNone;
  auto it = of_proxy_.find(&proxy);
  return it == of_proxy_.end() ? kNone : it->second;
}

uint64_t LogTargets::dropped() const {
  uint64_t total = 0;
  for (const auto& target : opened_) total += target->dropped();
  return total;
}

}  // namespace lbd::log
