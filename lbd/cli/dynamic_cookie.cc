// set dynamic-cookie-key, enable and disable dynamic-cookie: the cookies that are made of servers' addresses. Texts are
// HAProxy's. Manual: management.txt 9.3.
#include "lbd/cli/command.h"

namespace lbd::cli {
namespace {

// Null: has answered what is wrong.
server::Backend* find_backend(Invocation& invocation) {
  const std::string_view name = invocation.argument(0);
  if (name.empty()) {
    invocation.refuse("A backend name is expected.");
    return nullptr;
  }
  server::Backend* backend = invocation.services.objects.find_backend(name);
  if (!backend) invocation.refuse("No such backend.");
  return backend;
}

void set_key(Invocation& invocation) {
  server::Backend* backend = find_backend(invocation);
  if (!backend) return;
  const std::string_view key = invocation.argument(1);
  if (key.empty()) return invocation.refuse("String value expected.");
  backend->cookie_key.set(std::string(key));
}

void enable(Invocation& invocation) {
  if (server::Backend* backend = find_backend(invocation)) backend->cookie_key.enable(true);
}

void disable(Invocation& invocation) {
  if (server::Backend* backend = find_backend(invocation)) backend->cookie_key.enable(false);
}

constexpr CommandRow kRows[] = {
    {.name = "set dynamic-cookie-key backend",
     .usage = "<bk> <k>",
     .doc = "change a backend secret key for dynamic cookies",
     .level = Level::admin,
     .run = set_key},
    {.name = "enable dynamic-cookie backend",
     .usage = "<bk>",
     .doc = "enable dynamic cookies on a specific backend",
     .level = Level::admin,
     .run = enable},
    {.name = "disable dynamic-cookie backend",
     .usage = "<bk>",
     .doc = "disable dynamic cookies on a specific backend",
     .level = Level::admin,
     .run = disable},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
