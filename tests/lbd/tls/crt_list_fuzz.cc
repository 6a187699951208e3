// Any text as a crt-list: every line gives an entry, an error, or nothing.
// fuzz-modules: lbd/config
// fuzz-sources: lbd/tls/crt_list.cc
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "lbd/tls/crt_list.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  cfg::Source source("list", std::string(reinterpret_cast<const char*>(data), size));
  cfg::Diagnostics diagnostics;
  for (const auto& line : lbd::tls::parse_crt_list(source, diagnostics))
    if (line.file.text.empty() || line.file.loc.line == 0) std::abort();
  return 0;
}
