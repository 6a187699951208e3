// PartBatch: parts on their way into one message, with the names that they have in common said once; and the way back.
// Values. Thread: any one. Errors: a message whose numbers point nowhere gives them no visit.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "proto/envelope.pb.h"
#include "replica/part_store.h"

namespace replica {

class PartBatch {
 public:
  static constexpr int kMostParts = 512;
  static constexpr size_t kMostBytes = 48 * 1024;

  // What was in the message goes; its memory is used again.
  explicit PartBatch(tandem::Parts& message) : message_(message) { message_.Clear(); }
  void add(const PartStore::News& news);
  // What is behind the cursor, has not expired, and is `wanted(part, table)`, until it is full; the number of the last
  // change, 0: there is nothing.
  template <typename Wanted>
  uint64_t fill(const PartStore& store, PartStore::Cursor& cursor, int64_t now, Wanted wanted);
  int count() const { return message_.parts_size(); }
  bool full() const { return count() >= kMostParts || bytes_ >= kMostBytes; }

 private:
  tandem::Parts& message_;
  size_t bytes_ = 0;
  std::unordered_map<std::string_view, uint32_t> tables_;
  std::unordered_map<uint64_t, uint32_t> origins_;
};

template <typename Wanted>
uint64_t PartBatch::fill(const PartStore& store, PartStore::Cursor& cursor, int64_t now, Wanted wanted) {
  uint64_t last = 0;
  while (!full()) {
    const PartStore::Part* part = cursor.next();
    if (!part) break;
    const std::string& table = store.tables()[part->table()];
    if ((part->deadline() != 0 && part->deadline() <= now) || !wanted(*part, table)) continue;
    const PartStore::OriginName& origin = store.origin(part->origin);
    add({.table = table,
         .key = part->key(),
         .value = part->value(),
         .origin = origin.id,
         .version = part->version,
         .cleared = part->cleared(),
         .node = origin.node,
         .deadline = part->deadline()});
    last = part->sequence;
  }
  return last;
}

// False: the message is not one that PartBatch makes.
template <typename Visit>
bool each_part(const tandem::Parts& message, Visit visit) {
  for (const tandem::Part& part : message.parts()) {
    if (part.table() >= static_cast<uint32_t>(message.tables_size()) ||
        part.origin() >= static_cast<uint32_t>(message.origins_size()) || part.deadline() > INT64_MAX)
      return false;
    const tandem::Origin& origin = message.origins(static_cast<int>(part.origin()));
    visit(PartStore::News{.table = message.tables(static_cast<int>(part.table())),
                          .key = part.key(),
                          .value = part.value(),
                          .origin = origin.id(),
                          .version = part.version(),
                          .cleared = part.cleared(),
                          .node = origin.node(),
                          .deadline = static_cast<int64_t>(part.deadline())});
  }
  return true;
}

}  // namespace replica
