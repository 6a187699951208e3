#include "lbd/stats/render.h"

#include <fmt/format.h>

#include <iterator>

#include "lbd/stats/text.h"

namespace lbd::stats {
namespace {

// The first column that HAProxy's statistics modules (TLS, HTTP/2, HTTP/1) added; CSV has a mark before them.
constexpr int kFirstModuleColumn = 103;

std::string_view long_name(char tag, int place) {
  struct Tag {
    char letter;
    std::string_view name;
  };
  constexpr Tag kOrigins[] = {{'M', "Metric"}, {'S', "Status"}, {'K', "Key"}, {'C', "Config"}, {'P', "Product"}};
  constexpr Tag kNatures[] = {{'G', "Gauge"},   {'L', "Limit"},  {'M', "Max"},      {'N', "Name"},
                              {'C', "Counter"}, {'R', "Rate"},   {'D', "Duration"}, {'A', "Age"},
                              {'T', "Time"},    {'O', "Output"}, {'a', "Avg"},      {'m', "Min"}};
  constexpr Tag kScopes[] = {{'C', "Cluster"}, {'S', "Service"}, {'P', "Process"}, {'N', "System"}};
  auto find = [tag](const auto& tags) {
    for (const Tag& one : tags)
      if (one.letter == tag) return one.name;
    return std::string_view("Unknown");
  };
  return place == 0 ? find(kOrigins) : place == 1 ? find(kNatures) : find(kScopes);
}

void append_json_field(std::string& to, int position, std::string_view name, std::string_view tags,
                       const Value& value) {
  fmt::format_to(std::back_inserter(to),
                 R"("field":{{"pos":{},"name":"{}"}},"processNum":1,)"
                 R"("tags":{{"origin":"{}","nature":"{}","scope":"{}"}},"value":{{"type":"{}","value":)",
                 position, name, long_name(tags[0], 0), long_name(tags[1], 1), long_name(tags[2], 2),
                 value.type_name());
  if (value.is_number())
    to += value.print();
  else
    append_json(to, value.text);
  to += "}}";
}

char letter_of(Scope scope) {
  constexpr char kLetters[] = {'F', 'B', 'S', 'L'};
  return kLetters[static_cast<size_t>(scope)];
}

std::string_view name_of(Scope scope) {
  constexpr std::string_view kNames[] = {"Frontend", "Backend", "Server", "Listener"};
  return kNames[static_cast<size_t>(scope)];
}

uint32_t number_of(const Object& object) {
  return object.id();
}

Value read_for(const Selection& selection, const Metric& column, const Object& object) {
  return column.legend && !selection.legends ? Value::nothing() : read(column, object);
}

std::string csv(const Source& source, const Selection& selection, base::MonoTime now) {
  std::string out = "# ";
  for (const Metric* column : columns()) {
    if (column->position == kFirstModuleColumn) out += "-,";
    out += column->name;
    out += ',';
  }
  out += '\n';
  source.for_each(selection, now, [&](const Object& object) {
    for (const Metric* column : columns()) {
      if (column->position == kFirstModuleColumn) out += "-,";
      append_csv(out, read_for(selection, *column, object).print());
      out += ',';
    }
    out += '\n';
  });
  return out;
}

std::string typed(const Source& source, const Selection& selection, base::MonoTime now, bool with_docs) {
  std::string out;
  source.for_each(selection, now, [&](const Object& object) {
    for (const Metric* column : columns()) {
      Value value = read_for(selection, *column, object);
      if (value.type == Value::Type::nothing) continue;
      fmt::format_to(std::back_inserter(out), "{}.{}.{}.{}.{}.1:{}:{}:{}", letter_of(object.scope), object.proxy.id,
                     number_of(object), column->position, column->name, column->tags_for(object), value.type_name(),
                     value.print());
      if (with_docs) fmt::format_to(std::back_inserter(out), ":\"{}\"", column->doc);
      out += '\n';
    }
  });
  return out;
}

std::string json(const Source& source, const Selection& selection, base::MonoTime now) {
  std::string out = "[";
  source.for_each(selection, now, [&](const Object& object) {
    out += out.size() > 1 ? ",[" : "[";
    bool first = true;
    for (const Metric* column : columns()) {
      Value value = read_for(selection, *column, object);
      if (value.type == Value::Type::nothing) continue;
      fmt::format_to(std::back_inserter(out), R"({}{{"objType":"{}","proxyId":{},"id":{},)", first ? "" : ",",
                     name_of(object.scope), object.proxy.id, number_of(object));
      append_json_field(out, column->position, column->name, column->tags_for(object), value);
      first = false;
    }
    out += ']';
  });
  out += "]\n";
  return out;
}

}  // namespace

void append_csv(std::string& to, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    to += text;
    return;
  }
  to += '"';
  for (char c : text) {
    if (c == '"') to += '"';
    to += c;
  }
  to += '"';
}

std::string render_stat(const Source& source, const Selection& selection, Format format, base::MonoTime now,
                        bool with_docs) {
  switch (format) {
    case Format::typed:
      return typed(source, selection, now, with_docs);
    case Format::json:
      return json(source, selection, now);
    case Format::plain:
      break;
  }
  return csv(source, selection, now);
}

std::string render_info(const ProcessView& process, Format format, bool with_docs, bool exactly) {
  std::string out = format == Format::json ? "[" : "";
  for (const InfoRow* row : info_rows()) {
    Value value = exactly ? read_exactly(*row, process) : row->read(process);
    if (value.type == Value::Type::nothing) continue;
    switch (format) {
      case Format::json:
        out += out.size() > 1 ? ",{" : "{";
        append_json_field(out, row->position, row->name, row->tags, value);
        continue;
      case Format::typed:
        fmt::format_to(std::back_inserter(out), "{}.{}.1:{}:{}:{}", row->position, row->name, row->tags,
                       value.type_name(), value.print());
        break;
      case Format::plain:
        fmt::format_to(std::back_inserter(out), "{}: {}", row->name, value.print());
        break;
    }
    if (with_docs) fmt::format_to(std::back_inserter(out), ":\"{}\"", row->doc);
    out += '\n';
  }
  if (format == Format::json) out += "]\n";
  return out;
}

}  // namespace lbd::stats
