#include "lbd/stats/others.h"

#include <fmt/format.h>

#include "lbd/stats/render.h"

namespace lbd::stats {
namespace {

// Which columns name the object: they stand in every line.
constexpr int kNames = 2;

// A line of which `figure(column, metric)` says what is in it.
template <typename Figure>
void append_line(std::string& out, const std::string& node, const Object& object, Figure figure) {
  append_csv(out, node);
  for (size_t column = 0; column < columns().size(); ++column) {
    out += ',';
    const Metric& metric = *columns()[column];
    append_csv(out, static_cast<int>(column) < kNames ? read(metric, object).print()
                                                      : figure(static_cast<int>(column), metric));
  }
  out += '\n';
}

}  // namespace

std::string Others::key_of(const Object& object) {
  switch (object.scope) {
    case Scope::frontend:
      return "F " + object.proxy.name;
    case Scope::backend:
      return "B " + object.proxy.name;
    case Scope::server:
      return fmt::format("S {}/{}", object.proxy.name, object.name());
    case Scope::listener:
      break;
  }
  return fmt::format("L {}/{}", object.proxy.name, object.name());
}

bool Others::tells(const Metric& metric, const Object& object) {
  return metric.tags_for(object)[1] == 'C';
}

std::string render_nodes(const Source& source, const Others& others, const Selection& selection, base::MonoTime now) {
  std::string out = "# node";
  for (const Metric* metric : columns()) fmt::format_to(std::back_inserter(out), ",{}", metric->name);
  out += '\n';
  source.for_each(selection, now, [&](const Object& object) {
    const std::string key = Others::key_of(object);
    Others::Figures sums;
    append_line(out, others.here, object, [&](int column, const Metric& metric) {
      const Value own = read(metric, object);
      if (own.is_number() && Others::tells(metric, object)) sums[column] = static_cast<uint64_t>(own.number);
      return own.print();
    });
    for (const auto& [origin, process] : others.all()) {
      const auto known = process.objects.find(key);
      append_line(out, process.node, object, [&](int column, const Metric& metric) {
        if (!sums.contains(column) || !Others::tells(metric, object)) return std::string();
        uint64_t value = 0;
        if (known != process.objects.end())
          if (auto figure = known->second.find(column); figure != known->second.end()) value = figure->second;
        sums[column] += value;
        return std::to_string(value);
      });
    }
    append_line(out, "sum", object, [&](int column, const Metric&) {
      return sums.contains(column) ? std::to_string(sums[column]) : std::string();
    });
  });
  return out;
}

}  // namespace lbd::stats
