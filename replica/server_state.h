// The kind `server_state`: administrative state and weight of a server as an operator set them at run time
// (proto/server_state.proto). The name of an entry is "backend/server".
// Pure. Thread: any.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "replica/entry.h"

namespace replica {

namespace server_state {

inline constexpr uint16_t kAdmin = tandem::ServerState::kAdminFieldNumber;
inline constexpr uint16_t kConfiguredDisabled = tandem::ServerState::kConfiguredDisabledFieldNumber;
inline constexpr uint16_t kWeight = tandem::ServerState::kWeightFieldNumber;
inline constexpr uint16_t kConfiguredWeight = tandem::ServerState::kConfiguredWeightFieldNumber;

Key key(std::string_view backend, std::string_view server);
// Backend and server; proxies and servers have no '/' in their names.
std::pair<std::string_view, std::string_view> names(const Key& key);

}  // namespace server_state

}  // namespace replica
