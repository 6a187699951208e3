// Whatever an agent says: what is taken from it is within bounds, and a complaint names a word of the line.
#include "base/result.h"
#include "lbd/check/agent_words.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const lbd::check::AgentWords words = lbd::check::parse_agent_words(line);
  CHECK(words.up.has_value() == !words.state.empty());
  CHECK(words.state.empty() || line.find(words.state) != std::string_view::npos);
  CHECK(words.description.size() <= size);
  return 0;
}
