// Any bytes as a configuration: never a crash, never a hang, and what was said can be printed. Names are not looked up.
#include "cfg/diag.h"
#include "lbd/config/check.h"
#include "lbd/config/load.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  lbd::config::LoadOptions options;
  options.environment = {};
  options.environment.set("LIST", "a b  c");
  options.local_peer = "node";
  cfg::Diagnostics diagnostics;
  auto config = lbd::config::load_text(
      "fuzz", std::string(reinterpret_cast<const char*>(data), size), options, diagnostics);
  lbd::config::check(*config, diagnostics);
  diagnostics.render(cfg::Severity::diag);
  return 0;
}
