#include "cfg/environment.h"

#include <unistd.h>

#include <algorithm>

namespace cfg {

Environment Environment::of_process() {
  Environment out;
  for (char** entry = environ; entry && *entry; ++entry) {
    std::string_view pair = *entry;
    size_t equals = pair.find('=');
    if (equals != std::string_view::npos) out.set(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return out;
}

std::optional<std::string_view> Environment::get(std::string_view name) const {
  auto it = values_.find(name);
  if (it == values_.end()) return std::nullopt;
  return it->second;
}

void Environment::set(std::string_view name, std::string_view value) {
  values_.insert_or_assign(std::string(name), std::string(value));
}

void Environment::unset(std::string_view name) {
  auto it = values_.find(name);
  if (it != values_.end()) values_.erase(it);
}

void Environment::reset(const std::vector<std::string_view>& keep) {
  std::erase_if(values_,
                [&](const auto& pair) { return std::find(keep.begin(), keep.end(), pair.first) == keep.end(); });
}

}  // namespace cfg
