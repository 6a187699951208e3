#include "snmp/subagent.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>

#include <algorithm>

#include "base/fd.h"
#include "base/log.h"
#include "base/process.h"
#include "base/watchdog.h"
#include "snmp/leaf.h"

namespace snmp {
namespace {

// The library calls functions, not objects.
Collector* asked = nullptr;

constexpr std::string_view kTypes[] = {"INTEGER",   "Gauge32",      "Counter32", "Counter64",
                                       "TimeTicks", "OCTET STRING", "IpAddress"};

}  // namespace

Subagent::Subagent(const Options& options)
    : options_(options),
      interrupt_(loop_),
      terminate_(loop_),
      agent_(loop_, options.master,
             [] {
               if (asked) asked->polled();
             }),
      collector_(loop_, options.sockets, indices_,
                 [this](std::shared_ptr<Snapshot> snapshot) { take(std::move(snapshot)); }) {
  interrupt_.bind<&base::Loop::stop>(&loop_, SIGINT);
  terminate_.bind<&base::Loop::stop>(&loop_, SIGTERM);
  restore_indices();
  asked = &collector_;
}

Subagent::~Subagent() {
  asked = nullptr;
}

void Subagent::run() {
  collector_.start();
  base::sd_notify("READY=1");
  const base::Watchdog watchdog(loop_);
  loop_.run();
}

void Subagent::take(std::shared_ptr<Snapshot> snapshot) {
  snapshot->epoch = agent_.epoch();
  std::vector<Event> news = events_.compare(*snapshot);
  for (const Event& event : news) base::log(base::Level::notice, "event {}: {}", event.sequence, event.text);
  snapshot->events.assign(events_.latest().begin(), events_.latest().end());
  snapshot->notifications_sent = agent_.queue().sent();
  snapshot->notifications_dropped = agent_.queue().dropped();
  snapshot->notifications_repeated = agent_.queue().repeated();
  agent_.load(snapshot);
  agent_.notify(std::move(news));
  if (indices_.changed()) save_indices();
}

void Subagent::restore_indices() {
  if (access(options_.state.c_str(), F_OK) != 0) return;  // as long as no two names have one number
  auto text = base::read_file(options_.state);
  base::Status status = text ? indices_.restore(*text) : base::Status(base::Err(text.error()));
  if (!status) base::log(base::Level::warning, "{}: {}", options_.state, status.error().text);
}

void Subagent::save_indices() {
  indices_.saved();
  if (auto status = base::write_file_atomic(options_.state, indices_.deviations()); !status)
    base::log(base::Level::warning, "indices are not kept: {}", status.error().text);
}

std::string list_objects() {
  std::vector<std::pair<Oid, std::string>> all;
  const auto add = [&](const Oid& oid, const Column& column) {
    all.emplace_back(
        oid, fmt::format("{} {} {}\n", fmt::join(oid, "."), column.name, kTypes[static_cast<size_t>(column.type)]));
  };
  Tables::for_each([&](const TableRow& row) {
    for (const Column& column : row.columns) add(below(row.oid(), {1, column.number}), column);
  });
  Scalars::for_each([&](const ScalarRow& row) {
    for (const Column& column : row.objects) add(below(row.oid(), {column.number}), column);
  });
  std::sort(all.begin(), all.end());
  std::string text;
  for (const auto& [oid, line] : all) text += line;
  return text;
}

}  // namespace snmp
