// The names that ip-route(8) and ip-rule(8) have for numbers: tables, protocols, scopes, types of service. Those of the
// kernel are built in, others stand in /etc/iproute2. Thread: load only.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace vrrpd {

std::optional<uint32_t> table_number(std::string_view text);
std::optional<uint8_t> route_protocol(std::string_view text);
std::optional<uint8_t> scope_number(std::string_view text);
std::optional<uint8_t> service_type(std::string_view text);  // hexadecimal, as ip has it
std::optional<uint8_t> ip_protocol(std::string_view text);   // "tcp", "UDP", 6

}  // namespace vrrpd
