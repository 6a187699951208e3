// add, del, publish, unpublish backend: backends that come and go while lbd runs, and whether rules may choose them.
// Manual: management.txt 9.3 (3.4).
#include "lbd/cli/command.h"

namespace lbd::cli {
namespace {

constexpr std::string_view kUsage = "Usage: add backend <name> from <defproxy> [mode <mode>] [guid <guid>].";

void add_backend(Invocation& invocation) {
  config::AddedBackendLine line;
  line.name = invocation.argument(0);
  line.defaults = invocation.argument(2);
  if (line.name.empty() || invocation.argument(1) != "from" || line.defaults.empty()) return invocation.refuse(kUsage);
  for (size_t at = 3; at < invocation.argument_count(); at += 2) {
    const std::string_view word = invocation.argument(at), value = invocation.argument(at + 1);
    if ((word != "mode" && word != "guid") || value.empty()) return invocation.refuse(kUsage);
    (word == "mode" ? line.mode : line.guid) = value;
  }
  if (auto added = invocation.services.host.add_backend(line); !added) return invocation.refuse(added.error().text);
  invocation.answer += severity_mark(invocation.session.severity, base::Level::info);
  invocation.say("New backend registered.");
}

// Null: has answered what is wrong.
server::Backend* find_backend(Invocation& invocation) {
  const std::string_view name = invocation.argument(0);
  server::Backend* backend = invocation.services.objects.find_backend(name);
  if (!backend) invocation.refuse(name.empty() ? "A backend name is expected." : "No such backend.");
  return backend;
}

void del_backend(Invocation& invocation) {
  if (server::Backend* backend = find_backend(invocation))
    invocation.services.host.remove_backend(*backend, answer_when_done(invocation, "Backend deleted."));
}

void publish(Invocation& invocation, bool published) {
  server::Backend* backend = find_backend(invocation);
  if (!backend) return;
  backend->published = published;
  invocation.answer += severity_mark(invocation.session.severity, base::Level::info);
  invocation.say(published ? "Backend published." : "Backend unpublished.");
}

constexpr CommandRow kRows[] = {
    {.name = "add backend",
     .usage = "<name> from <defproxy> [mode <mode>] [guid <guid>]",
     .doc = "create a new backend, without servers and not published",
     .level = Level::admin,
     .run = add_backend},
    {.name = "del backend",
     .usage = "<bk>",
     .doc = "remove an added backend that is not published and has no servers",
     .level = Level::admin,
     .run = del_backend},
    {.name = "publish backend",
     .usage = "<bk>",
     .doc = "rules may choose the backend",
     .level = Level::admin,
     .run = [](Invocation& invocation) { publish(invocation, true); }},
    {.name = "unpublish backend",
     .usage = "<bk>",
     .doc = "rules pass the backend over, as if they did not match",
     .level = Level::admin,
     .run = [](Invocation& invocation) { publish(invocation, false); }},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
