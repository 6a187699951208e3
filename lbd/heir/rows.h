// Rows: entries of stick tables, from one lbd to the next. A table that has the same name and the same kind of keys
// there gets them, with the data that both store. How many are connected now is not told: those who stay behind are
// not the heir's.
//
// Thread: control thread; workers may use the tables meanwhile. Errors: what makes no sense is left.
#pragma once

#include <functional>

#include "lbd/table/tables.h"
#include "proto/succession.pb.h"

namespace lbd::heir {

// Those that were used since `since`. `shared`: also those of tables that replication keeps.
void tell_rows(table::Tables& tables, base::MonoTime since, bool shared,
               const std::function<void(const tandem::Bequest&)>& tell);

void take_rows(table::Tables& tables, const tandem::Rows& rows);

}  // namespace lbd::heir
