#include "lbd/log/ring.h"

#include <algorithm>

namespace lbd::log {

bool Ring::put(std::string_view header, std::string_view text) {
  std::string line(header.substr(0, options_.most_of_a_line));
  line += text.substr(0, options_.most_of_a_line - line.size());
  if (line.size() > options_.size) return false;
  std::vector<std::function<void()>> calls;
  {
    const std::lock_guard lock(mutex_);
    if (file_) file_->put(line);
    bytes_ += line.size();
    lines_.push_back(std::move(line));
    ++next_;
    while (bytes_ > options_.size || lines_.size() > options_.size / sizeof(std::string)) {
      bytes_ -= lines_.front().size();
      lines_.pop_front();
    }
    calls.swap(calls_);
  }
  for (const auto& call : calls) call();
  return true;
}

std::vector<Ring::Line> Ring::from(uint64_t number, size_t most) const {
  const std::lock_guard lock(mutex_);
  std::vector<Line> found;
  const uint64_t first = next_ - lines_.size();
  for (uint64_t at = std::max(number, first); at < next_ && found.size() < most; ++at)
    found.push_back({at, lines_[at - first]});
  return found;
}

uint64_t Ring::next() const {
  const std::lock_guard lock(mutex_);
  return next_;
}

void Ring::call_at(uint64_t number, std::function<void()> call) const {
  {
    const std::lock_guard lock(mutex_);
    if (next_ <= number) return calls_.push_back(std::move(call));
  }
  call();
}

}  // namespace lbd::log
