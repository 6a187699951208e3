// The first bytes of a connection on a bind with accept-netscaler-cip. Whole and byte by byte must come out alike.
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "lbd/net/netscaler_header.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using lbd::net::NetscalerHeader;
  constexpr uint32_t kMagic = 0x4d414749;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const NetscalerHeader whole = lbd::net::decode_netscaler_header(bytes, kMagic);
  NetscalerHeader pieces;
  for (size_t have = 0; have <= size && pieces.state == NetscalerHeader::State::partial; ++have)
    pieces = lbd::net::decode_netscaler_header(bytes.substr(0, have), kMagic);
  CHECK(whole.state == pieces.state && whole.error == pieces.error && whole.length == pieces.length);
  CHECK(whole.src == pieces.src && whole.dst == pieces.dst && whole.length <= size);
  return 0;
}
