#include "lbd/expr/pattern_ref.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/strings.h"
#include "lbd/expr/pattern.h"
#include "lbd/expr/pattern_hash.h"

namespace lbd::expr {
namespace {

constexpr std::string_view kNoVersion = "Version number out of range.";
constexpr std::string_view kNoKey = "Key not found.";
constexpr std::string_view kNoEntry = "entry not found.";

auto same_key(std::string_view key) {
  return [key](const PatternEntry& entry) { return entry.key() == key; };
}

}  // namespace

PatternRef::PatternRef(std::string name, bool is_map, base::Grace& grace)
    : name_(std::move(name)), is_map_(is_map), grace_(grace), current_(new Version(grace)) {}

PatternRef::~PatternRef() {
  delete current_.load(std::memory_order_relaxed);
}

size_t PatternRef::add_use(Match match, bool ignore_case, std::string& error) {
  for (size_t i = 0; i < uses_.size(); ++i)
    if (uses_[i].match == match && uses_[i].ignore_case == ignore_case) return i;
  Version& version = current();
  auto index = PatternIndex::make(match, ignore_case, version.entries, grace_);
  index->reserve(version.entries.count());
  for (uint32_t i = 0; i < version.entries.end(); ++i) {
    PatternEntry* entry = version.entries.entry(i);
    if (!entry) continue;
    std::string wrong = index->add(*entry);
    if (wrong.empty()) continue;
    error = name_.empty() ? wrong : fmt::format("{}:{}: {}", name_, entry->id, wrong);
    return 0;
  }
  index->settle();
  uses_.push_back({match, ignore_case});
  version.indexes.push_back(std::move(index));
  return uses_.size() - 1;
}

std::string PatternRef::check_value(std::string_view value) const {
  if (integers_ && !base::parse_int<int64_t>(value)) return fmt::format("'{}' is not a number", value);
  if (addresses_ && !base::IpAddr::parse(value)) return fmt::format("'{}' is not an IP address", value);
  return {};
}

std::string PatternRef::require_values(Type type) {
  (type == Type::integer ? integers_ : addresses_) = true;
  const PatternEntries& entries = current().entries;
  for (uint32_t i = 0; i < entries.end(); ++i) {
    const PatternEntry* entry = entries.at(i);
    const PatternValue* value = entry ? entry->value.load(std::memory_order_relaxed) : nullptr;
    if (!entry) continue;
    std::string wrong = check_value(value ? value->text() : std::string_view());
    if (!wrong.empty()) return fmt::format("{}:{}: {}", name_, entry->id, wrong);
  }
  return {};
}

void PatternRef::reserve(size_t count) {
  for (auto& index : current().indexes) index->reserve(count);
}

std::string PatternRef::load(std::string_view content) {
  reserve(static_cast<size_t>(std::count(content.begin(), content.end(), '\n')) + 1);
  uint64_t number = 0;
  std::string error;
  while (!content.empty() && error.empty()) {
    size_t end = std::min(content.find('\n'), content.size());
    std::string_view line = content.substr(0, end);
    content.remove_prefix(std::min(end + 1, content.size()));
    ++number;
    line = line.substr(0, line.find('\r'));
    if (!line.empty() && line.front() == '#') continue;
    while (!line.empty() && base::is_space(line.front())) line.remove_prefix(1);
    if (line.empty()) continue;
    std::string_view value;
    if (is_map_) {
      size_t blank = std::min(line.find_first_of(" \t"), line.size());
      value = base::trim(line.substr(blank));
      line = line.substr(0, blank);
    }
    error = load_entry(line, value, number);
    if (!error.empty()) error = fmt::format("{}:{}: {}", name_, number, error);
  }
  known_values_.clear();
  return error;
}

std::string PatternRef::load_entry(std::string_view key, std::string_view value, uint64_t id) {
  next_id_ = id;
  std::string error = add_to(current(), key, value, true);
  for (auto& index : current().indexes) index->settle();
  return error;
}

void PatternRef::expect_changes() {
  keys(current());
}

void PatternRef::used_by(std::string_view what, std::string_view file, uint32_t line) {
  if (name_.empty())
    description_ = fmt::format("acl '{}' file '{}' line {}", what, file, line);
  else if (description_.empty())
    description_ =
        fmt::format("pattern loaded from file '{}' used by {} at file '{}' line {}", name_, what, file, line);
  else
    description_ += fmt::format(", by {} at file '{}' line {}", what, file, line);
}

size_t PatternRef::count() const {
  std::lock_guard lock(mutex_);
  size_t all = current().entries.count();
  for (const auto& [number, version] : prepared_) all += version->entries.count();
  return all;
}

std::unique_ptr<PatternRef::Version> PatternRef::make_version() const {
  auto made = std::make_unique<Version>(grace_);
  for (const Use& use : uses_)
    made->indexes.push_back(PatternIndex::make(use.match, use.ignore_case, made->entries, grace_));
  return made;
}

PatternRef::Version* PatternRef::find_version(uint32_t version) const {
  if (version == version_) return &current();
  auto it = prepared_.find(version);
  return it == prepared_.end() ? nullptr : it->second.get();
}

std::string PatternRef::insert(Version& version, PatternEntry& entry) {
  for (size_t i = 0; i < version.indexes.size(); ++i) {
    std::string error = version.indexes[i]->add(entry);
    if (error.empty()) continue;
    while (i-- > 0) version.indexes[i]->remove(entry);
    return error;
  }
  if (version.by_key) version.by_key->add(hash_text(entry.key(), false), entry, same_key(entry.key()));
  return {};
}

std::string PatternRef::add_to(Version& version, std::string_view key, std::string_view value, bool bulk) {
  if (version.entries.end() >= PatternEntries::kMost) return "too many entries";
  const PatternValue* kept = nullptr;
  if (is_map_) {
    if (std::string error = check_value(value); !error.empty()) return error;
    if (bulk) {
      auto known = known_values_.find(value);
      kept = known != known_values_.end() ? known->second : version.entries.make_value(value, true);
      if (known == known_values_.end() && &version == &current()) known_values_.emplace(kept->text(), kept);
    } else {
      kept = version.entries.make_value(value, false);
    }
  }
  PatternEntry* entry = version.entries.make(key, next_id_, bulk);
  entry->value.store(kept, std::memory_order_release);
  std::string error = insert(version, *entry);
  if (error.empty())
    ++next_id_;
  else
    version.entries.remove(*entry);
  return error;
}

void PatternRef::take_out(Version& version, PatternEntry& entry) {
  for (auto& index : version.indexes) index->remove(entry);
  if (version.by_key) version.by_key->remove(hash_text(entry.key(), false), entry, same_key(entry.key()));
  version.entries.remove(entry);
}

PatternTable& PatternRef::keys(Version& version) {
  if (version.by_key) return *version.by_key;
  version.by_key = std::make_unique<PatternTable>(version.entries, grace_);
  version.by_key->reserve(version.entries.count());
  for (uint32_t i = 0; i < version.entries.end(); ++i)
    if (PatternEntry* entry = version.entries.entry(i))
      version.by_key->add(hash_text(entry->key(), false), *entry, same_key(entry->key()));
  return *version.by_key;
}

std::vector<PatternEntry*> PatternRef::with_key(Version& version, std::string_view key) {
  PatternTable& table = keys(version);
  return table.all(table.find(hash_text(key, false), same_key(key)));
}

std::string PatternRef::add(std::string_view key, std::string_view value) {
  std::lock_guard lock(mutex_);
  std::string error = add_to(current(), key, value, false);
  for (auto& index : current().indexes) index->settle();
  return error;
}

std::string PatternRef::add(std::string_view key, std::string_view value, uint32_t version) {
  if (version == version_) return add(key, value);
  std::lock_guard lock(mutex_);
  Version* to = find_version(version);
  return to ? add_to(*to, key, value, true) : std::string(kNoVersion);
}

std::string PatternRef::set(std::string_view key, std::string_view value) {
  std::lock_guard lock(mutex_);
  auto found = with_key(current(), key);
  if (found.empty()) return std::string(kNoEntry);
  if (std::string error = check_value(value); !error.empty()) return error;
  PatternEntries& entries = current().entries;
  for (PatternEntry* entry : found) entries.set_value(*entry, entries.make_value(value, false));
  return {};
}

std::string PatternRef::remove(std::string_view key) {
  std::lock_guard lock(mutex_);
  auto found = with_key(current(), key);
  for (PatternEntry* entry : found) take_out(current(), *entry);
  return std::string(found.empty() ? kNoKey : std::string_view());
}

std::string PatternRef::set(uint64_t id, std::string_view value) {
  std::lock_guard lock(mutex_);
  if (std::string error = check_value(value); !error.empty()) return error;
  PatternEntries& entries = current().entries;
  for (uint32_t i = 0; i < entries.end(); ++i) {
    PatternEntry* entry = entries.entry(i);
    if (!entry || entry->id != id) continue;
    entries.set_value(*entry, entries.make_value(value, false));
    return {};
  }
  return "key or pattern not found.";
}

std::string PatternRef::remove(uint64_t id) {
  std::lock_guard lock(mutex_);
  PatternEntries& entries = current().entries;
  for (uint32_t i = 0; i < entries.end(); ++i) {
    PatternEntry* entry = entries.entry(i);
    if (!entry || entry->id != id) continue;
    take_out(current(), *entry);
    return {};
  }
  return std::string(kNoKey);
}

std::string PatternRef::set_or_add(std::string_view key, std::string_view value) {
  std::string error = set(key, value);
  return error == kNoEntry ? add(key, value) : error;
}

std::string PatternRef::add_once(std::string_view key) {
  {
    std::lock_guard lock(mutex_);
    if (!with_key(current(), key).empty()) return {};
  }
  return add(key, {});
}

void PatternRef::replace_current(std::unique_ptr<Version> next) {
  // Rules that looked for keys will do so again.
  if (current().by_key) keys(*next);
  for (auto& index : next->indexes) index->settle();
  std::unique_ptr<Version> old(&current());
  current_.store(next.release(), std::memory_order_release);
  grace_.retire(std::move(old));
  grace_.collect(true);
}

std::string PatternRef::clear() {
  std::lock_guard lock(mutex_);
  replace_current(make_version());
  return {};
}

std::string PatternRef::clear(uint32_t version) {
  if (version == version_) return clear();
  std::lock_guard lock(mutex_);
  if (!find_version(version)) return std::string(kNoVersion);
  prepared_[version] = make_version();
  return {};
}

uint32_t PatternRef::prepare() {
  std::lock_guard lock(mutex_);
  prepared_[++next_version_] = make_version();
  return next_version_;
}

std::string PatternRef::commit(uint32_t version) {
  std::lock_guard lock(mutex_);
  auto it = prepared_.find(version);
  if (it == prepared_.end()) return std::string(kNoVersion);
  replace_current(std::move(it->second));
  version_ = version;
  prepared_.erase(prepared_.begin(), std::next(it));
  return {};
}

void PatternRef::visit(uint32_t version, const std::function<void(const Shown&)>& visitor) const {
  std::lock_guard lock(mutex_);
  const Version* from = find_version(version);
  if (!from) return;
  std::vector<const PatternEntry*> all;
  for (uint32_t i = 0; i < from->entries.end(); ++i)
    if (const PatternEntry* entry = from->entries.at(i)) all.push_back(entry);
  std::sort(all.begin(), all.end(), [](auto* a, auto* b) { return a->id < b->id; });
  for (const PatternEntry* entry : all) {
    const PatternValue* value = entry->value.load(std::memory_order_acquire);
    visitor({entry->id, entry->key(), value ? value->text() : std::string_view()});
  }
}

std::vector<PatternRef::Lookup> PatternRef::lookup(std::string_view text) const {
  std::lock_guard lock(mutex_);
  std::vector<Lookup> all;
  base::BlockPool pool(1024, 1);
  base::Arena arena(pool);
  for (size_t i = 0; i < uses_.size(); ++i) {
    Lookup one{uses_[i].match, uses_[i].ignore_case, current().indexes[i]->in_list(), false, {}, {}};
    Value value = Value::of_text(text);
    const PatternEntry* entry =
        cast(value, row_of(one.match).takes, arena) ? current().indexes[i]->find(value) : nullptr;
    if (entry) {
      const PatternValue* kept = entry->value.load(std::memory_order_acquire);
      one.found = true;
      one.key = entry->key();
      if (kept) one.value = kept->text();
    }
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace lbd::expr
