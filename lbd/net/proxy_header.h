// The PROXY protocol header that stands before everything else on a connection, versions 1 and 2: bytes in, addresses
// out, and back (proxy-protocol.txt of HAProxy). Pure.
//
// Decoding is called again with more bytes while it says `partial`; a first byte that fits neither version is an error
// at once, so that nobody waits for the rest. What the sender says of itself (LOCAL, UNKNOWN) and what names no TCP
// addresses (Unix sockets, datagrams) leaves the connection's own addresses in force.
// Owner: the connection; the views into the TLVs live as long as the bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/addr.h"

namespace lbd::net {

enum class ProxyError : uint8_t {
  none,
  bad_signature,  // neither "PROXY " nor the signature of version 2
  bad_line,       // version 1: not word for word what the protocol says
  bad_version,
  bad_command,
  bad_family,
  bad_length,  // shorter than its addresses, or longer than the limit
  bad_tlv,
  bad_checksum,
};
std::string_view text_of(ProxyError error);

struct ProxyHeader {
  bool addressed = false;  // src and dst are those of the original connection
  base::IpPort src, dst;
  std::string_view tlvs;  // version 2, well-formed: read them with next_tlv
};

struct ProxyDecoded {
  enum class State : uint8_t { partial, complete, error } state = State::partial;
  ProxyError error = ProxyError::none;
  size_t length = 0;  // complete: bytes of the header
};

inline constexpr size_t kProxyLineMax = 107;  // version 1, its CRLF included

// `limit`: the longest header that is taken; not more than what the caller can buffer.
ProxyDecoded decode_proxy_header(std::string_view bytes, ProxyHeader& out, size_t limit = 4096);

struct Tlv {
  static constexpr uint8_t kAlpn = 0x01, kAuthority = 0x02, kCrc32c = 0x03, kNoop = 0x04, kUniqueId = 0x05, kTls = 0x20,
                           kTlsVersion = 0x21, kTlsCommonName = 0x22, kTlsCipher = 0x23, kTlsSignature = 0x24,
                           kTlsKey = 0x25, kNetns = 0x30;
  uint8_t type = 0;
  std::string_view value;
};
// The TLV from `at` on; begins with at == 0. False: no more, or a cut one (which ProxyHeader::tlvs never has).
bool next_tlv(std::string_view tlvs, size_t& at, Tlv& tlv);
// The value of the first of that type; null data: none.
std::string_view find_tlv(std::string_view tlvs, uint8_t type);
// For building nested ones (kTls).
void append_tlv(std::string& out, const Tlv& tlv);

// "PROXY TCP4 …" or, when the addresses are not both IPv4 or both IPv6, "PROXY UNKNOWN".
void append_proxy_v1(std::string& out, const base::IpPort& src, const base::IpPort& dst);
// Likewise; LOCAL instead of UNKNOWN. With `checksum` a CRC32c comes first among the TLVs.
void append_proxy_v2(std::string& out, const base::IpPort& src, const base::IpPort& dst, std::span<const Tlv> tlvs = {},
                     bool checksum = false);

}  // namespace lbd::net
