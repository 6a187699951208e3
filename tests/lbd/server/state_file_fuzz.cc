// Whatever stands in a file of states: it is parsed or refused as a whole, and what is taken from a line can be.
#include "base/result.h"
#include "lbd/server/state_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lbd::server;
  StateFile file;
  const auto problem = file.parse({reinterpret_cast<const char*>(data), size});
  CHECK(problem.kind == StateFile::Problem::Kind::none || file.size() == 0);
  const StateFile::Fields* fields = file.find("app", "a");
  if (!fields) return 0;
  saved_address(*fields);
  const auto saved = interpret(*fields);
  if (!saved) {
    CHECK(saved.error().text.starts_with("invalid "));
    return 0;
  }
  CHECK(saved->weight <= Server::kMaxWeight);
  CHECK(static_cast<int>(saved->operational) <= static_cast<int>(Operational::stopping));
  CHECK(!((saved->admin & kForcedMaintenance) && (saved->admin & kForcedDrain)));
  return 0;
}
