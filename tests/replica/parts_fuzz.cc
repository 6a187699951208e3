// A batch of parts as another node may send it: what a store took of it goes over the wire and into another store
// unchanged.
#include "replica/part_batch.h"

namespace {

constexpr int64_t kNow = 1'700'000'000'000;

void take(replica::PartStore& store, const tandem::Parts& parts) {
  replica::each_part(parts, [&](const replica::PartStore::News& news) { store.put(news, 1, kNow); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  tandem::Parts parts;
  if (!parts.ParseFromArray(data, static_cast<int>(size))) return 0;
  replica::PartStore store(20), other(20);
  take(store, parts);
  tandem::Parts again;
  replica::PartBatch batch(again);
  replica::PartStore::Cursor cursor(store);
  cursor.rewind(0);
  batch.fill(store, cursor, kNow, [](const auto&, std::string_view) { return true; });
  take(other, again);
  if (store.parts() > 20 || other.parts() != store.parts() || other.objects() != store.objects()) __builtin_trap();
  store.sweep(100, INT64_MAX);
  return 0;
}
