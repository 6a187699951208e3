// Rows of a daemon's statistics by object and name, for those who ask for some of them.
// Pure. Thread: any one. Errors: a row that is not there is "" and 0.
#pragma once

#include <string>
#include <string_view>

#include "proto/envelope.pb.h"

namespace ipc {

inline const tandem::StatsReply::Row* find_row(const tandem::StatsReply& stats, std::string_view object,
                                               std::string_view name) {
  for (const auto& row : stats.rows())
    if (row.object() == object && row.name() == name) return &row;
  return nullptr;
}
inline std::string text_of(const tandem::StatsReply& stats, std::string_view object, std::string_view name) {
  const auto* row = find_row(stats, object, name);
  return row ? row->text() : "";
}
inline uint64_t number_of(const tandem::StatsReply& stats, std::string_view object, std::string_view name) {
  const auto* row = find_row(stats, object, name);
  return row ? row->value() : 0;
}

}  // namespace ipc
