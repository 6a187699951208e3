#include "lbd/expr/vars.h"

#include <xxhash.h>

#include <cstdlib>
#include <mutex>

#include "base/strings.h"
#include "lbd/expr/value.h"

namespace lbd::expr {

struct Vars::Entry {
  Entry* next;
  VarName name;
  Value value;
  char* own;        // text memory of this entry, null when the text is in an arena
  size_t capacity;  // of own
  bool heap;        // the entry itself was malloc'ed
  bool set;
};

std::optional<VarName> parse_var_name(std::string_view text) {
  static constexpr std::string_view kScopes[] = {"proc.", "sess.", "txn.", "req.", "res."};
  for (size_t i = 0; i < std::size(kScopes); ++i) {
    if (!text.starts_with(kScopes[i])) continue;
    std::string_view name = text.substr(kScopes[i].size());
    if (name.empty()) return std::nullopt;
    for (char c : name) {
      char lower = base::to_lower(c);
      if (!(lower >= 'a' && lower <= 'z') && !base::is_digit(c) && c != '_' && c != '.') return std::nullopt;
    }
    return VarName{static_cast<Scope>(i), XXH3_64bits(text.data(), text.size())};
  }
  return std::nullopt;
}

Vars::~Vars() {
  // Entries in an arena go with the arena; they and those of malloc are never mixed.
  for (Entry* entry = first_; entry && entry->heap;) {
    Entry* next = entry->next;
    std::free(entry->own);
    std::free(entry);
    entry = next;
  }
}

const Value* Vars::find(VarName name) const {
  for (const Entry* entry = first_; entry; entry = entry->next)
    if (entry->set && entry->name == name) return &entry->value;
  return nullptr;
}

void Vars::set(VarName name, const Value& value, base::Arena* arena) {
  Entry* entry = first_;
  while (entry && !(entry->name == name)) entry = entry->next;
  if (!entry) {
    void* raw = arena ? arena->alloc(sizeof(Entry), alignof(Entry)) : std::malloc(sizeof(Entry));
    CHECK(raw);
    entry = new (raw) Entry{first_, name, {}, nullptr, 0, arena == nullptr, false};
    first_ = entry;
  }
  Value kept = value;
  if (value.is_text() && value.text.size) {
    if (entry->heap) {
      if (entry->capacity < value.text.size) {
        // The old text may be what is being set ("var(sess.x),field(1,.)" into sess.x): it is freed only after the
        // copy.
        char* fresh = static_cast<char*>(std::malloc(value.text.size));
        CHECK(fresh);
        std::memcpy(fresh, value.text.data, value.text.size);
        std::free(entry->own);
        entry->own = fresh;
        entry->capacity = value.text.size;
      } else {
        std::memmove(entry->own, value.text.data, value.text.size);
      }
      kept.text.data = entry->own;
    } else {
      kept.text.data = arena->copy(value.view()).data();
    }
  }
  entry->value = kept;
  entry->set = true;
}

void Vars::unset(VarName name) {
  for (Entry* entry = first_; entry; entry = entry->next)
    if (entry->name == name) entry->set = false;
}

void Vars::unset_all(Scope scope) {
  for (Entry* entry = first_; entry; entry = entry->next)
    if (entry->name.scope == scope) entry->set = false;
}

size_t Vars::bytes(Scope scope, VarName but) const {
  size_t sum = 0;
  for (const Entry* entry = first_; entry; entry = entry->next)
    if (entry->set && entry->name.scope == scope && !(entry->name == but)) sum += bytes_for(entry->value);
  return sum;
}

size_t Vars::bytes_for(const Value& value) {
  return sizeof(Entry) + (value.is_text() ? value.text.size : 0);
}

bool ProcessVars::get(VarName name, Value& value, base::Arena& arena) const {
  std::shared_lock lock(mutex_);
  const Value* found = vars_.find(name);
  if (!found) return false;
  value = *found;
  if (value.is_text()) value.text.data = arena.copy(value.view()).data();
  return true;
}

bool ProcessVars::set(VarName name, const Value& value, uint64_t limit) {
  std::unique_lock lock(mutex_);
  if (limit && vars_.bytes(Scope::proc, name) + Vars::bytes_for(value) > limit) return false;
  vars_.set(name, value, nullptr);
  return true;
}

void ProcessVars::unset(VarName name) {
  std::unique_lock lock(mutex_);
  vars_.unset(name);
}

}  // namespace lbd::expr
