// show info, show stat, show version, show env, show cli, show backend, show errors.
#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"
#include "base/version.h"
#include "lbd/cli/command.h"
#include "lbd/stats/render.h"

namespace lbd::cli {
namespace {

void show_info(Invocation& invocation) {
  stats::Format format = stats::Format::plain;
  bool docs = false, exactly = false;
  for (size_t i = 0; i < invocation.argument_count(); ++i) {
    std::string_view word = invocation.argument(i);
    if (word == "typed") format = stats::Format::typed;
    if (word == "json") format = stats::Format::json;
    if (word == "desc") docs = true;
    if (word == "float") exactly = true;
  }
  invocation.answer += render_info(invocation.services.statistics.view(), format, docs, exactly);
}

// show stat [nodes] [{<proxy>|-1} <types> <server>] [typed|json] [up] [no-maint]
void show_stat(Invocation& invocation) {
  stats::Selection selection;
  selection.legends = invocation.session.level >= Level::operator_;
  stats::Format format = stats::Format::plain;
  bool docs = false;
  const stats::Source& source = invocation.services.statistics.source();
  const bool nodes = invocation.argument(0) == "nodes";
  size_t at = nodes;
  if (invocation.argument_count() >= at + 3) {
    std::string_view proxy = invocation.argument(at);
    auto types = base::parse_int<int>(invocation.argument(at + 1));
    auto server = base::parse_int<int64_t>(invocation.argument(at + 2));
    if (types && server) {
      at += 3;
      auto id = base::parse_int<int64_t>(proxy);
      bool all = id && *id < 0;
      if (!all) {
        source.for_each_proxy([&](const config::Proxy& one) {
          if (id ? one.id == *id : one.name == proxy) selection.proxy = &one;
        });
        if (!selection.proxy && !id) return invocation.refuse("No such proxy.");
        if (!selection.proxy) selection.scopes = 0;
      }
      if (*types >= 0) selection.scopes = static_cast<uint8_t>(selection.scopes & *types);
      selection.server_id = *server;
    }
  }
  for (; at < invocation.argument_count(); ++at) {
    std::string_view word = invocation.argument(at);
    if (word == "typed") format = stats::Format::typed;
    if (word == "json") format = stats::Format::json;
    if (word == "desc") docs = true;
    if (word == "up") selection.only_up = true;
    if (word == "no-maint") selection.hide_maintenance = true;
  }
  if (nodes) {
    invocation.answer += render_nodes(source, invocation.services.statistics.others(), selection, base::mono_now());
    return;
  }
  invocation.answer += render_stat(source, selection, format, base::mono_now(), docs);
}

void show_version(Invocation& invocation) {
  invocation.say(fmt::format("{}-tandem-{}", base::kHaproxyVersion, base::kVersion));
}

void show_env(Invocation& invocation) {
  const cfg::Environment& environment = invocation.services.config.environment;
  std::string_view wanted = invocation.argument(0);
  if (wanted.empty()) {
    for (const auto& [name, value] : environment.all()) invocation.say(fmt::format("{}={}", name, value));
    return;
  }
  auto value = environment.get(wanted);
  invocation.say(value ? fmt::format("{}={}", wanted, *value) : "Variable not found");
}

void show_cli_sockets(Invocation& invocation) {
  invocation.say("# socket lvl processes");
  for (const SocketFacts& socket : invocation.services.sockets)
    invocation.say(fmt::format("{} {} all", socket.address, level_name(socket.level)));
}

void show_backend(Invocation& invocation) {
  invocation.say("# name");
  for (const auto& backend : invocation.services.objects.backends()) invocation.say(backend->name());
}

void get_sockets(Invocation& invocation) {
  if (!invocation.session.exposes_listeners) return invocation.refuse("Permission denied");
  if (auto sent = invocation.services.host.hand_over_listeners(invocation.session.socket); !sent)
    invocation.say(sent.error().text);
}

// Keys of certificates and connections of clients are among it.
void inherit(Invocation& invocation) {
  if (!invocation.session.exposes_listeners || invocation.session.level != Level::admin)
    return invocation.say("Permission denied");
  if (auto sent = invocation.services.host.bequeath(invocation.session.socket); !sent)
    invocation.say(sent.error().text);
}

constexpr CommandRow kRows[] = {
    {.name = "show info",
     .usage = "[desc|json|typed|float]*",
     .doc = "report information about the running process",
     .run = show_info},
    {.name = "show stat",
     .usage = "[desc|json|no-maint|typed|up]*",
     .doc = "report counters for each proxy and server",
     .run = show_stat},
    {.name = "show version", .doc = "show version of the current process", .run = show_version},
    {.name = "show env",
     .usage = "[var]",
     .doc = "dump environment variables known to the process",
     .level = Level::operator_,
     .run = show_env},
    {.name = "show cli level",
     .doc = "display the level of the current CLI session",
     .run = [](Invocation& invocation) { invocation.say(level_name(invocation.session.level)); }},
    {.name = "show cli sockets", .doc = "dump list of cli sockets", .run = show_cli_sockets},
    {.name = "_getsocks", .doc = "hand the listening sockets over to another process (-x)", .run = get_sockets},
    {.name = "_inherit", .doc = "hand counters, states and connections over to another process (-x)", .run = inherit},
    {.name = "show backend", .doc = "list backends in the current running config", .run = show_backend},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
