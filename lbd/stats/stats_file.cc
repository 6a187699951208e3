#include "lbd/stats/stats_file.h"

#include <fmt/format.h>

#include <map>
#include <span>

#include "base/strings.h"
#include "lbd/stats/readers.h"

namespace lbd::stats {
namespace {

using server::Counter;
using server::Counters;

constexpr size_t kMostComplaints = 8;

struct Column {
  std::string_view name;
  uint8_t scopes;
  Counter Counters::*member;  // null: a class of responses
  size_t response = 0;
  bool maximum = false;

  const Counter& of(const Counters& counters) const { return member ? counters.*member : counters.responses[response]; }
  Counter& of(Counters& counters) const { return member ? counters.*member : counters.responses[response]; }
};

constexpr Column kColumns[] = {
    {"stot", kAnswering, &Counters::sessions},
    {"stot", kListener, &Counters::connections},
    {"bin", kAll, &Counters::bytes_in},
    {"bout", kAll, &Counters::bytes_out},
    {"dreq", kProxies | kListener, &Counters::denied_requests},
    {"dresp", kAll, &Counters::denied_responses},
    {"ereq", kFrontend | kListener, &Counters::failed_requests},
    {"econ", kBackside, &Counters::failed_connections},
    {"eresp", kBackside, &Counters::failed_responses},
    {"wretr", kBackside, &Counters::retries},
    {"wredis", kBackside, &Counters::redispatches},
    {"lbtot", kBackside, &Counters::chosen},
    {"hrsp_1xx", kAnswering, nullptr, 1},
    {"hrsp_2xx", kAnswering, nullptr, 2},
    {"hrsp_3xx", kAnswering, nullptr, 3},
    {"hrsp_4xx", kAnswering, nullptr, 4},
    {"hrsp_5xx", kAnswering, nullptr, 5},
    {"hrsp_other", kAnswering, nullptr, 0},
    {"req_tot", kAnswering, &Counters::requests},
    {"cli_abrt", kBackside, &Counters::client_aborts},
    {"srv_abrt", kBackside, &Counters::server_aborts},
    {"comp_in", kProxies, &Counters::compression_in},
    {"comp_out", kProxies, &Counters::compression_out},
    {"comp_byp", kProxies, &Counters::compression_bypassed},
    {"comp_rsp", kProxies, &Counters::compressed_responses},
    {"conn_tot", kFrontend, &Counters::connections},
    {"intercepted", kFrontend, &Counters::intercepted},
    {"dcon", kFrontend | kListener, &Counters::denied_connections},
    {"dses", kFrontend | kListener, &Counters::denied_sessions},
    {"wrew", kAll, &Counters::failed_rewrites},
    {"connect", kBackside, &Counters::connects},
    {"reuse", kBackside, &Counters::reuses},
    {"cache_lookups", kProxies, &Counters::cache_lookups},
    {"cache_hits", kProxies, &Counters::cache_hits},
    {"qtime_max", kBackside, &Counters::queue_time_max_ms, 0, true},
    {"ctime_max", kBackside, &Counters::connect_time_max_ms, 0, true},
    {"rtime_max", kBackside, &Counters::response_time_max_ms, 0, true},
    {"ttime_max", kBackside, &Counters::total_time_max_ms, 0, true},
    {"eint", kAll, &Counters::internal_errors},
};

struct Kind {
  std::string_view mark;
  Scope scope;
};
constexpr Kind kKinds[] = {
    {"#fe", Scope::frontend}, {"#be", Scope::backend}, {"#li", Scope::listener}, {"#srv", Scope::server}};

const std::string& guid_of(const Object& object) {
  if (object.server) return object.server->config().guid;
  return object.listener ? object.listener->bind.guid : object.proxy.guid;
}

// A guid that would be read as something else is no guid.
bool is_written(std::string_view guid) {
  return !guid.empty() && guid.front() != '#' && guid.find_first_of(",\n") == std::string_view::npos;
}

template <typename Visit>
void for_each_of(const Source& source, Scope scope, Visit visit) {
  Selection selection;
  selection.scopes = bit_of(scope);
  source.for_each(selection, base::mono_now(), [&](const Object& object) {
    if (is_written(guid_of(object))) visit(object);
  });
}

class Reader {
 public:
  Reader(const Source& source, CounterBlocks& blocks) : source_(source), blocks_(blocks) {}

