#include "lbd/log/event.h"

namespace lbd::log {
namespace {

void send(const TargetList& targets, base::Level level, std::string_view tag, std::string_view text) {
  if (targets.empty()) return;
  base::SyslogMessage message{level, base::wall_now(), text, tag, {}};
  for (base::SyslogTarget* target : targets) target->send(message);
}

}  // namespace

void EventRing::add(base::Level level, std::string_view text) {
  std::vector<std::function<void()>> calls;
  {
    const std::lock_guard lock(mutex_);
    events_.push_back({next_++, base::wall_now(), level, std::string(text)});
    if (events_.size() > kEvents) events_.pop_front();
    calls.swap(calls_);
  }
  for (const auto& call : calls) call();
}

std::vector<EventRing::Event> EventRing::from(uint64_t number, size_t most) const {
  const std::lock_guard lock(mutex_);
  std::vector<Event> found;
  const uint64_t first = next_ - events_.size();
  for (size_t at = number > first ? number - first : 0; at < events_.size() && found.size() < most; ++at)
    found.push_back(events_[at]);
  return found;
}

uint64_t EventRing::next() const {
  const std::lock_guard lock(mutex_);
  return next_;
}

void EventRing::call_at_next(std::function<void()> call) const {
  const std::lock_guard lock(mutex_);
  calls_.push_back(std::move(call));
}

void EventLog::write(const config::Proxy& proxy, base::Level level, std::string_view text) const {
  ring_.add(level, text);
  send(targets_.of(proxy), level, proxy.log_tag.empty() ? config_.global.log_tag : proxy.log_tag, text);
}

void EventLog::write(base::Level level, std::string_view text) const {
  ring_.add(level, text);
  send(targets_.global(), level, config_.global.log_tag, text);
}

}  // namespace lbd::log
