// Variables: sess.x, txn.x, req.x, res.x. A small list per scope owner; names are interned at load to numbers, so that
// a look-up compares integers. Values live in the arena of the owner. Manual: 2.8.
#pragma once

#include <cstdint>

#include "base/arena.h"

namespace lbd::expr {

struct Value;

class Vars {
 public:
  const Value* find(uint32_t name) const;
  void set(uint32_t name, const Value& value, base::Arena& arena);  // copies the value's text into the arena
  void unset(uint32_t name);

 private:
  struct Entry;
  Entry* first_ = nullptr;
};

}  // namespace lbd::expr
