// Environment: the variables that a configuration may read and, in `global`, change (setenv, presetenv, unsetenv,
// resetenv). It starts as a copy of the process's own and changes nothing outside: whoever starts programs hands
// them this one, so that parsing has no effect on the process.
// Thread: one load. Errors: none. HAProxy manual 2.3.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cfg {

class Environment {
 public:
  Environment() = default;
  static Environment of_process();

  std::optional<std::string_view> get(std::string_view name) const;
  void set(std::string_view name, std::string_view value);
  void unset(std::string_view name);
  // Forgets all but these.
  void reset(const std::vector<std::string_view>& keep);
  const std::map<std::string, std::string, std::less<>>& all() const { return values_; }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace cfg
