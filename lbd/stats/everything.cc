#include <fmt/format.h>

#include <iterator>

#include "lbd/stats/render.h"
#include "lbd/stats/text.h"

namespace lbd::stats {
namespace {

void append_member(std::string& to, std::string_view name, const Value& value) {
  if (to.back() != '{') to += ',';
  append_json(to, name);
  to += ':';
  if (value.is_number())
    to += value.print();
  else
    append_json(to, value.text);
}

void append_figures(std::string& to, const Object& object) {
  to += '{';
  for (const Metric* column : columns())
    if (const Value value = read(*column, object); value.type != Value::Type::nothing)
      append_member(to, column->name, value);
  to += '}';
}

constexpr std::string_view kKinds[] = {"frontend", "backend", "server", "listener"};

}  // namespace

std::string render_everything(const ProcessView& process, const Selection& selection) {
  std::string out = "{\"process\":{";
  for (const InfoRow* row : info_rows())
    if (const Value value = row->read(process); value.type != Value::Type::nothing)
      append_member(out, row->name, value);
  out += "},\"pair\":" + render_pair_json(process.pair) + ",\"objects\":[";
  process.source.for_each(selection, process.now, [&](const Object& object) {
    if (out.back() != '[') out += ",\n";
    out += "{\"proxy\":";
    append_json(out, object.proxy.name);
    fmt::format_to(std::back_inserter(out), ",\"kind\":\"{}\",\"name\":", kKinds[static_cast<size_t>(object.scope)]);
    append_json(out, object.name());
    out += ",\"figures\":";
    append_figures(out, object);
    out += '}';
  });
  return out + "]}\n";
}

}  // namespace lbd::stats
