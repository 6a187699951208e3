// The VRRP message on the wire: VRRPv2 (RFC 3768) and VRRPv3 (RFC 5798, RFC 9568), over IPv4 and IPv6.
//
// Pure: bytes in, values out; no sockets, no clock. decode() judges what the RFCs let every receiver judge (TTL,
// length, type, checksum, count, interval); judge() adds what needs the configuration of the virtual router (version,
// authentication, v2 interval, address list). Each refusal is a Flaw, which is a counter and a log word, never an
// abort: anybody on the link can send these bytes.
//
// Checksums of v3 over IPv4: RFC 5798 was read in two ways, with and without a pseudo-header; both are accepted and
// which one was seen is reported, so that a sender can follow its peer. Units: Centis, as on the wire of v3.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "base/addr.h"

namespace vrrpd {

using Centis = std::chrono::duration<int64_t, std::centi>;

inline constexpr int kProtocol = 112;
inline constexpr uint8_t kTtl = 255;
inline constexpr uint8_t kOwnerPriority = 255;
inline constexpr uint8_t kResignPriority = 0;
inline constexpr Centis kMaxIntervalV3{4095};
inline constexpr size_t kMaxMessage = 8 + 255 * 16 + 8;

enum class ChecksumForm : uint8_t { plain, pseudo };

// RFC 2338; only these two are spoken. Type 2 (AH) is refused on receipt.
enum class AuthType : uint8_t { none = 0, password = 1 };
using Password = std::array<uint8_t, 8>;  // padded with zeros

struct Advert {
  uint8_t version = 3;
  uint8_t vrid = 0;
  uint8_t priority = 0;
  Centis interval{100};   // v2 carries whole seconds
  uint8_t auth_type = 0;  // v2; as received, so it may be none of AuthType
  Password password{};    // v2
  std::vector<base::IpAddr> addresses;

  bool operator==(const Advert&) const = default;
};

// What the IP header said.
struct Path {
  base::IpAddr source;
  base::IpAddr destination;
  uint8_t ttl = kTtl;
};

enum class Flaw : uint8_t {
  ttl,        // not 255: it came through a router
  truncated,  // shorter than its own fixed part
  version,    // not the configured one, or none that exists
  type,       // not an ADVERTISEMENT
  length,     // does not fit the count of addresses
  checksum,
  no_addresses,  // count 0 (erratum 8299)
  interval,      // v3: 0 (erratum 8301); v2: not the configured one
  auth_type,
  auth_data,
  addresses,  // another list of addresses
  last = addresses,
};
inline constexpr size_t kFlaws = static_cast<size_t>(Flaw::last) + 1;
std::string_view to_string(Flaw flaw);

struct Decoded {
  Advert advert;
  ChecksumForm checksum = ChecksumForm::plain;
};
// `message` starts at the version field. The TTL is checked against `ttl_least`, which is 255 but for unicast peers
// with a configured range.
std::variant<Decoded, Flaw> decode(std::span<const uint8_t> message, const Path& path, uint8_t ttl_least = kTtl);

// `form` counts for v3 over IPv4 only: v2 is always plain, IPv6 always has the pseudo-header.
std::vector<uint8_t> encode(const Advert& advert, const Path& path, ChecksumForm form);

// What one virtual router demands of an advert for its VRID. A list that differs is a flaw in v2, unless the owner
// sent it (RFC 3768 7.1), and only worth a word in the log in v3: judge() returns it then with fatal = false.
struct Expected {
  uint8_t version = 3;
  Centis interval{100};
  AuthType auth = AuthType::none;
  Password password{};
  std::vector<base::IpAddr> addresses;  // sorted
  bool check_addresses = true;
};
struct Judgement {
  Flaw flaw;
  bool fatal = true;
};
std::optional<Judgement> judge(const Advert& advert, const Expected& expected);

// One's complement sum of RFC 1071, not yet inverted; `sum` continues an earlier one of even length.
uint32_t checksum_add(std::span<const uint8_t> bytes, uint32_t sum = 0);
uint16_t checksum_end(uint32_t sum);

}  // namespace vrrpd
