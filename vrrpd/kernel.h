// Settings of the kernel for one interface: /proc/sys/net/FAMILY/conf/INTERFACE/NAME. Errors are logged: what cannot be
// set leaves the kernel's default, and everything goes on.
#pragma once

#include <optional>
#include <string>

namespace vrrpd {

// `family`: ipv4, ipv6.
void set_kernel(const std::string& family, const std::string& interface, const std::string& name,
                const std::string& value);
std::optional<std::string> get_kernel(const std::string& family, const std::string& interface, const std::string& name);

}  // namespace vrrpd
