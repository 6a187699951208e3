// Names: texts that are met often, as numbers; a bounded number of them. Life: that of its owner. Thread: one.
// Errors: a name beyond the bound has no number.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace replica {

class Names {
 public:
  static constexpr size_t kMost = 4096;
  static constexpr size_t kLongest = 1024;

  std::optional<uint32_t> number(std::string_view name) {
    if (auto known = numbers_.find(name); known != numbers_.end()) return known->second;
    if (all_.size() >= kMost || name.empty() || name.size() > kLongest) return std::nullopt;
    const auto number = static_cast<uint32_t>(all_.size());
    numbers_.emplace(all_.emplace_back(name), number);
    return number;
  }
  const std::string& operator[](uint32_t number) const { return all_[number]; }
  size_t size() const { return all_.size(); }

 private:
  std::deque<std::string> all_;  // which do not move
  std::unordered_map<std::string_view, uint32_t> numbers_;
};

}  // namespace replica
