// Layout: where in an entry of a table each stored type of data lies, and which of them an event raises. Made from the
// configuration of a table; constant from then on. Thread: any. Errors: what is not stored has no Field.
//
// In a table that other nodes have, too, each number but the gauges has a stamp beside it: when it was last set
// outright (Record::set), as opposed to counted. parts.h says what for.
#pragma once

#include <array>
#include <vector>

#include "lbd/config/stick_table.h"

namespace lbd::table {

// One number of an entry: a type, or an element of an array.
struct Field {
  config::DataKind kind = config::DataKind::number;
  uint16_t offset = 0;  // behind the key
  uint32_t period = 0;  // milliseconds, of a rate
  uint16_t stamp = 0;   // where its stamp lies; 0: it has none
  uint16_t type = 0;    // position in kDataTypes
  uint16_t element = 0;

  // What several nodes counted is added; of what they set the latest holds.
  bool counts() const { return kind != config::DataKind::number && kind != config::DataKind::name; }
};

inline constexpr size_t kStampSize = 8;
// What an entry of a shared table begins with: its parts, and since when it counts (parts.h).
inline constexpr size_t kSharedHead = 16;

class Layout {
 public:
  explicit Layout(const config::StickTable& table);

  // Where it is stored; an element of the array in its place counts, too. Null: it is not stored.
  const Field* find(size_t type, size_t element = 0) const;
  const std::vector<Field>& raised_by(config::DataEvent event) const { return raised_[static_cast<size_t>(event)]; }
  // Those that fall when tracking ends.
  const std::vector<Field>& gauges() const { return gauges_; }
  const std::vector<Field>& fields() const { return fields_; }
  size_t size() const { return size_; }

 private:
  struct Place {
    uint16_t first = 0, count = 0;  // in fields_; 0: not stored
  };
  std::array<Place, config::kDataTypeCount> places_{};
  std::vector<Field> fields_;
  std::array<std::vector<Field>, config::kDataEvents> raised_;
  std::vector<Field> gauges_;
  size_t size_;
};

}  // namespace lbd::table
