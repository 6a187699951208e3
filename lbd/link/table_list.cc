#include "lbd/link/table_list.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

#include "lbd/link/plain_text.h"
#include "lbd/table/record_text.h"

namespace lbd::link {
namespace {

using List = tandem::TableList;
using table::Record;
using table::Table;

// About as many entries as there is room for: more of them would only be made to be thrown away.
constexpr size_t kMostTold = 2500;

// The same on all nodes.
uint64_t hash_of(table::Key key) {
  return XXH3_64bits(key.data(), key.size());
}

// How many connections are open is that of a node alone, and a rate falls while one looks.
bool is_own(const table::Field& field) {
  return field.kind == config::DataKind::gauge || field.kind == config::DataKind::rate;
}

List::Entry told(const Record& record) {
  List::Entry entry;
  entry.set_hash(hash_of(record.key()));
  entry.set_key(plain(table::key_text(record)));
  entry.set_expires_ms(static_cast<uint64_t>(record.expires_in().count()));
  table::for_each_field(record.table(), [&](const std::string& name, const table::Field& field) {
    List::Value& value = *entry.add_values();
    value.set_name(name);
    value.set_text(plain(table::value_text(record.table(), field, record.get(field))));
    value.set_own(is_own(field));
  });
  return entry;
}

List::Table outline_of(const Table& table) {
  List::Table out;
  out.set_name(plain(table.name()));
  out.set_type(std::string(config::name_of(table.config().key)));
  out.set_size(table.config().size);
  out.set_used(table.used());
  out.set_peers(plain(table.config().peers));
  return out;
}

uint64_t digest_of(Table& table, base::MonoTime now) {
  uint64_t digest = 1;  // 0 says that nobody has looked
  table.for_each(now, [&](Record& record) {
    digest += hash_of(record.key());
    return true;
  });
  return digest ? digest : 1;
}

void add_entries(Table& table, base::MonoTime now, List::Table& to) {
  std::vector<uint64_t> hashes;
  table.for_each(now, [&](Record& record) {
    hashes.push_back(hash_of(record.key()));
    return true;
  });
  uint64_t covers = UINT64_MAX;
  if (hashes.size() > kMostTold) {
    const auto last = hashes.begin() + kMostTold;
    std::nth_element(hashes.begin(), last, hashes.end());
    covers = *last;
  }
  std::vector<List::Entry> entries;
  table.for_each(now, [&](Record& record) {
    if (hash_of(record.key()) <= covers) entries.push_back(told(record));
    return true;
  });
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.hash() < b.hash(); });
  size_t room = kLongestTableList;
  for (List::Entry& entry : entries) {
    if (entry.ByteSizeLong() + 8 > room) {
      covers = entry.hash() - 1;
      break;
    }
    room -= entry.ByteSizeLong() + 8;
    *to.add_entries() = std::move(entry);
  }
  to.set_covers(covers);
}

}  // namespace

List list_tables(const table::Tables& tables, const tandem::TablesRequest& wanted, base::MonoTime now) {
  List list;
  if (wanted.table().empty()) {
    for (const auto& table : tables.all()) {
      List::Table one = outline_of(*table);
      if (table->used() <= kMostScanned) one.set_digest(digest_of(*table, now));
      if (list.ByteSizeLong() + one.ByteSizeLong() > kLongestTableList) break;
      *list.add_tables() = std::move(one);
    }
    return list;
  }
  Table* table = tables.find(wanted.table());
  if (!table) {
    list.set_error("there is no such table");
    return list;
  }
  List::Table& out = *list.add_tables();
  out = outline_of(*table);
  if (!wanted.key().empty()) {
    const auto key =
        table->config().key == config::StickTable::Key::binary ? std::nullopt : table::read_key(*table, wanted.key());
    if (!key)
      list.set_error(fmt::format("this is no key of a table of type {}", out.type()));
    else
      table->with(*key, Table::Use::look, now, [&](Record& record) { *out.add_entries() = told(record); });
    out.set_covers(UINT64_MAX);
  } else if (table->used() > kMostScanned) {
    list.set_error(fmt::format("it has more than {} entries", kMostScanned));
  } else {
    add_entries(*table, now, out);
  }
  return list;
}

}  // namespace lbd::link
