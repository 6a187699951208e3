// The value of a part as another node may send it: refused, or numbers that can be read and told again.
#include "lbd/table/table.h"

using namespace lbd;
using namespace std::chrono_literals;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  config::StickTable config;
  config.key_length = 4;
  config.size = 10;
  config.expire = 30s;
  config.peers = "pair";
  for (size_t type = 0; type < config::kDataTypeCount; ++type) {
    const config::DataType& row = config::kDataTypes[type];
    if (!row.array) config.add({.type = type, .period = row.kind == config::DataKind::rate ? 10s : 0s});
  }
  table::Table table(config, 1);
  const base::MonoTime now{100s};
  const base::WallTime wall{std::chrono::microseconds(1'700'000'000'000'000)};
  const std::string_view value(reinterpret_cast<const char*>(data), size);
  for (uint64_t origin = 1; origin < 4; ++origin)
    table.learn({.key = "abcd",
                 .origin = origin,
                 .version = 1'700'000'000'000'000 - origin,
                 .deadline = 1'700'000'010'000,
                 .cleared = 0,
                 .value = value},
                now, wall);
  table.with("abcd", table::Table::Use::touch, now, [&](table::Record& record) {
    for (const table::Field& field : table.layout().fields()) {
      record.add(field, 1);
      if (!field.counts()) record.set(field, 1);
      if (field.counts() && record.get(field) == 0) __builtin_trap();
    }
  });
  table.take_changes(now, 10, [&](const table::Change& change) {
    table::Table other(config, 9);
    if (!other.learn({.key = change.key,
                      .origin = 1,
                      .version = 1'700'000'000'000'000,
                      .deadline = 1'700'000'010'000,
                      .cleared = 0,
                      .value = change.value},
                     now, wall))
      __builtin_trap();
  });
  return 0;
}
