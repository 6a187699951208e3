// Merging what two nodes say of one object, field by field, by the rule of the field's row. A rule is commutative,
// associative and idempotent, so that nodes agree in whatever order and how often updates come. Pure.
#pragma once

#include "replica/entry.h"

namespace replica {

// The later stamp wins.
bool last_writer(Field& mine, const Field& theirs);

struct Merged {
  bool changed = false;  // mine is not what it was
  bool equal = false;    // mine is now what theirs was: its sender need not be told
};
Merged merge(Entry& mine, const Entry& theirs);

}  // namespace replica
