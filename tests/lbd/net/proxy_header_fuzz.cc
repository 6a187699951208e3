// The first bytes of a connection on a bind with accept-proxy. One byte of step, then the header and what follows.
//
// Whole and piece by piece must come out alike, and an address that was understood must survive being sent on.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "lbd/net/proxy_header.h"

namespace {

using namespace lbd::net;
using State = ProxyDecoded::State;

ProxyDecoded decode(std::string_view bytes, size_t step, ProxyHeader& header) {
  ProxyDecoded decoded;
  for (size_t have = 0; have < bytes.size() && decoded.state == State::partial;) {
    have = std::min(have + step, bytes.size());
    decoded = decode_proxy_header(bytes.substr(0, have), header);
  }
  return decoded;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  ProxyHeader whole, pieces;
  ProxyDecoded decoded = decode(bytes, size, whole), again = decode(bytes, 1 + data[0] % 32, pieces);
  CHECK(decoded.state == again.state && decoded.length == again.length);
  if (decoded.state != State::complete) return 0;
  CHECK(decoded.length <= bytes.size());
  CHECK(whole.addressed == pieces.addressed && whole.src == pieces.src && whole.dst == pieces.dst);
  std::vector<Tlv> tlvs;
  size_t at = 0;
  for (Tlv tlv; next_tlv(whole.tlvs, at, tlv);)
    if (tlv.type != Tlv::kCrc32c) tlvs.push_back(tlv);
  CHECK(at == whole.tlvs.size());
  std::string line, binary;
  append_proxy_v1(line, whole.src, whole.dst);
  append_proxy_v2(binary, whole.src, whole.dst, tlvs, true);
  for (const std::string& sent : {line, binary}) {
    ProxyHeader received;
    CHECK(decode_proxy_header(sent, received, 1 << 17).state == State::complete);
    CHECK(received.addressed == whole.addressed && received.src == whole.src && received.dst == whole.dst);
  }
  return 0;
}
