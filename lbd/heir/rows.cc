#include "lbd/heir/rows.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/time.h"

namespace lbd::heir {
namespace {

constexpr int kRowsOfMessage = 1024;

using config::DataKind;
using config::DataType;
using config::kDataTypes;
using table::Field;
using table::Record;
using table::Table;

// The fields that are told, in the order of the columns.
std::vector<Field> told_fields(const Table& table) {
  std::vector<Field> fields;
  for (const Field& field : table.layout().fields())
    if (field.kind != DataKind::gauge) fields.push_back(field);
  return fields;
}

class Teller {
 public:
  Teller(const Table& table, const std::function<void(const tandem::Bequest&)>& tell)
      : table_(table), tell_(tell), fields_(told_fields(table)) {
    begin();
  }
  void add(const Record& record) {
    tandem::Rows::Row& row = *rows().add_rows();
    row.set_key(record.key().data(), record.key().size());
    row.set_idle_ms(record.idle().count());
    for (const Field& field : fields_) row.add_values(record.get(field));
    full_ = rows().rows_size() >= kRowsOfMessage;
  }
  bool full() const { return full_; }
  // Names become positions in the texts of the message.
  void send() {
    if (rows().rows_size() == 0) return;
    std::unordered_map<uint64_t, uint64_t> known;
    for (size_t i = 0; i < fields_.size(); ++i) {
      if (fields_[i].kind != DataKind::name) continue;
      for (tandem::Rows::Row& row : *rows().mutable_rows()) {
        const uint64_t number = row.values(static_cast<int>(i));
        const auto [it, fresh] = known.emplace(number, known.size());
        if (fresh) rows().add_texts(table_.name_of(static_cast<uint32_t>(number)));
        row.set_values(static_cast<int>(i), it->second);
      }
    }
    tell_(bequest_);
    begin();
  }

 private:
  tandem::Rows& rows() { return *bequest_.mutable_rows(); }
  void begin() {
    full_ = false;
    rows().Clear();
    rows().set_table(std::string(table_.name()));
    rows().set_key_type(std::string(config::name_of(table_.config().key)));
    for (const Field& field : fields_) {
      tandem::Rows::Column& column = *rows().add_columns();
      column.set_type(std::string(kDataTypes[field.type].name));
      column.set_element(field.element);
      column.set_name(field.kind == DataKind::name);
    }
  }
  const Table& table_;
  const std::function<void(const tandem::Bequest&)>& tell_;
  const std::vector<Field> fields_;
  tandem::Bequest bequest_;
  bool full_ = false;
};

// For each column where it goes; null: it is not stored here.
std::vector<const Field*> places(const Table& table, const tandem::Rows& rows) {
  std::vector<const Field*> all;
  for (const tandem::Rows::Column& column : rows.columns()) {
    const auto type = std::find_if(std::begin(kDataTypes), std::end(kDataTypes),
                                   [&](const DataType& one) { return one.name == column.type(); });
    const Field* field =
        type == std::end(kDataTypes)
            ? nullptr
            : table.layout().find(static_cast<size_t>(type - std::begin(kDataTypes)), column.element());
    const bool fits = field && field->kind != DataKind::gauge && field->element == column.element() &&
                      (field->kind == DataKind::name) == column.name();
    all.push_back(fits ? field : nullptr);
  }
  return all;
}

}  // namespace

void tell_rows(table::Tables& tables, base::MonoTime since, bool shared,
               const std::function<void(const tandem::Bequest&)>& tell) {
  for (const auto& table : tables.all()) {
    if (table->config().shared() && !shared) continue;
    const base::MonoTime now = base::mono_now();
    const base::Millis fresh{base::to_millis(now - since) + 1};
    Teller teller(*table, tell);
    table->for_each(now, [&](Record& record) {
      if (record.idle() <= fresh) teller.add(record);
      if (teller.full()) teller.send();
      return true;
    });
    teller.send();
  }
}

void take_rows(table::Tables& tables, const tandem::Rows& rows) {
  Table* table = tables.find(rows.table());
  if (!table || rows.key_type() != config::name_of(table->config().key)) return;
  const std::vector<const Field*> fields = places(*table, rows);
  std::vector<uint64_t> names;
  for (const std::string& text : rows.texts()) names.push_back(table->number_of(text));
  const base::MonoTime now = base::mono_now();
  for (const tandem::Rows::Row& row : rows.rows()) {
    const base::Millis idle{row.idle_ms()}, life = table->config().expire;
    if (static_cast<size_t>(row.values_size()) != fields.size() || idle.count() < 0 ||
        (life.count() > 0 && idle >= life) || table->key_size_of(row.key().size()) != row.key().size())
      continue;
    table->with(row.key(), Table::Use::create, now, [&](Record& record) {
      for (size_t i = 0; i < fields.size(); ++i) {
        if (!fields[i]) continue;
        const uint64_t value = row.values(static_cast<int>(i));
        if (fields[i]->kind != DataKind::name)
          record.set(*fields[i], value);
        else if (value < names.size())
          record.set(*fields[i], names[value]);
      }
      record.age(idle);
    });
  }
}

}  // namespace lbd::heir
