#include "lbd/table/layout.h"

namespace lbd::table {
namespace {

using config::DataKind;

size_t size_of(DataKind kind) {
  switch (kind) {
    case DataKind::rate:
      return 12;
    case DataKind::sum:
      return 8;
    case DataKind::number:
    case DataKind::counter:
    case DataKind::gauge:
    case DataKind::name:
      break;
  }
  return 4;
}

}  // namespace

Layout::Layout(const config::StickTable& table) : size_(table.shared() ? kSharedHead : 0) {
  for (const config::StickTable::Stored& stored : table.data) {
    const config::DataType& type = config::kDataTypes[stored.type];
    places_[stored.type] = {static_cast<uint16_t>(fields_.size()), static_cast<uint16_t>(stored.count)};
    for (uint32_t i = 0; i < stored.count; ++i) {
      Field field{.kind = type.kind,
                  .offset = static_cast<uint16_t>(size_),
                  .period = static_cast<uint32_t>(stored.period.count()),
                  .type = static_cast<uint16_t>(stored.type),
                  .element = static_cast<uint16_t>(i)};
      size_ += size_of(type.kind);
      if (table.shared() && type.kind != DataKind::gauge) {
        field.stamp = static_cast<uint16_t>(size_);
        size_ += kStampSize;
      }
      fields_.push_back(field);
      if (type.event != config::DataEvent::none) raised_[static_cast<size_t>(type.event)].push_back(field);
      if (type.kind == DataKind::gauge) gauges_.push_back(field);
    }
  }
}

const Field* Layout::find(size_t type, size_t element) const {
  if (const Place& place = places_[type]; element < place.count) return &fields_[place.first + element];
  const config::DataType& row = config::kDataTypes[type];
  if (row.array_name.empty()) return nullptr;
  return find(config::data_type(row.array_name), row.element);
}

}  // namespace lbd::table
