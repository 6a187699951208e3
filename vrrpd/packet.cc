#include "vrrpd/packet.h"

#include <algorithm>
#include <cstring>

namespace vrrpd {
namespace {

constexpr uint8_t kAdvertisement = 1;
constexpr size_t kHeader = 8;
constexpr size_t kAuthData = 8;

uint32_t pseudo_header(const Path& path, size_t length) {
  uint32_t sum = checksum_add({path.source.bytes.data(), path.source.length()});
  sum = checksum_add({path.destination.bytes.data(), path.destination.length()}, sum);
  // The length is 32 bits wide in IPv6 and 16 in IPv4, which adds up to the same for anything that a packet can hold.
  return sum + static_cast<uint32_t>(length) + kProtocol;
}

std::optional<ChecksumForm> verify(std::span<const uint8_t> message, uint8_t version, const Path& path) {
  const uint32_t plain = checksum_add(message);
  if (!path.source.is_v6() && checksum_end(plain) == 0) return ChecksumForm::plain;
  if (version == 3 && checksum_end(plain + pseudo_header(path, message.size())) == 0) return ChecksumForm::pseudo;
  return std::nullopt;
}

}  // namespace

uint32_t checksum_add(std::span<const uint8_t> bytes, uint32_t sum) {
  size_t i = 0;
  for (; i + 1 < bytes.size(); i += 2) sum += static_cast<uint32_t>(bytes[i] << 8 | bytes[i + 1]);
  if (i < bytes.size()) sum += static_cast<uint32_t>(bytes[i] << 8);
  return sum;
}

uint16_t checksum_end(uint32_t sum) {
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

std::string_view to_string(Flaw flaw) {
  switch (flaw) {
    case Flaw::ttl:
      return "TTL is not 255";
    case Flaw::truncated:
      return "truncated";
    case Flaw::version:
      return "another version";
    case Flaw::type:
      return "unknown type";
    case Flaw::length:
      return "length does not fit the number of addresses";
    case Flaw::checksum:
      return "wrong checksum";
    case Flaw::no_addresses:
      return "no addresses";
    case Flaw::interval:
      return "wrong advertisement interval";
    case Flaw::auth_type:
      return "another authentication type";
    case Flaw::auth_data:
      return "wrong password";
    case Flaw::addresses:
      return "another list of addresses";
  }
  return "";
}

std::variant<Decoded, Flaw> decode(std::span<const uint8_t> message, const Path& path, uint8_t ttl_least) {
  if (path.ttl < ttl_least) return Flaw::ttl;
  if (message.size() < kHeader) return Flaw::truncated;

  Decoded result;
  Advert& advert = result.advert;
  advert.version = message[0] >> 4;
  const bool v2 = advert.version == 2;
  if ((!v2 && advert.version != 3) || (v2 && path.source.is_v6())) return Flaw::version;
  if ((message[0] & 0xf) != kAdvertisement) return Flaw::type;

  const size_t count = message[3];
  const size_t width = path.source.length();
  if (count == 0) return Flaw::no_addresses;
  if (message.size() != kHeader + count * width + (v2 ? kAuthData : 0)) return Flaw::length;
  const auto form = verify(message, advert.version, path);
  if (!form) return Flaw::checksum;
  result.checksum = *form;

  advert.vrid = message[1];
  advert.priority = message[2];
  if (v2) {
    advert.auth_type = message[4];
    advert.interval = std::chrono::seconds(message[5]);
    std::copy_n(message.end() - kAuthData, kAuthData, advert.password.begin());
  } else {
    advert.interval = Centis((message[4] & 0xf) << 8 | message[5]);
  }
  if (advert.interval == Centis(0)) return Flaw::interval;

  advert.addresses.resize(count);
  for (size_t i = 0; i < count; ++i) {
    advert.addresses[i].family = path.source.family;
    std::copy_n(message.begin() + static_cast<ptrdiff_t>(kHeader + i * width), width,
                advert.addresses[i].bytes.begin());
  }
  return result;
}

std::vector<uint8_t> encode(const Advert& advert, const Path& path, ChecksumForm form) {
  const bool v2 = advert.version == 2;
  const size_t width = path.source.length();
  std::vector<uint8_t> message(kHeader + advert.addresses.size() * width + (v2 ? kAuthData : 0));
  message[0] = static_cast<uint8_t>(advert.version << 4 | kAdvertisement);
  message[1] = advert.vrid;
  message[2] = advert.priority;
  message[3] = static_cast<uint8_t>(advert.addresses.size());
  if (v2) {
    message[4] = advert.auth_type;
    message[5] = static_cast<uint8_t>(std::chrono::duration_cast<std::chrono::seconds>(advert.interval).count());
    std::copy(advert.password.begin(), advert.password.end(), message.end() - kAuthData);
  } else {
    message[4] = static_cast<uint8_t>(advert.interval.count() >> 8 & 0xf);
    message[5] = static_cast<uint8_t>(advert.interval.count());
  }
  auto to = message.begin() + kHeader;
  for (const base::IpAddr& address : advert.addresses) to = std::copy_n(address.bytes.begin(), width, to);

  uint32_t sum = checksum_add(message);
  if (path.source.is_v6() || (!v2 && form == ChecksumForm::pseudo)) sum += pseudo_header(path, message.size());
  const uint16_t checksum = checksum_end(sum);
  message[6] = static_cast<uint8_t>(checksum >> 8);
  message[7] = static_cast<uint8_t>(checksum);
  return message;
}

std::optional<Judgement> judge(const Advert& advert, const Expected& expected) {
  if (advert.version != expected.version) return Judgement{Flaw::version};
  if (advert.version == 2) {
    if (advert.auth_type != static_cast<uint8_t>(expected.auth)) return Judgement{Flaw::auth_type};
    if (expected.auth == AuthType::password && advert.password != expected.password) return Judgement{Flaw::auth_data};
    if (advert.interval != expected.interval) return Judgement{Flaw::interval};
  }
  if (!expected.check_addresses) return std::nullopt;
  std::vector<base::IpAddr> heard = advert.addresses;
  std::sort(heard.begin(), heard.end());
  if (heard == expected.addresses) return std::nullopt;
  return Judgement{Flaw::addresses, advert.version == 2 && advert.priority != kOwnerPriority};
}

}  // namespace vrrpd
