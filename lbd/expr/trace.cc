#include "lbd/expr/trace.h"

namespace lbd::expr {
namespace {

constexpr size_t kMostShown = 200;

}  // namespace

std::string shown(std::string_view text) {
  std::string out = "\"";
  for (char c : text.substr(0, kMostShown)) {
    if (c == '"' || c == '\\')
      out += {'\\', c};
    else if (c >= ' ' && c < 127)
      out += c;
    else
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
  out += '"';
  if (text.size() > kMostShown) out += fmt::format("… ({} bytes)", text.size());
  return out;
}

std::string shown(const Value& value) {
  if (value.is_text()) return shown(value.view());
  if (value.type == Type::boolean) return value.integer ? "true" : "false";
  char room[kMaxScalarText];
  return std::string(to_text(value, room));
}

std::string shown(const cfg::Location& where) {
  return where.source ? fmt::format("{}:{}", where.file(), where.line) : "built in";
}

}  // namespace lbd::expr
