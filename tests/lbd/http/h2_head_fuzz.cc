// Header sections of HTTP/2, whatever they hold: a request or none, and what comes of it is a head that can be written.
//
// The input is lines "name value"; the first byte says whether a body follows.
#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"
#include "base/strings.h"
#include "lbd/http/h2_head.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lbd::http;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  base::BlockPool blocks(4096, 4);
  base::Arena arena(blocks);
  Head head(arena);
  H2RequestReader reader(head, {4096, 20});
  std::string trailers;
  for (std::string_view line : base::split(text, '\n')) {
    const size_t blank = std::min(line.find(' '), line.size());
    const std::string_view name = line.substr(0, blank), value = line.substr(std::min(blank + 1, line.size()));
    reader.add(name, value);
    append_trailer(trailers, name, value);
  }
  if (reader.finish((data[0] & 1) != 0)) {
    CHECK(!head.target.empty() && head.first_line.ends_with(" HTTP/2.0"));
    CHECK(head.headers.size() <= 20 + 5);
    head.status = 200;
    for (const H2Field& field : h2_response(head, {}, reader.extended_connect(), arena)) CHECK(field.name.data());
  }
  for (const H2Field& field : h2_trailers(trailers)) CHECK(field.value.size() <= trailers.size());
  return 0;
}
