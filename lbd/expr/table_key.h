// From samples to the keys of stick tables, and the entries that an exchange tracks.
// Pure but for the tables. Thread: that of the exchange. Errors: a value that is no key of the table says false.
#pragma once

#include "lbd/config/stick_table.h"
#include "lbd/expr/transaction.h"
#include "lbd/expr/value.h"
#include "lbd/table/table.h"

namespace lbd::expr {

// What a sample must be cast to.
Type type_of(config::StickTable::Key key);

// The bytes are in the arena, or those of the value.
bool make_key(Value value, const table::Table& table, base::Arena& arena, table::Key& key);

// What the exchange, or else its session, tracks with this counter; null: nothing.
const table::Tracked* tracked_by(const Transaction& transaction, uint32_t number);

// The table at run time.
table::Table& table_of(const Transaction& transaction, const config::StickTable& table);

// Raises a general purpose counter and its rate, unless the exchange is only explained; what it is then.
uint64_t raise_counter(const Transaction& transaction, table::Record& record, size_t type, size_t element,
                       uint64_t amount);

}  // namespace lbd::expr
