// What lbctl is told of the stick tables of this lbd: which there are, whether their keys are those of another node,
// and entries of one.
//
// Of many entries those are told whose keys have the smallest hashes, as many as there is room for: of two nodes these
// are the same ones, so that they can be compared. A table of more than kMostScanned entries is not looked through.
// Thread: control thread; locks of tables are held for single pages. Errors: a text in the answer.
#pragma once

#include "lbd/table/tables.h"
#include "proto/tables.pb.h"

namespace lbd::link {

inline constexpr size_t kLongestTableList = 192 * 1024;  // in bytes: it fits where syncd takes it (syncd/views.h)
inline constexpr uint64_t kMostScanned = 100'000;

tandem::TableList list_tables(const table::Tables& tables, const tandem::TablesRequest& wanted, base::MonoTime now);

}  // namespace lbd::link
