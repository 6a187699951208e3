// A file where a snapshot is expected: refused, or what it has is bounded.
// fuzz-modules: replica
#include "syncd/snapshot.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  replica::Store store(20, 1);
  replica::PartStore parts(20);
  syncd::SnapshotReader reader({store, parts});
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  // In two pieces, as a file comes in several.
  if (reader.feed(bytes.substr(0, size / 2))) (void)reader.feed(bytes.substr(size / 2));
  if (store.size() > 20 || parts.parts() > 20) __builtin_trap();
  return 0;
}
