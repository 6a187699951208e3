#include "lbd/expr/table_key.h"

#include "lbd/expr/process.h"
#include "lbd/expr/trace.h"
#include "lbd/table/tables.h"

namespace lbd::expr {

Type type_of(config::StickTable::Key key) {
  switch (key) {
    case config::StickTable::Key::ip:
      return Type::ipv4;
    case config::StickTable::Key::ipv6:
      return Type::ipv6;
    case config::StickTable::Key::integer:
      return Type::integer;
    case config::StickTable::Key::string:
      return Type::string;
    case config::StickTable::Key::binary:
      return Type::binary;
  }
  return Type::any;
}

bool make_key(Value value, const table::Table& table, base::Arena& arena, table::Key& key) {
  if (!cast(value, type_of(table.config().key), arena)) return false;
  switch (table.config().key) {
    case config::StickTable::Key::ip: {
      const base::IpAddr ip = value.ip();
      key = arena.copy({reinterpret_cast<const char*>(ip.bytes.data()), 4});
      return true;
    }
    case config::StickTable::Key::ipv6:
      key = arena.copy({reinterpret_cast<const char*>(value.v6), 16});
      return true;
    case config::StickTable::Key::integer: {
      const auto number = static_cast<uint32_t>(value.integer);
      key = arena.copy({reinterpret_cast<const char*>(&number), sizeof number});
      return true;
    }
    case config::StickTable::Key::string:
      key = value.view().substr(0, table.key_size_of(value.view().size()));
      return !key.empty();
    case config::StickTable::Key::binary:
      break;
  }
  const std::string_view bytes = value.view();
  if (bytes.empty()) return false;
  if (table.key_size_of(bytes.size()) != table::kNoKey) {
    key = bytes.substr(0, table.config().key_length);
    return true;
  }
  char* padded = arena.alloc_chars(table.config().key_length);
  std::memset(padded, 0, table.config().key_length);
  std::memcpy(padded, bytes.data(), bytes.size());
  key = {padded, table.config().key_length};
  return true;
}

const table::Tracked* tracked_by(const Transaction& transaction, uint32_t number) {
  const table::Tracked* tracked = transaction.tracks.find(number);
  return tracked ? tracked : transaction.session.tracks.find(number);
}

table::Table& table_of(const Transaction& transaction, const config::StickTable& table) {
  return transaction.process->tables->of(table);
}

uint64_t raise_counter(const Transaction& transaction, table::Record& record, size_t type, size_t element,
                       uint64_t amount) {
  const table::Layout& layout = record.table().layout();
  const table::Field* counter = layout.find(type, element);
  if (dry(transaction)) return counter ? record.get(*counter) + amount : 0;
  const std::string_view rate_name = config::kDataTypes[type].rate;
  if (const table::Field* rate = layout.find(config::data_type(rate_name), element)) record.add(*rate, amount);
  if (!counter) return 0;
  record.add(*counter, amount);
  return record.get(*counter);
}

}  // namespace lbd::expr
