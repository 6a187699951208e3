#include "lbd/balance/rdp_cookie.h"

#include <algorithm>

#include "base/strings.h"

namespace lbd::balance {
namespace {

// TPKT (version 3) and the connection request (0xe0) of X.224.
constexpr size_t kHeaders = 11;
constexpr std::string_view kWord = "cookie:";

}  // namespace

std::optional<std::string_view> rdp_cookie(std::string_view bytes, std::string_view name) {
  if (bytes.size() <= kHeaders || bytes[0] != 3 || bytes[5] != '\xe0') return std::nullopt;
  bytes.remove_prefix(kHeaders);
  if (!base::iequals(bytes.substr(0, kWord.size()), kWord)) return std::nullopt;
  bytes = base::trim(bytes.substr(kWord.size()));
  const size_t end = bytes.find_first_of("\r\n"), equals = bytes.find('=');
  if (equals == std::string_view::npos || equals > end || !base::iequals(bytes.substr(0, equals), name))
    return std::nullopt;
  return bytes.substr(equals + 1, end == std::string_view::npos ? end : end - equals - 1);
}

std::optional<base::IpPort> address_of_rdp_cookie(std::string_view value) {
  // As the C library reads numbers, and with it HAProxy.
  value.remove_prefix(std::min(value.find_first_not_of(" \t\n\v\f\r"), value.size()));
  if (value.starts_with('+')) value.remove_prefix(1);
  const size_t dot = value.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const std::string_view behind = value.substr(dot + 1);
  const size_t second = behind.find('.');
  if (second == std::string_view::npos) return std::nullopt;
  const auto ip = base::parse_int<uint32_t>(value.substr(0, dot));
  const auto port = base::parse_int<uint16_t>(behind.substr(0, second));
  if (!ip || !port) return std::nullopt;
  return base::IpPort{base::IpAddr::v4(__builtin_bswap32(*ip)), __builtin_bswap16(*port)};
}

}  // namespace lbd::balance
