#include "replica/entry.h"

#include <fmt/format.h>

#include <algorithm>

namespace replica {
namespace {

constexpr size_t kLongestName = 1024;

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kLongestName &&
         std::none_of(text.begin(), text.end(), [](char c) { return static_cast<uint8_t>(c) <= ' ' || c == 0x7f; });
}

}  // namespace

const Field* Entry::find(uint16_t number) const {
  auto it = std::lower_bound(fields.begin(), fields.end(), number,
                             [](const Field& field, uint16_t wanted) { return field.number < wanted; });
  return it != fields.end() && it->number == number ? &*it : nullptr;
}

Field& Entry::at(uint16_t number) {
  auto it = std::lower_bound(fields.begin(), fields.end(), number,
                             [](const Field& field, uint16_t wanted) { return field.number < wanted; });
  if (it == fields.end() || it->number != number) it = fields.insert(it, Field{.number = number});
  return *it;
}

std::optional<uint64_t> Entry::value(uint16_t number) const {
  const Field* field = find(number);
  return field ? std::optional(field->value) : std::nullopt;
}

const FieldRow* KindRow::field(uint16_t number) const {
  auto it = std::find_if(fields.begin(), fields.end(), [&](const FieldRow& row) { return row.number == number; });
  return it == fields.end() ? nullptr : &*it;
}

const KindRow* find_kind(Kind kind) {
  const KindRow* found = nullptr;
  base::Registered<KindRow>::for_each([&](const KindRow& row) {
    if (row.kind == kind) found = &row;
  });
  return found;
}

tandem::Entry to_wire(const Entry& entry) {
  tandem::Entry wire;
  const KindRow* kind = find_kind(entry.key.kind);
  CHECK(kind);
  kind->to_wire(entry, wire);
  for (const Field& field : entry.fields) {
    auto* stamp = wire.add_stamps();
    stamp->set_field(field.number);
    stamp->mutable_stamp()->set_time(field.stamp.time);
    stamp->mutable_stamp()->set_origin(field.stamp.origin);
  }
  return wire;
}

base::Result<Entry> from_wire(const tandem::Entry& wire) {
  Entry entry;
  entry.key.kind = static_cast<Kind>(wire.subject_case());
  const KindRow* kind = find_kind(entry.key.kind);
  if (!kind)
    return base::Err(base::Error{base::Code::unsupported, base::Fault::client, base::Retry::no, 0,
                                 fmt::format("an entry of kind {}", static_cast<int>(wire.subject_case()))});
  TRY(kind->from_wire(wire, entry));
  if (!is_name(entry.key.name)) return base::Err(fmt::format("a {} without a proper name", kind->name));
  for (Field& field : entry.fields) {
    const FieldRow* row = kind->field(field.number);
    if (!row || field.value < row->least || field.value > row->most)
      return base::Err(fmt::format("{} {}: field {} is {}", kind->name, entry.key.name, field.number, field.value));
    auto stamp = std::find_if(wire.stamps().begin(), wire.stamps().end(),
                              [&](const auto& one) { return one.field() == field.number; });
    if (stamp == wire.stamps().end() || stamp->stamp().time() == 0 || stamp->stamp().time() > kLastTime)
      return base::Err(fmt::format("{} {}: field {} has no proper stamp", kind->name, entry.key.name, field.number));
    field.stamp = {stamp->stamp().time(), stamp->stamp().origin()};
  }
  return entry;
}

}  // namespace replica