  std::vector<std::string> read(std::string_view text) {
    for (std::string_view line : base::split(text, '\n')) {
      ++line_;
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      if (line.empty()) continue;
      line.front() == '#' ? begin(line) : object(line);
    }
    return std::move(complaints_);
  }

 private:
  void complain(std::string_view text) {
    if (complaints_.size() < kMostComplaints) complaints_.push_back(fmt::format("line {}: {}", line_, text));
  }

  void begin(std::string_view line) {
    columns_.clear();
    slots_.clear();
    const size_t blank = line.find(' ');
    const std::string_view mark = line.substr(0, blank);
    const auto* kind =
        std::find_if(std::begin(kKinds), std::end(kKinds), [&](const Kind& k) { return k.mark == mark; });
    const auto names = base::split(blank == std::string_view::npos ? std::string_view() : line.substr(blank + 1), ',');
    if (kind == std::end(kKinds) || names.empty() || names[0] != "guid") {
      skipping_ = true;
      return complain("expected '#fe guid,…', '#be guid,…', '#li guid,…' or '#srv guid,…'");
    }
    skipping_ = false;
    for (size_t i = 1; i < names.size(); ++i) {
      const auto* column = std::find_if(std::begin(kColumns), std::end(kColumns), [&](const Column& c) {
        return c.name == names[i] && (c.scopes & bit_of(kind->scope));
      });
      columns_.push_back(column == std::end(kColumns) ? nullptr : column);
    }
    for_each_of(source_, kind->scope, [&](const Object& one) { slots_.emplace(guid_of(one), one.slot); });
  }

  void object(std::string_view line) {
    if (skipping_) return;
    const auto values = base::split(line, ',');
    if (values.size() != columns_.size() + 1) return complain("as many values as the columns above are expected");
    std::vector<uint64_t> numbers;
    for (size_t i = 1; i < values.size(); ++i) {
      const auto number = base::parse_int<uint64_t>(values[i].empty() ? "0" : values[i]);
      if (!number) return complain(fmt::format("'{}' is not a number", values[i]));
      numbers.push_back(*number);
    }
    const auto slot = slots_.find(values[0]);
    if (slot == slots_.end()) return;
    Counters& counters = blocks_.inherited(slot->second);
    for (size_t i = 0; i < numbers.size(); ++i)
      if (columns_[i])
        columns_[i]->maximum ? columns_[i]->of(counters).raise_to(numbers[i])
                             : columns_[i]->of(counters).add(numbers[i]);
    slots_.erase(slot);  // a second line of the same name is not it
  }

  const Source& source_;
  CounterBlocks& blocks_;
  std::vector<std::string> complaints_;
  size_t line_ = 0;
  bool skipping_ = true;  // below a header that makes no sense
  std::vector<const Column*> columns_;
  std::map<std::string, uint32_t, std::less<>> slots_;
};

}  // namespace

std::string write_stats_file(const Source& source) {
  std::string text;
  for (const Kind& kind : kKinds) {
    fmt::format_to(std::back_inserter(text), "{}{} guid", text.empty() ? "" : "\n", kind.mark);
    for (const Column& column : kColumns)
      if (column.scopes & bit_of(kind.scope)) text.append(",").append(column.name);
    text += '\n';
    for_each_of(source, kind.scope, [&](const Object& object) {
      text += guid_of(object);
      for (const Column& column : kColumns) {
        if (!(column.scopes & bit_of(kind.scope))) continue;
        const auto read = [&](const Counters& counters) { return column.of(counters).get(); };
        fmt::format_to(
            std::back_inserter(text), ",{}",
            column.maximum ? source.blocks().highest(object.slot, read) : source.blocks().sum(object.slot, read));
      }
      text += '\n';
    });
  }
  return text;
}

std::vector<std::string> read_stats_file(std::string_view text, const Source& source, CounterBlocks& blocks) {
  return Reader(source, blocks).read(text);
}

}  // namespace lbd::stats
