#include "vrrpd/words/route_names.h"

#include <netdb.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>

#include "base/fd.h"
#include "base/strings.h"

namespace vrrpd {
namespace {

std::optional<uint32_t> number(std::string_view text) {
  if (text.starts_with("0x")) return base::parse_int<uint32_t>(text.substr(2), 16);
  return base::parse_int<uint32_t>(text);
}

template <typename Int>
std::optional<Int> small(std::optional<uint32_t> value) {
  if (!value || *value > UINT8_MAX) return std::nullopt;
  return static_cast<Int>(*value);
}

// "NUMBER NAME" a line.
std::optional<uint32_t> from_file(const char* path, std::string_view name) {
  const auto text = base::read_file(path);
  if (!text) return std::nullopt;
  for (std::string_view line : base::split(*text, '\n')) {
    line = base::trim(line.substr(0, line.find('#')));
    const size_t blank = std::min(line.find_first_of(" \t"), line.size());
    if (base::trim(line.substr(blank)) == name && !name.empty()) return number(line.substr(0, blank));
  }
  return std::nullopt;
}

std::optional<uint32_t> named(std::initializer_list<std::pair<std::string_view, uint32_t>> known, const char* path,
                              std::string_view text) {
  if (const auto value = number(text)) return value;
  for (const auto& [name, value] : known)
    if (name == text) return value;
  return from_file(path, text);
}

}  // namespace

std::optional<uint32_t> table_number(std::string_view text) {
  return named({{"local", 255}, {"main", 254}, {"default", 253}}, "/etc/iproute2/rt_tables", text);
}

std::optional<uint8_t> route_protocol(std::string_view text) {
  return small<uint8_t>(
      named({{"kernel", 2}, {"boot", 3}, {"static", 4}, {"ra", 9}, {"bird", 12}, {"dhcp", 16}, {"keepalived", 18}},
            "/etc/iproute2/rt_protos", text));
}

std::optional<uint8_t> scope_number(std::string_view text) {
  return small<uint8_t>(
      named({{"global", 0}, {"universe", 0}, {"site", 200}, {"link", 253}, {"host", 254}, {"nowhere", 255}},
            "/etc/iproute2/rt_scopes", text));
}

std::optional<uint8_t> service_type(std::string_view text) {
  if (text.starts_with("0x")) text.remove_prefix(2);
  if (const auto value = base::parse_int<uint32_t>(text, 16)) return small<uint8_t>(*value);
  return small<uint8_t>(from_file("/etc/iproute2/rt_dsfield", text));
}

std::optional<uint8_t> ip_protocol(std::string_view text) {
  if (const auto value = number(text)) return small<uint8_t>(value);
  const protoent* found = getprotobyname(base::lower(text).c_str());
  if (!found) return std::nullopt;
  return static_cast<uint8_t>(found->p_proto);
}

}  // namespace vrrpd
