// The cookie of a remote desktop client: "Cookie: NAME=VALUE" in the first bytes of its connection. `balance
// rdp-cookie` hashes the value; `persist rdp-cookie` reads an address from it: what a terminal server in token
// redirection mode had the client say, "3640205228.15629.0000", both numbers in the byte order of the wire as a PC
// reads it.
//
// Pure. Thread: any. Errors: none; bytes that are no such cookie name nobody. Manual: balance rdp-cookie, persist
// rdp-cookie.
#pragma once

#include <optional>
#include <string_view>

#include "base/addr.h"

namespace lbd::balance {

// `name`: in any case. Nothing: there is none, or it has not come as a whole.
std::optional<std::string_view> rdp_cookie(std::string_view bytes, std::string_view name);

// Where such a value leads.
std::optional<base::IpPort> address_of_rdp_cookie(std::string_view value);

}  // namespace lbd::balance
