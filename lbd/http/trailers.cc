#include "lbd/http/trailers.h"

#include "lbd/http/h1_parser.h"

namespace lbd::http {

std::optional<std::string> forward_trailers(std::string section) {
  // Nearly always there are none.
  if (section == "\r\n") return section;
  base::BlockPool pool(4096, 0);
  base::Arena arena(pool);
  Headers trailers(arena);
  if (parse_trailers(section, trailers, {}).state != Parsed::State::complete) return std::nullopt;
  std::string out;
  for (const Header& field : trailers) out.append(field.name).append(": ").append(field.value).append("\r\n");
  return out += "\r\n";
}

bool malformed_trailers(std::string beginning) {
  base::BlockPool pool(4096, 0);
  base::Arena arena(pool);
  Headers trailers(arena);
  return parse_trailers(beginning, trailers, {}).state == Parsed::State::error;
}

}  // namespace lbd::http
