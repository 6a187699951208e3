#include "lbd/expr/pattern_ref.h"

#include <fmt/core.h>
#include <xxhash.h>

#include <algorithm>

#include "base/strings.h"
#include "lbd/expr/pattern.h"
#include "lbd/expr/pattern_hash.h"

namespace lbd::expr {
namespace {

constexpr std::string_view kNoVersion = "Version number out of range.";
constexpr std::string_view kNoKey = "Key not found.";
constexpr std::string_view kNoEntry = "entry not found.";
// How many entries are looked at before rules that want to change the list get their turn.
constexpr uint32_t kMostAtOnce = 1024;
constexpr std::string_view kNoRef = "key or pattern not found.";

// Rising with the order of the entries.
uint64_t ref_of(const PatternEntry& entry) {
  return entry.id << 32 | entry.index;
}

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
  if (integers_ && !base::parse_int<int64_t>(value)) return fmt::format("unable to parse '{}'", value);
  if (addresses_ && !base::IpAddr::parse(value)) return fmt::format("unable to parse '{}'", value);
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
  file_digest_ = XXH3_64bits(content.data(), content.size());
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

void PatternRef::track_changes() {
  journal_ = std::make_unique<PatternJournal>(grace_);
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
  // While it is empty that costs nothing.
  if (journal_) made->by_key = std::make_unique<PatternTable>(made->entries, grace_);
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

std::string PatternRef::add_here(std::string_view key, std::string_view value) {
  note(key);
  std::string error = add_to(current(), key, value, false);
  for (auto& index : current().indexes) index->settle();
  return error;
}

std::string PatternRef::add(std::string_view key, std::string_view value) {
  std::lock_guard lock(mutex_);
  return add_here(key, value);
}

std::string PatternRef::add(std::string_view key, std::string_view value, uint32_t version) {
  std::lock_guard lock(mutex_);
  if (version == version_) return add_here(key, value);
  Version* to = find_version(version);
  return to ? add_to(*to, key, value, true) : std::string(kNoVersion);
}

std::string PatternRef::set_here(std::string_view key, std::string_view value) {
  auto found = with_key(current(), key);
  if (found.empty()) return std::string(kNoEntry);
  if (std::string error = check_value(value); !error.empty()) return error;
  const auto has_it = [&](const PatternEntry* entry) {
    const PatternValue* kept = entry->value.load(std::memory_order_relaxed);
    return kept && kept->text() == value;
  };
  // Rules that set what is there already change nothing.
  if (std::all_of(found.begin(), found.end(), has_it)) return {};
  note(key);
  PatternEntries& entries = current().entries;
  for (PatternEntry* entry : found) entries.set_value(*entry, entries.make_value(value, false));
  return {};
}

std::string PatternRef::set(std::string_view key, std::string_view value) {
  std::lock_guard lock(mutex_);
  return set_here(key, value);
}

std::string PatternRef::remove(std::string_view key) {
  std::lock_guard lock(mutex_);
  auto found = with_key(current(), key);
  if (!found.empty()) note(key);
  for (PatternEntry* entry : found) take_out(current(), *entry);
  if (journal_ && !found.empty()) journal_->gone(key);
  return std::string(found.empty() ? kNoKey : std::string_view());
}

// The index finds the entry, the id tells whether it is still the one that was meant.
PatternEntry* PatternRef::with_ref(const Version& version, uint64_t ref) const {
  const auto index = static_cast<uint32_t>(ref);
  if (index >= version.entries.end()) return nullptr;
  PatternEntry* entry = const_cast<PatternEntry*>(version.entries.at(index));
  return entry && ref_of(*entry) == ref ? entry : nullptr;
}

std::string PatternRef::set_entry(uint64_t ref, std::string_view value) {
  std::lock_guard lock(mutex_);
  PatternEntry* entry = with_ref(current(), ref);
  if (!entry) return std::string(kNoRef);
  if (std::string error = check_value(value); !error.empty()) return error;
  note(entry->key());
  PatternEntries& entries = current().entries;
  entries.set_value(*entry, entries.make_value(value, false));
  return {};
}

std::string PatternRef::remove_entry(uint64_t ref) {
  std::lock_guard lock(mutex_);
  PatternEntry* entry = with_ref(current(), ref);
  if (!entry) return std::string(kNoKey);
  const std::string key(entry->key());
  note(key);
  take_out(current(), *entry);
  if (journal_ && with_key(current(), key).empty()) journal_->gone(key);
  return {};
}

std::string PatternRef::set_or_add(std::string_view key, std::string_view value) {
  std::lock_guard lock(mutex_);
  std::string error = set_here(key, value);
  return error == kNoEntry ? add_here(key, value) : error;
}

std::string PatternRef::add_once(std::string_view key) {
  std::lock_guard lock(mutex_);
  return with_key(current(), key).empty() ? add_here(key, {}) : std::string();
}

void PatternRef::replace_current(std::unique_ptr<Version> next) {
  // Rules that looked for keys will do so again.
  if (current().by_key) keys(*next);
  for (auto& index : next->indexes) index->settle();
  Version* old = &current();
  current_.store(next.release(), std::memory_order_release);
  grace_.retire_large([old] { delete old; });
  grace_.collect(true);
}

std::string PatternRef::clear() {
  std::lock_guard lock(mutex_);
  replace_current(make_version());
  note_replaced();
  return {};
}

std::string PatternRef::clear(uint32_t version) {
  {
    std::lock_guard lock(mutex_);
    if (version != version_) {
      if (!find_version(version)) return std::string(kNoVersion);
      prepared_[version] = make_version();
      return {};
    }
  }
  return clear();
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
  note_replaced();
  version_ = version;
  for (auto past = prepared_.begin(); past != it; ++past)
    grace_.retire_large([raw = past->second.release()] { delete raw; });
  prepared_.erase(prepared_.begin(), std::next(it));
  return {};
}

std::vector<uint64_t> PatternRef::refs(uint32_t version) const {
  std::vector<uint64_t> all;
  for (uint32_t at = 0, end = 1; at < end;) {
    std::lock_guard lock(mutex_);
    const Version* from = find_version(version);
    if (!from) break;
    end = from->entries.end();
    for (uint32_t last = std::min(end, at + kMostAtOnce); at < last; ++at)
      if (const PatternEntry* entry = from->entries.at(at)) all.push_back(ref_of(*entry));
  }
  if (!std::is_sorted(all.begin(), all.end())) std::sort(all.begin(), all.end());
  return all;
}

void PatternRef::show(uint32_t version, std::span<const uint64_t> refs,
                      const std::function<void(const Shown&)>& visitor) const {
  std::lock_guard lock(mutex_);
  const Version* from = find_version(version);
  if (!from) return;
  for (uint64_t ref : refs) {
    const PatternEntry* entry = with_ref(*from, ref);
    if (!entry) continue;
    const PatternValue* value = entry->value.load(std::memory_order_acquire);
    visitor({ref, entry->key(), value ? value->text() : std::string_view(), value != nullptr});
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
      one.has_value = kept != nullptr;
      if (kept) one.value = kept->text();
      if (integers_) one.type = Type::integer;
      if (addresses_) one.type = base::IpAddr::parse(one.value)->family == base::Family::v4 ? Type::ipv4 : Type::ipv6;
    }
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace lbd::expr
