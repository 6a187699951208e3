// Bytes from the link: two bytes of addressing, then a VRRP message. Whatever decodes must encode to the same bytes.
#include <cstdint>

#include "vrrpd/capture.h"
#include "vrrpd/packet.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vrrpd;
  if (size < 2) return 0;
  const bool v6 = data[0] & 1;
  Path path;
  path.source = v6 ? base::IpAddr::any(base::Family::v6) : base::IpAddr::v4(0xc0a80102);
  path.destination = v6 ? base::IpAddr::any(base::Family::v6) : base::IpAddr::v4(0xe0000012);
  path.source.bytes[3] = path.destination.bytes[2] = data[1];
  const std::span<const uint8_t> message(data + 2, size - 2);
  if (const auto taken = take_packet(v6 ? base::Family::v6 : base::Family::v4, message)) {
    CHECK(taken->message.size() <= message.size());
    (void)decode(taken->message, taken->path);
  }
  const auto result = decode(message, path);
  if (const Decoded* decoded = std::get_if<Decoded>(&result)) {
    const std::vector<uint8_t> again = encode(decoded->advert, path, decoded->checksum);
    // The reserved half byte of v3 is not kept, so only the length and the meaning are compared.
    CHECK(again.size() == message.size());
    const auto second = decode(again, path);
    CHECK(std::get<Decoded>(second).advert == decoded->advert);
    (void)judge(decoded->advert, Expected{});
  }
  return 0;
}
