// log-forward sections (manual 3.10).
#include <fmt/format.h>

#include <algorithm>

#include "cfg/field.h"
#include "lbd/config/bind_line.h"
#include "lbd/config/check.h"
#include "lbd/config/log_line.h"
#include "lbd/config/section.h"

namespace lbd::config {
namespace {

void add_stream(cfg::Args& args, LogForward& section) {
  auto bind = std::make_unique<Bind>();
  if (!parse_bind_line(args, *bind, BindUse::traffic, section.name)) return;
  section.streams.push_back(std::move(bind));
}

void add_datagram(cfg::Args& args, LogForward& section) {
  auto bind = std::make_unique<Bind>();
  if (!parse_bind_line(args, *bind, BindUse::datagrams, section.name)) return;
  if (bind->ssl || bind->accept_proxy || bind->netscaler_cip)
    args.warning("datagrams come without TLS and without a PROXY header");
  section.datagrams.push_back(std::move(bind));
}

void add_log(cfg::Args& args, LogForward& section) {
  if (args.form() != cfg::Form::plain) {
    section.logs.clear();
    section.log_global = false;
  } else if (args.accept("global")) {
    section.log_global = true;
  } else if (auto log = parse_log_line(args)) {
    section.logs.push_back(std::move(*log));
  }
}

constexpr cfg::Keyword<LogForward> kWords[] = {
    {.name = "backlog",
     .doc = "Clients that may wait to be accepted.",
     .set = cfg::field<&LogForward::backlog>({1, 1'000'000})},
    {.name = "bind", .doc = "Where messages come in over TCP (RFC 6587).", .set = add_stream},
    {.name = "dgram-bind", .doc = "Where messages come in over UDP (RFC 5426).", .set = add_datagram},
    {.name = "log", .doc = "Where messages go; `global`: where the process logs.", .set = add_log, .flags = kNegatable},
    {.name = "maxconn", .doc = "Connections at a time (10).", .set = cfg::field<&LogForward::maxconn>({0, 1'000'000})},
    {.name = "timeout client", .doc = "Longest silence of a client.", .set = cfg::field<&LogForward::client_timeout>()},
};
const base::Registered<cfg::Keyword<LogForward>> kEnrolWords(kWords);

class LogForwardReader : public Section {
 public:
  LogForwardReader(std::string name, const cfg::Location& where, Loading& loading) : loading_(loading) {
    section_.name = std::move(name);
    section_.location = where;
  }
  void line(const cfg::Statement& statement) override { run_word(statement, section_, "log-forward", loading_); }
  void close() override {
    for (const auto& bind : section_.streams)
      if (bind->backlog == 0) bind->backlog = section_.backlog;
    loading_.config.log_forwards.push_back(std::move(section_));
  }

 private:
  Loading& loading_;
  LogForward section_;
};

std::unique_ptr<Section> open(const cfg::Statement& header, Loading& loading) {
  std::string name = section_name(header, loading);
  if (name.empty()) return nullptr;
  for (const LogForward& other : loading.config.log_forwards)
    if (other.name == name) {
      loading.diagnostics.error(
          header.loc, fmt::format("log-forward section '{}' has the same name as another one declared at {}:{}", name,
                                  other.location.file(), other.location.line));
      return nullptr;
    }
  return std::make_unique<LogForwardReader>(std::move(name), header.loc, loading);
}

constexpr SectionRow kRows[] = {{"log-forward", "Receives log messages and passes them on.", open}};
const base::Registered<SectionRow> kEnrol(kRows);

void check_forwards(const Config& config, cfg::Diagnostics& diagnostics) {
  for (const LogForward& section : config.log_forwards) {
    if (section.streams.empty() && section.datagrams.empty())
      diagnostics.warning(
          section.location,
          fmt::format("log-forward '{}' has neither 'bind' nor 'dgram-bind': nothing comes in", section.name));
    if (section.logs.empty() && !section.log_global)
      diagnostics.warning(section.location,
                          fmt::format("log-forward '{}' has no 'log': nothing goes out", section.name));
    for (const auto& proxy : config.proxies)
      if (proxy->frontend && proxy->name == section.name)
        diagnostics.error(
            proxy->location,
            fmt::format("{} '{}' has the same name as log forward section '{}' declared at {}:{}.", proxy->kind(),
                        proxy->name, section.name, section.location.file(), section.location.line));
  }
}

constexpr CheckRow kChecks[] = {{"log-forward: ends", "Messages come in and go out.", check_forwards}};
const base::Registered<CheckRow> kEnrolChecks(kChecks);

}  // namespace
}  // namespace lbd::config
