// The objects that the agent serves, as rows: TableRow and ScalarRow enrol a table or a group of scalars with their
// Columns; the agent, `lbsnmpd -o` and the tests are loops over them. Adding an object is one Column and its
// OBJECT-TYPE in the MIB.
//
// A reader is given a row of the snapshot that it belongs to, and the snapshot; it only reads. Columns of a table
// exist for all of its rows: an object never has a hole.
// Thread: that of the loop. Errors: none.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/registry.h"
#include "snmp/oid.h"
#include "snmp/snapshot.h"
#include "snmp/value.h"

namespace snmp {

struct Column {
  uint32_t number;
  std::string_view name;  // as the MIB has it
  Type type;
  Value (*read)(const void* row, const Snapshot& snapshot);
};

template <typename Row, typename Reader>
constexpr Column column(uint32_t number, std::string_view name, Type type, Reader) {
  return {number, name, type, [](const void* row, const Snapshot& snapshot) -> Value {
            if constexpr (requires(const Row& r) { Reader{}(r, snapshot); })
              return Reader{}(*static_cast<const Row*>(row), snapshot);
            else
              return Reader{}(*static_cast<const Row*>(row));
          }};
}
template <typename Reader>
constexpr Column scalar(uint32_t number, std::string_view name, Type type, Reader) {
  return {number, name, type, [](const void*, const Snapshot& snapshot) -> Value { return Reader{}(snapshot); }};
}

// A row as it is found: by its index, in the order of sub-identifiers.
struct Entry {
  Oid index;
  const void* row;
};
using Entries = std::vector<Entry>;

struct TableRow {
  std::string_view name = {};  // as the MIB has it
  std::string_view doc = {};
  Oid (*oid)() = nullptr;  // of the table, without the entry
  std::span<const Column> columns = {};
  std::span<const Type> index = {};  // octets: with a length in front
  void (*list)(const Snapshot& snapshot, Entries& entries) = nullptr;
};

struct ScalarRow {
  std::string_view name = {};
  std::string_view doc = {};
  Oid (*oid)() = nullptr;  // of the group
  std::span<const Column> objects = {};
  // Tables stand among them: each object is registered for itself, since net-snmp registers what a table divides twice
  // when it reconnects.
  bool apart = false;
};

using Tables = base::Registered<TableRow>;
using Scalars = base::Registered<ScalarRow>;

}  // namespace snmp
