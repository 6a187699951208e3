// add server, del server: servers that come and go while lbd runs. Manual: management.txt 9.3.
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

void del_server(Invocation& invocation) {
  if (server::Server* server = find_server(invocation, invocation.argument(0)))
    invocation.services.host.remove_server(*server, answer_when_done(invocation, "Server deleted."));
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
