// Keys and data of stick tables as text, as `show table` writes them. Pure. Thread: any that holds the record.
// Manual: management.txt 9.3 (show table).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lbd/table/table.h"

namespace lbd::table {

std::string key_text(const Record& record);
// The bytes of a key as typed; nothing: it is none. Keys of binary tables cannot be typed.
std::optional<std::string> read_key(const Table& table, std::string_view text);
// "http_req_rate(10000)", "gpc1".
std::string name_of(const config::StickTable::Stored& stored, uint32_t element);
// Of the value of a field.
std::string value_text(const Table& table, const Field& field, uint64_t value);

// visit(name, field) for each number of an entry, in the order in which `show table` has them.
template <typename Visit>
void for_each_field(const Table& table, Visit visit) {
  for (const config::StickTable::Stored& stored : table.config().data)
    for (uint32_t i = 0; i < stored.count; ++i) visit(name_of(stored, i), *table.layout().find(stored.type, i));
}

}  // namespace lbd::table
