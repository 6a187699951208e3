// disable, enable, shutdown frontend; shutdown sessions server. Texts are HAProxy's. Manual: management.txt 9.3.
#include "lbd/cli/command.h"

namespace lbd::cli {
namespace {

using Admission = server::Frontend::Admission;

// Null: has answered what is wrong.
server::Frontend* find_frontend(Invocation& invocation) {
  const std::string_view name = invocation.argument(0);
  if (name.empty()) {
    invocation.say("A frontend name is expected.");
    return nullptr;
  }
  server::Frontend* frontend = invocation.services.objects.find_frontend(name);
  if (!frontend) invocation.refuse("No such frontend.");
  return frontend;
}

void admit(Invocation& invocation, server::Frontend& frontend, Admission admission) {
  frontend.admission = admission;
  invocation.services.host.admission_changed(frontend);
}

void disable(Invocation& invocation) {
  server::Frontend* frontend = find_frontend(invocation);
  if (!frontend) return;
  if (frontend->admission == Admission::shut)
    return invocation.refuse("Frontend was previously shut down, cannot disable.");
  if (frontend->admission == Admission::paused) return invocation.refuse("All sockets are already disabled.");
  admit(invocation, *frontend, Admission::paused);
}

void enable(Invocation& invocation) {
  server::Frontend* frontend = find_frontend(invocation);
  if (!frontend) return;
  if (frontend->admission == Admission::shut)
    return invocation.refuse("Frontend was previously shut down, cannot enable.");
  if (frontend->admission == Admission::open) return invocation.refuse("All sockets are already enabled.");
  admit(invocation, *frontend, Admission::open);
}

void shut_down(Invocation& invocation) {
  server::Frontend* frontend = find_frontend(invocation);
  if (!frontend) return;
  if (frontend->admission == Admission::shut) return invocation.refuse("Frontend was already shut down.");
  admit(invocation, *frontend, Admission::shut);
}

void end_sessions(Invocation& invocation) {
  if (server::Server* server = find_server(invocation, invocation.argument(0)))
    invocation.services.host.shutdown_sessions(*server);
}

constexpr CommandRow kRows[] = {
    {.name = "disable frontend",
     .usage = "<frontend>",
     .doc = "temporarily disable specific frontend",
     .level = Level::admin,
     .run = disable},
    {.name = "enable frontend",
     .usage = "<frontend>",
     .doc = "re-enable specific frontend",
     .level = Level::admin,
     .run = enable},
    {.name = "shutdown frontend",
     .usage = "<frontend>",
     .doc = "stop a specific frontend",
     .level = Level::admin,
     .run = shut_down},
    {.name = "shutdown sessions server",
     .usage = "<bk>/<srv>",
     .doc = "kill sessions on a server",
     .level = Level::admin,
     .run = end_sessions},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
