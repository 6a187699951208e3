#include "lbd/log/targets.h"

#include <fmt/format.h>

#include <algorithm>

namespace lbd::log {

base::Result<base::SyslogOptions> syslog_options(const config::LogTarget& line) {
  base::SyslogOptions options;
  options.address = line.target;
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
  for (const config::Ring& ring : config.rings) {
    std::unique_ptr<RingFile> file;
    if (!ring.file.empty()) {
      auto made = RingFile::create(ring.file, ring.size);
      if (made)
        file = std::move(*made);
      else
        diagnostics.error(ring.location, fmt::format("cannot open backing-file '{}' for ring '{}': {}.", ring.file,
                                                     ring.name, made.error().text));
    }
    rings_.push_back(std::make_unique<Ring>(Ring::Options{.name = ring.name,
                                                          .description = ring.description,
                                                          .size = ring.size,
                                                          .most_of_a_line = ring.most_of_a_line},
                                            std::move(file)));
    ring_formats_.push_back(base::parse_log_format(ring.format).value_or(base::LogFormat::raw));
  }
  global_ = open(config.global.logs, diagnostics);
  const auto add = [&](const auto& section) {
    TargetList targets = open(section.logs, diagnostics);
    if (section.log_global) targets.insert(targets.end(), global_.begin(), global_.end());
    of_section_.emplace(&section, std::move(targets));
  };
  for (const auto& proxy : config.proxies) add(*proxy);
  for (const config::LogForward& section : config.log_forwards) add(section);
}

base::Result<std::unique_ptr<base::SyslogTarget>> LogTargets::open(const config::LogTarget& line) const {
  base::SyslogOptions options = TRY(syslog_options(line));
  constexpr std::string_view kRing = "ring@";
  if (std::string_view name = line.target; name.starts_with(kRing)) {
    name.remove_prefix(kRing.size());
    const auto found =
        std::find_if(rings_.begin(), rings_.end(), [&](const auto& ring) { return ring->options().name == name; });
    if (found == rings_.end()) return base::Err(fmt::format("there is no ring '{}'", name));
    options.sink = found->get();
    // Whatever the `log` line says.
    options.format = ring_formats_[static_cast<size_t>(found - rings_.begin())];
  }
  return base::SyslogTarget::open(std::move(options));
}

TargetList LogTargets::open(const std::vector<config::LogTarget>& lines, cfg::Diagnostics& diagnostics) {
  TargetList targets;
  for (const config::LogTarget& line : lines) {
    auto target = open(line);
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
  auto it = of_section_.find(&proxy);
  return it == of_section_.end() ? kNone : it->second;
}

const TargetList& LogTargets::of(const config::LogForward& section) const {
  return of_section_.at(&section);
}

uint64_t LogTargets::dropped() const {
  uint64_t total = 0;
  for (const auto& target : opened_) total += target->dropped();
  return total;
}

}  // namespace lbd::log
