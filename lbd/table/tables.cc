#include "lbd/table/tables.h"

#include <algorithm>
#include <random>

namespace lbd::table {
namespace {

// How often all pages of a table are seen while an entry lives, and the most that are seen in one turn: about a
// millisecond's work.
constexpr int64_t kSweepsOfLife = 8;
constexpr int64_t kMostPages = 4096;

uint64_t random_number() {
  std::random_device source;
  return uint64_t{source()} << 32 | source();
}

}  // namespace

Tables::Tables(const config::Config& config) : origin_(random_number()) {
  for (const config::StickTable* line : config.stick_tables) all_.push_back(std::make_unique<Table>(*line, origin_));
}

Table* Tables::find(std::string_view name) const {
  for (const auto& table : all_)
    if (table->name() == name) return table.get();
  return nullptr;
}

void Tables::tick(base::MonoTime now) {
  for (const auto& table : all_) {
    const int64_t life = table->config().expire.count();
    if (life == 0 || table->used() == 0) continue;
    const int64_t all = static_cast<int64_t>(table->pages());
    const int64_t due = all * kSweepsOfLife * kTick.count() / life + 1;
    table->sweep(now, static_cast<size_t>(std::min({due, all, kMostPages})));
  }
}

}  // namespace lbd::table
