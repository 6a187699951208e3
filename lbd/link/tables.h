// TableShare: the shared stick tables of this lbd: what was counted here is told to the other processes, and what they
// counted comes into the tables as their parts (lbd/table/parts.h).
//
// Owner: PartsLink. Thread, errors: see Share; what is told of a table that is not here is left.
#pragma once

#include <string>
#include <vector>

#include "lbd/link/share.h"
#include "lbd/table/tables.h"

namespace lbd::link {

// What a table is called between nodes: tables of one name and other keys are others.
std::string list_of(const config::StickTable& table);

class TableShare final : public Share {
 public:
  // `node`: what this process is called.
  TableShare(table::Tables& tables, const std::string& node);
  // Whether there are tables to share.
  static bool wanted(const table::Tables& tables);

  bool owns(std::string_view list) const override { return list.starts_with("stick/"); }
  void mark_all() override;
  void collect(Teller& teller) override;
  void accept(const replica::PartStore::News& news) override;
  void present(const tandem::Present& present) override;

 private:
  struct Shared {
    std::string name;  // list_of() it
    table::Table* table;
    table::Table* target;  // of write-to; null: there is none
  };
  static void write_to_target(const Shared& shared, std::string_view key);
  static void take_changes(const Shared& shared, Teller& teller);

  table::Tables& tables_;
  std::vector<Shared> shared_;
  size_t turn_ = 0;  // whose changes come first
};

}  // namespace lbd::link
