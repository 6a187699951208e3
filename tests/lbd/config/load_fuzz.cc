// Any bytes as a configuration: never a crash, never a hang, and what was said can be printed. Names are not looked up.
// fuzz-modules: cfg lbd/config
#include "base/registry.h"
#include "cfg/diag.h"
#include "lbd/config/check.h"
#include "lbd/config/load.h"
#include "lbd/config/proxy_word.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Without its rows the loader would have nothing to do.
  CHECK(cfg::Keywords<lbd::config::Proxy>::find("bind"));
  lbd::config::LoadOptions options;
  options.environment = {};
  options.environment.set("LIST", "a b  c");
  options.local_peer = "node";
  cfg::Diagnostics diagnostics;
  auto config =
      lbd::config::load_text("fuzz", std::string(reinterpret_cast<const char*>(data), size), options, diagnostics);
  lbd::config::check(*config, diagnostics);
  diagnostics.render(cfg::Severity::diag);
  return 0;
}
