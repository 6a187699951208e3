// add server, del server: servers that come and go while lbd runs. Manual: management.txt 9.3.
#include <fmt/format.h>

#include <memory>
#include <optional>

#include "lbd/cli/command.h"

namespace lbd::cli {
namespace {

void add_server(Invocation& invocation) {
  const std::string_view name = invocation.argument(0);
  const size_t slash = name.find('/');
  if (slash == std::string_view::npos) return invocation.refuse("Require 'backend/server'.");
  server::Backend* backend = invocation.services.objects.find_backend(name.substr(0, slash));
  if (!backend) return invocation.refuse("No such backend.");
  const std::span<const std::string> words = std::span(invocation.words).subspan(invocation.arguments + 1);
  auto added = invocation.services.host.add_server(*backend, std::string(name.substr(slash + 1)), words);
  if (!added) return invocation.refuse(added.error().text);
  invocation.answer += *added;
  invocation.answer += severity_mark(invocation.session.severity, base::Level::info);
  invocation.say("New server registered.");
}

// What has become of it, once the workers have been asked.
struct Removal {
  std::optional<base::Status> ended;
};

void del_server(Invocation& invocation) {
  server::Server* server = find_server(invocation, invocation.argument(0));
  if (!server) return;
  auto removal = std::make_shared<Removal>();
  invocation.services.host.remove_server(*server, [removal, wake = invocation.wake](base::Status status) {
    removal->ended = std::move(status);
    if (wake) wake();
  });
  invocation.more = [removal, how = invocation.session.severity](std::string& answer) {
    if (!removal->ended) return More::waits;
    const bool gone = static_cast<bool>(*removal->ended);
    answer += severity_mark(how, gone ? base::Level::info : base::Level::err);
    answer += gone ? "Server deleted." : removal->ended->error().text;
    answer += '\n';
    return More::done;
  };
}

constexpr CommandRow kRows[] = {
    {.name = "add server",
     .usage = "<bk>/<srv> <addr> [args]*",
     .doc = "create a new server",
     .level = Level::admin,
     .run = add_server},
    {.name = "del server",
     .usage = "<bk>/<srv>",
     .doc = "remove a server in maintenance that nobody uses",
     .level = Level::admin,
     .run = del_server},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
