// Tables: the stick tables of a process, by their position in Config::stick_tables.
//
// Life: made after the configuration was linked, before workers start; as long as the process. Thread: the list never
// changes, tables have their own locks; tick() belongs to one thread. Errors: none.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "lbd/config/config.h"
#include "lbd/table/table.h"

namespace lbd::table {

class Tables {
 public:
  explicit Tables(const config::Config& config);

  Table& of(const config::StickTable& config) const { return *all_[config.index]; }
  const std::vector<std::unique_ptr<Table>>& all() const { return all_; }
  Table* find(std::string_view name) const;  // null: there is none
  // This process among all that have its shared tables: another number after each start.
  uint64_t origin() const { return origin_; }

  // The processes that said something of shared tables: of which node they are, and whether they are there now. Belongs
  // to the control thread.
  struct Process {
    std::string node;
    bool present = false;
  };
  std::unordered_map<uint64_t, Process>& processes() { return processes_; }
  const std::unordered_map<uint64_t, Process>& processes() const { return processes_; }

  // Takes expired entries away, a part of each table: to be called every kTick. How often something expires does not
  // matter to whoever looks: it is about memory, and about room.
  static constexpr base::Millis kTick{50};
  void tick(base::MonoTime now);

 private:
  const uint64_t origin_;
  std::vector<std::unique_ptr<Table>> all_;
  std::unordered_map<uint64_t, Process> processes_;
};

}  // namespace lbd::table
