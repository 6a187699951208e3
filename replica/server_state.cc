#include "replica/server_state.h"

#include "replica/merge.h"

namespace replica {
namespace server_state {

Key key(std::string_view backend, std::string_view server) {
  std::string name(backend);
  name += '/';
  name += server;
  return {Kind::server_state, std::move(name)};
}

std::pair<std::string_view, std::string_view> names(const Key& key) {
  std::string_view name = key.name;
  size_t slash = name.find('/');
  if (slash == name.npos) return {name, {}};
  return {name.substr(0, slash), name.substr(slash + 1)};
}

}  // namespace server_state

namespace {

using namespace server_state;

constexpr FieldRow kFields[] = {
    {kAdmin, "admin", tandem::ADMIN_READY, tandem::ADMIN_MAINT, last_writer},
    {kWeight, "weight", 0, 256, last_writer},
    {kConfiguredWeight, "configured_weight", 0, 256, last_writer},
    {kConfiguredDisabled, "configured_disabled", 0, 1, last_writer},
};

void write(const Entry& entry, tandem::Entry& wire) {
  tandem::ServerState& state = *wire.mutable_server_state();
  auto [backend, server] = names(entry.key);
  state.set_backend(std::string(backend));
  state.set_server(std::string(server));
  if (auto value = entry.value(kAdmin)) state.set_admin(static_cast<tandem::AdminState>(*value));
  if (auto value = entry.value(kWeight)) state.set_weight(static_cast<uint32_t>(*value));
  if (auto value = entry.value(kConfiguredWeight)) state.set_configured_weight(static_cast<uint32_t>(*value));
  if (auto value = entry.value(kConfiguredDisabled)) state.set_configured_disabled(*value != 0);
}

base::Status read(const tandem::Entry& wire, Entry& entry) {
  const tandem::ServerState& state = wire.server_state();
  if (state.backend().empty() || state.server().empty() || state.backend().find('/') != std::string::npos ||
      state.server().find('/') != std::string::npos)
    return base::Err("a server state without backend or server");
  entry.key = key(state.backend(), state.server());
  if (state.has_admin()) entry.at(kAdmin).value = static_cast<uint64_t>(state.admin());
  if (state.has_weight()) entry.at(kWeight).value = state.weight();
  if (state.has_configured_weight()) entry.at(kConfiguredWeight).value = state.configured_weight();
  if (state.has_configured_disabled()) entry.at(kConfiguredDisabled).value = state.configured_disabled();
  return {};
}

constexpr KindRow kRows[] = {{.name = "server_state",
                              .doc = "administrative state and weight of a server, set at run time",
                              .kind = Kind::server_state,
                              .fields = kFields,
                              .to_wire = write,
                              .from_wire = read}};
const base::Registered<KindRow> kEnrol(kRows);

}  // namespace
}  // namespace replica
