#include "replica/merge.h"

namespace replica {

bool last_writer(Field& mine, const Field& theirs) {
  if (theirs.stamp <= mine.stamp) return false;
  mine = theirs;
  return true;
}

Merged merge(Entry& mine, const Entry& theirs) {
  const KindRow* kind = find_kind(theirs.key.kind);
  CHECK(kind && mine.key == theirs.key);
  Merged merged;
  for (const Field& field : theirs.fields) {
    const FieldRow* row = kind->field(field.number);
    CHECK(row);
    merged.changed |= row->merge(mine.at(field.number), field);
  }
  merged.equal = mine.fields == theirs.fields;
  return merged;
}

}  // namespace replica
