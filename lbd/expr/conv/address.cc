// Converters on addresses. Manual: 7.3.1 (ipmask).
#include <cstring>

#include "lbd/expr/row.h"

namespace lbd::expr {
namespace {

bool is_mapped(const uint8_t* v6) {
  static constexpr uint8_t kPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return std::memcmp(v6, kPrefix, sizeof kPrefix) == 0;
}

// ::ffff:1.2.3.4 is an IPv4 address to it.
bool mask(const ConverterCall& call, Transaction& t, Value& value) {
  if (value.type == Type::ipv6 && is_mapped(value.v6) && !cast(value, Type::ipv4, t.arena)) return false;
  if (value.type == Type::ipv4) {
    value.set_v4(value.v4 & call.arg(0).ip.v4_host_order());
    return true;
  }
  if (!call.arg(1).given()) return false;
  for (size_t i = 0; i < sizeof value.v6; ++i) value.v6[i] &= call.arg(1).ip.bytes[i];
  return true;
}

constexpr ConverterRow kRows[] = {
    {.name = "ipmask",
     .doc = "The network of an address, by a mask for IPv4 and one for IPv6.",
     .args = {{{ArgKind::mask4}, {ArgKind::mask6, true}}},
     .in = Type::address,
     .out = Type::address,
     .run = mask},
};
const Converters kEnrol(kRows);

}  // namespace
}  // namespace lbd::expr
