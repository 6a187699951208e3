// Tracks: the entries that a session or an exchange tracks (track-sc0 …), by the number of the counter. An entry that
// is tracked is held by its table until the end.
//
// Owner: the Session or Transaction, whose end lets all go; an arena must live longer. Thread: that of the connection.
// Without a track each call is one comparison. Errors: a table without room tracks nothing.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "lbd/config/stick_table.h"

namespace base {
class Arena;
}

namespace lbd::table {

class Table;

struct Tracked {
  Table* table;
  std::string_view key;  // a copy, behind this or in the arena
  uint32_t number;
  bool held;
  Tracked* next = nullptr;
};

class Tracks {
 public:
  Tracks() = default;
  Tracks(const Tracks&) = delete;
  Tracks& operator=(const Tracks&) = delete;
  ~Tracks() {
    if (first_) end(base::mono_now());
  }

  bool empty() const { return !first_; }
  // The one that began last; from one to the next by Tracked::next.
  const Tracked* last() const { return first_; }
  Tracked* find(uint32_t number) const {
    for (Tracked* one = first_; one; one = one->next)
      if (one->number == number) return one;
    return nullptr;
  }
  // Holds the entry and counts a connection. With an arena what it needs is taken from there. Null: no room.
  Tracked* begin(uint32_t number, Table& table, std::string_view key, base::MonoTime now, base::Arena* arena);
  // The same for one that was begun in the process before us: its connection is counted already.
  Tracked* go_on(uint32_t number, Table& table, std::string_view key, base::MonoTime now, base::Arena* arena);
  // Only for looking at what is there: nothing is held, made or counted.
  void watch(uint32_t number, Table& table, std::string_view key, base::Arena* arena);

  // Lets all go, before their owner ends.
  void end(base::MonoTime now);
  // What happened raises every track; those whose number `shadow` has, too, are left out.
  void count(config::DataEvent event, uint64_t amount, base::MonoTime now, const Tracks* shadow = nullptr) const {
    if (first_) [[unlikely]]
      raise(event, amount, now, shadow);
  }

 private:
  Tracked* add(uint32_t number, Table& table, std::string_view key, bool held, base::Arena* arena);
  void raise(config::DataEvent event, uint64_t amount, base::MonoTime now, const Tracks* shadow) const;
  Tracked* first_ = nullptr;
  bool owned_ = false;  // not in an arena
};

// What happened raises one entry.
void raise(const Tracked& tracked, config::DataEvent event, uint64_t amount, base::MonoTime now);

}  // namespace lbd::table
