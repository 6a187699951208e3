// Files of patterns and maps: the first byte says how they are matched, then comes the file, and behind the first NUL
// a text that is looked up. What an index finds must be what the pattern alone finds, too.
// fuzz-sources: lbd/expr/pattern_text.cc lbd/expr/pattern_number.cc lbd/expr/pattern_ip.cc
#include <cstdlib>

#include "lbd/expr/pattern.h"
#include "lbd/expr/pattern_files.h"

using lbd::expr::Match;
using lbd::expr::PatternRef;
using lbd::expr::Value;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2 || size > 4096) return 0;
  std::string_view content(reinterpret_cast<const char*>(data) + 1, size - 1);
  size_t nul = std::min(content.find('\0'), content.size());
  std::string_view text = content.substr(std::min(nul + 1, content.size()));
  auto match = static_cast<Match>((data[0] & 15) % 13);
  const bool ignore_case = (data[0] & 16) != 0, is_map = (data[0] & 32) != 0;

  base::Grace grace;
  PatternRef list("fuzz", is_map, grace);
  std::string error = list.load(content.substr(0, nul));
  if (!error.empty()) std::abort();
  size_t use = list.add_use(match, ignore_case, error);
  if (!error.empty()) return 0;

  base::BlockPool pool(1024, 1);
  base::Arena arena(pool);
  Value value = Value::of_text(text);
  if (!lbd::expr::cast(value, lbd::expr::row_of(match).takes, arena)) return 0;
  const lbd::expr::PatternEntry* found = list.find(use, value);
  bool expected = false;
  list.visit(0, [&](const PatternRef::Shown& one) {
    PatternRef alone("", false, grace);
    std::string wrong = alone.load_entry(one.key, {}, 1);
    size_t number = alone.add_use(match, ignore_case, wrong);
    expected = expected || alone.find(number, value) != nullptr;
  });
  if ((found != nullptr) != expected) std::abort();
  // Everything goes away again by its key.
  while (list.count() > 0) {
    std::string key;
    list.visit(0, [&](const PatternRef::Shown& one) { key = one.key; });
    if (!list.remove(key).empty()) std::abort();
  }
  if (list.find(use, value)) std::abort();
  return 0;
}
