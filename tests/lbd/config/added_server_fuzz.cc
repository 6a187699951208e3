// Whatever words `add server` is given, the line that comes of them is whole, or there is an error that says something.
//
// fuzz-modules: lbd/config
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/strings.h"
#include "lbd/config/server_line.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<std::string> words;
  for (std::string_view word : base::split({reinterpret_cast<const char*>(data), size}, ' ')) words.emplace_back(word);
  const std::string name = words.front();
  words.erase(words.begin());
  cfg::Diagnostics diagnostics;
  auto added = lbd::config::parse_added_server(name, words, {}, diagnostics);
  if (!added && added.error().text.empty()) std::abort();
  if (added && (!added->line || added->line->name != name || added->line->weight > 256)) std::abort();
  if (diagnostics.has_errors()) std::abort();
  return 0;
}
