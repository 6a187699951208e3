// Entry: a replicated object as nodes keep it: its key and its fields, each with the stamp of its last write.
//
// What objects there are is said by rows: a KindRow names the fields, how each merges, and how the object is written
// to and read from the wire. A field is a number; what it means is the business of those who own the object.
// Values, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/registry.h"
#include "base/result.h"
#include "proto/control.pb.h"
#include "replica/stamp.h"

namespace replica {

// Also the number of the subject in tandem.Entry.
enum class Kind : uint8_t { server_state = 1 };

struct Key {
  Kind kind{};
  std::string name;
  bool operator==(const Key&) const = default;
};

struct Field {
  uint16_t number = 0;  // that of the subject's protobuf message
  uint64_t value = 0;
  Stamp stamp{};
  bool operator==(const Field&) const = default;
};

struct Entry {
  Key key;
  std::vector<Field> fields;  // by number
  const Field* find(uint16_t number) const;
  Field& at(uint16_t number);  // added when absent
  std::optional<uint64_t> value(uint16_t number) const;
  bool operator==(const Entry&) const = default;
};

// Takes over what is to be taken over of `theirs`; true when `mine` changed.
using MergeRule = bool (*)(Field& mine, const Field& theirs);

struct FieldRow {
  uint16_t number;
  std::string_view name;
  uint64_t least, most;  // what the wire may bring
  MergeRule merge;
};

struct KindRow {
  std::string_view name;
  std::string_view doc;
  Kind kind;
  std::span<const FieldRow> fields;
  void (*to_wire)(const Entry& entry, tandem::Entry& wire);
  // Key and values; stamps and ranges are the caller's.
  base::Status (*from_wire)(const tandem::Entry& wire, Entry& entry);

  const FieldRow* field(uint16_t number) const;
};

// Null for a kind that this version does not know.
const KindRow* find_kind(Kind kind);

tandem::Entry to_wire(const Entry& entry);
// Errors: an unknown kind (a newer peer: Code::unsupported), or values that no honest peer sends (Code::invalid).
base::Result<Entry> from_wire(const tandem::Entry& wire);

}  // namespace replica
