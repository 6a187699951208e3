#include "lbd/link/tables.h"

#include <fmt/format.h>

namespace lbd::link {

std::string list_of(const config::StickTable& table) {
  return fmt::format("stick/{}/{}", config::name_of(table.key), table.name);
}

TableShare::TableShare(table::Tables& tables, const std::string& node) : tables_(tables) {
  for (const auto& table : tables.all())
    if (const config::StickTable& line = table->config(); line.shared())
      shared_.push_back({list_of(line), table.get(), line.written_to ? &tables.of(*line.written_to) : nullptr});
  tables_.processes()[tables.origin()] = {node, true};
}

bool TableShare::wanted(const table::Tables& tables) {
  return std::any_of(tables.all().begin(), tables.all().end(),
                     [](const auto& table) { return table->config().shared(); });
}

void TableShare::present(const tandem::Present& present) {
  for (auto& [origin, process] : tables_.processes()) process.present = false;
  for (const tandem::Origin& origin : present.origins()) tables_.processes()[origin.id()] = {origin.node(), true};
}

void TableShare::mark_all() {
  for (const Shared& shared : shared_) shared.table->mark_all();
}

void TableShare::take_changes(const Shared& shared, Teller& teller) {
  const auto deadline = [&](base::Millis life) { return life.count() == 0 ? 0 : teller.now() + life.count(); };
  for (const table::Removal& removal : shared.table->take_removals())
    teller.tell(shared.name, removal.key, {}, deadline(shared.table->config().expire), removal.cleared);
  const auto most = static_cast<size_t>(replica::PartBatch::kMostParts);
  shared.table->take_changes(base::mono_now(), most, [&](const table::Change& change) {
    teller.tell(shared.name, change.key, change.value, deadline(change.life));
  });
}

void TableShare::collect(Teller& teller) {
  for (size_t i = 0; i < shared_.size() && !teller.full(); ++i)
    take_changes(shared_[(turn_ + i) % shared_.size()], teller);
  ++turn_;
}

void TableShare::accept(const replica::PartStore::News& news) {
  auto shared = std::find_if(shared_.begin(), shared_.end(), [&](const Shared& one) { return one.name == news.table; });
  if (shared == shared_.end()) return;
  if (!tables_.processes().contains(news.origin))
    tables_.processes().emplace(news.origin, table::Tables::Process{std::string(news.node), false});
  const bool learnt = shared->table->learn({.key = news.key,
                                            .origin = news.origin,
                                            .version = news.version,
                                            .deadline = news.deadline,
                                            .cleared = news.cleared,
                                            .value = news.value},
                                           base::mono_now(), base::wall_now());
  if (learnt && shared->target && !news.value.empty()) write_to_target(*shared, news.key);
}

// What is set, as opposed to counted: a sum of the one table would be counted again in the other.
void TableShare::write_to_target(const Shared& shared, std::string_view key) {
  struct Setting {
    const table::Field* to;
    uint64_t value;
  };
  std::vector<Setting> settings;
  const base::MonoTime now = base::mono_now();
  shared.table->with(key, table::Table::Use::look, now, [&](table::Record& record) {
    for (const table::Field& field : shared.table->layout().fields()) {
      const table::Field* to = field.counts() ? nullptr : shared.target->layout().find(field.type, field.element);
      if (to) settings.push_back({to, record.get(field)});
    }
  });
  // Each table numbers names for itself.
  for (Setting& setting : settings)
    if (setting.to->kind == config::DataKind::name)
      setting.value = shared.target->number_of(shared.table->name_of(static_cast<uint32_t>(setting.value)));
  shared.target->with(key, table::Table::Use::create, now, [&](table::Record& record) {
    for (const Setting& setting : settings)
      if (record.get(*setting.to) != setting.value) record.set(*setting.to, setting.value);
  });
}

}  // namespace lbd::link
