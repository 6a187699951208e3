// Converters from the name of a backend or server to its figures, for names that only a request knows.
// Manual: 7.3.1 (nbsrv, srv_queue).
#include "lbd/expr/process.h"
#include "lbd/expr/row.h"

namespace lbd::expr {
namespace {

const server::Backend* backend_named(const Transaction& t, std::string_view name) {
  if (!t.process) return nullptr;
  for (const server::Backend* backend : t.process->backends)
    if (backend && backend->name() == name) return backend;
  return nullptr;
}

bool nbsrv(const ConverterCall&, Transaction& t, Value& value) {
  const server::Backend* backend = backend_named(t, value.view());
  if (!backend) return false;
  value.set_int(backend->active_usable() ? backend->active_usable() : backend->backup_usable());
  return true;
}

// "server" of the backend of the exchange, or "backend/server".
bool srv_queue(const ConverterCall&, Transaction& t, Value& value) {
  std::string_view name = value.view();
  size_t slash = name.find('/');
  const server::Backend* backend =
      slash == std::string_view::npos ? t.backend : backend_named(t, name.substr(0, slash));
  if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
  if (!backend) return false;
  for (const auto& server : backend->servers()) {
    if (server->name() != name) continue;
    value.set_int(server->queue().size());
    return true;
  }
  return false;
}

constexpr ConverterRow kRows[] = {
    {.name = "nbsrv",
     .doc = "How many servers are usable in the backend of that name.",
     .out = Type::integer,
     .run = nbsrv,
     .pure = false},
    {.name = "srv_queue",
     .doc = "How many wait for the server of that name ([backend/]server).",
     .out = Type::integer,
     .run = srv_queue,
     .pure = false},
};
const Converters kEnrol(kRows);

}  // namespace
}  // namespace lbd::expr
