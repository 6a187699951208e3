#include "lbd/table/tracks.h"

#include <cstring>
#include <new>

#include "base/arena.h"
#include "lbd/table/table.h"

namespace lbd::table {
namespace {

void add_all(Record& record, config::DataEvent event, uint64_t amount) {
  for (const Field& field : record.table().layout().raised_by(event)) record.add(field, amount);
}

}  // namespace

Tracked* Tracks::add(uint32_t number, Table& table, std::string_view key, bool held, base::Arena* arena) {
  const size_t bytes = sizeof(Tracked) + key.size();
  void* memory = arena ? arena->alloc(bytes, alignof(Tracked)) : ::operator new(bytes);
  char* copy = static_cast<char*>(memory) + sizeof(Tracked);
  std::memcpy(copy, key.data(), key.size());
  owned_ = !arena;
  return first_ = new (memory) Tracked{&table, {copy, key.size()}, number, held, first_};
}

Tracked* Tracks::begin(uint32_t number, Table& table, std::string_view key, base::MonoTime now, base::Arena* arena) {
  auto connects = [](Record& record) { add_all(record, config::DataEvent::connection, 1); };
  return table.hold(key, now, connects) ? add(number, table, key, true, arena) : nullptr;
}

Tracked* Tracks::go_on(uint32_t number, Table& table, std::string_view key, base::MonoTime now, base::Arena* arena) {
  auto holds = [](Record& record) {
    for (const Field& field : record.table().layout().gauges()) record.add(field, 1);
  };
  return table.hold(key, now, holds) ? add(number, table, key, true, arena) : nullptr;
}

void Tracks::watch(uint32_t number, Table& table, std::string_view key, base::Arena* arena) {
  add(number, table, key, false, arena);
}

void Tracks::end(base::MonoTime now) {
  while (Tracked* one = first_) {
    first_ = one->next;
    if (one->held)
      one->table->let_go(one->key, now, [](Record& record) {
        for (const Field& field : record.table().layout().gauges()) record.sub(field);
      });
    if (owned_) ::operator delete(one);
  }
}

void Tracks::raise(config::DataEvent event, uint64_t amount, base::MonoTime now, const Tracks* shadow) const {
  for (const Tracked* one = first_; one; one = one->next)
    if (!shadow || !shadow->find(one->number)) table::raise(*one, event, amount, now);
}

void raise(const Tracked& tracked, config::DataEvent event, uint64_t amount, base::MonoTime now) {
  if (!tracked.held || tracked.table->layout().raised_by(event).empty()) return;
  tracked.table->with(tracked.key, Table::Use::look, now, [&](Record& record) { add_all(record, event, amount); });
}

}  // namespace lbd::table
