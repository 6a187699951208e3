// An entry as another node may send it: refused, or one that survives merging and the wire unchanged.
// fuzz-modules: replica
#include "replica/entry.h"
#include "replica/merge.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  tandem::Entry wire;
  if (!wire.ParseFromArray(data, static_cast<int>(size))) return 0;
  auto entry = replica::from_wire(wire);
  if (!entry) {
    if (wire.has_server_state() && entry.error().code == base::Code::unsupported) __builtin_trap();
    return 0;
  }
  replica::Entry mine{.key = entry->key, .fields = {}};
  if (!replica::merge(mine, *entry).equal) __builtin_trap();
  auto again = replica::from_wire(replica::to_wire(mine));
  if (!again || !(*again == mine)) __builtin_trap();
  return 0;
}
