// Any bytes as a keepalived.conf. Includes are kept away, so that no file of the machine is read.
#include <cstdint>
#include <string>

#include "cfg/blocks.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string text(data, data + size);
  if (text.find("inc") != std::string::npos) return 0;
  cfg::SourceSet sources;
  cfg::Diagnostics diagnostics;
  cfg::BlockContext context;
  context.id = "main";
  context.expansion_limit = 20'000;
  (void)cfg::parse_blocks(sources, *sources.add("fuzz.conf", text), context, diagnostics);
  (void)diagnostics.render();
  return 0;
}
