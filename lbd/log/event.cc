#include "lbd/log/event.h"

namespace lbd::log {
namespace {

void send(const TargetList& targets, base::Level level, std::string_view tag, std::string_view text) {
  if (targets.empty()) return;
  base::SyslogMessage message{level, base::wall_now(), text, tag, {}};
  for (base::SyslogTarget* target : targets) target->send(message);
}

}  // namespace

void EventLog::keep(base::Level level, std::string_view text) const {
  base::SyslogOptions options;
  options.format = base::LogFormat::timed;
  std::string header;
  base::SyslogTarget::append_header(header, options, base::syslog_identity(),
                                    {.level = level, .when = base::wall_now()});
  ring_.put(header, text);
}

void EventLog::write(const config::Proxy& proxy, base::Level level, std::string_view text) const {
  keep(level, text);
  send(targets_.of(proxy), level, proxy.log_tag.empty() ? config_.global.log_tag : proxy.log_tag, text);
}

void EventLog::write(base::Level level, std::string_view text) const {
  keep(level, text);
  send(targets_.global(), level, config_.global.log_tag, text);
}

}  // namespace lbd::log
