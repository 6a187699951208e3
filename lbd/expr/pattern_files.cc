#include "lbd/expr/pattern_files.h"

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/fd.h"
#include "base/strings.h"
#include "lbd/expr/context.h"

namespace lbd::expr {
namespace {

constexpr size_t kLargestFile = size_t{1} << 32;

// The part of the name that says which list it is.
std::string_view identity(std::string_view name) {
  for (std::string_view prefix : {"file@", "opt@"})
    if (name.starts_with(prefix)) return name.substr(prefix.size());
  return name;
}

}  // namespace

PatternFiles& CompileContext::pattern_files() {
  if (!files_) files_ = storage.make<PatternFiles>();
  return *files_;
}

PatternRef* PatternFiles::open(std::string_view name, bool is_map, std::string& error) {
  std::string key(identity(name));
  if (auto known = by_name_.find(key); known != by_name_.end()) {
    if (known->second->is_map() == is_map) return known->second;
    error = fmt::format("the file '{}' is already used as a {}", key, is_map ? "list of patterns" : "map");
    return nullptr;
  }
  auto made = std::make_unique<PatternRef>(key, is_map, grace_);
  bool on_disk = !name.starts_with("virt@") && !(name.starts_with("opt@") && ::access(key.c_str(), F_OK) < 0);
  if (on_disk) {
    auto content = base::read_file(key, kLargestFile);
    if (!content) {
      error = fmt::format("cannot read patterns: {}", content.error().text);
      return nullptr;
    }
    struct stat facts;
    if (::stat(key.c_str(), &facts) == 0)
      made->set_file_time(static_cast<uint64_t>(facts.st_mtim.tv_sec) * 1'000'000 +
                          static_cast<uint64_t>(facts.st_mtim.tv_nsec) / 1000);
    error = made->load(*content);
    if (!error.empty()) return nullptr;
  }
  by_name_.emplace(key, made.get());
  lists_.push_back(std::move(made));
  return lists_.back().get();
}

PatternRef& PatternFiles::make_list() {
  lists_.push_back(std::make_unique<PatternRef>("", false, grace_));
  return *lists_.back();
}

bool PatternFiles::claim_number(PatternRef& list, uint32_t number) {
  return claimed_.emplace(number, &list).second;
}

const PatternFiles::Target& PatternFiles::target(std::string_view name, const cfg::Location& rule) {
  Target& target = targets_[std::string(identity(name))];
  target.rules.push_back(rule);
  return target;
}

void PatternFiles::finish(cfg::Diagnostics& diagnostics) {
  for (auto& [name, target] : targets_) {
    auto known = by_name_.find(name);
    if (known != by_name_.end()) {
      target.list = known->second;
      target.list->expect_changes();
      continue;
    }
    for (const cfg::Location& rule : target.rules)
      diagnostics.report(cfg::Severity::advice, rule,
                         fmt::format("no ACL and no map uses the file '{}': this rule changes nothing", name));
  }
  for (auto& [number, list] : claimed_) list->set_number(number);
  uint32_t next = 0;
  for (auto& list : lists_) {
    bool own = std::any_of(claimed_.begin(), claimed_.end(), [&](auto& claim) { return claim.second == list.get(); });
    if (own) continue;
    while (claimed_.contains(next)) ++next;
    list->set_number(next++);
  }
  std::sort(lists_.begin(), lists_.end(), [](auto& a, auto& b) { return a->number() < b->number(); });
}

PatternRef* PatternFiles::find(std::string_view name) const {
  if (!name.starts_with('#')) {
    auto known = by_name_.find(identity(name));
    return known == by_name_.end() ? nullptr : known->second;
  }
  auto number = base::parse_int<uint32_t>(name.substr(1));
  for (const auto& list : lists_)
    if (number && list->number() == *number) return list.get();
  return nullptr;
}

}  // namespace lbd::expr
