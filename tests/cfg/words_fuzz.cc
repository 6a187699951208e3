// Any bytes as lines: words lie within the text, places within the line, and every line moves on.
#include "base/result.h"
#include "cfg/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  cfg::Source source("fuzz", std::string(reinterpret_cast<const char*>(data), size));
  cfg::Environment environment;
  environment.set("A", "x y");
  cfg::Platform platform;
  platform.version = "3.4.0";
  cfg::Diagnostics diagnostics;
  cfg::Reader reader(source, environment, platform, diagnostics);
  uint32_t before = 0;
  while (auto statement = reader.next("section")) {
    CHECK(statement->loc.line > before);
    before = statement->loc.line;
    for (const cfg::Word& word : statement->words) {
      CHECK(word.loc.line >= statement->loc.line && word.loc.line <= source.line_count());
      CHECK(word.loc.column >= 1 && word.loc.column - 1 + word.loc.length <= source.line(word.loc.line).size());
      word.at(word.text.size() / 2);
    }
  }
  diagnostics.render(cfg::Severity::diag);
  return 0;
}
