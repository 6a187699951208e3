#include "vrrpd/packet.h"

#include <gtest/gtest.h>

#include <functional>

namespace vrrpd {
namespace {

using base::IpAddr;

IpAddr ip(const char* text) {
  return IpAddr::parse(text).value();
}

const Path kPath4{ip("192.168.1.2"), ip("224.0.0.18"), 255};
const Path kPath6{ip("fe80::1"), ip("ff02::12"), 255};

Advert advert4(uint8_t version) {
  Advert a;
  a.version = version;
  a.vrid = 51;
  a.priority = 100;
  a.addresses = {ip("192.168.1.100"), ip("192.168.1.101")};
  return a;
}
Advert advert6() {
  Advert a = advert4(3);
  a.addresses = {ip("fe80::100"), ip("2001:db8::100")};
  return a;
}

std::optional<Flaw> flaw_of(std::span<const uint8_t> message, const Path& path) {
  const auto result = decode(message, path);
  if (const Flaw* flaw = std::get_if<Flaw>(&result)) return *flaw;
  return std::nullopt;
}

// Sets the checksum of a changed message right again, so that another rule is the one that refuses it.
void reseal(std::vector<uint8_t>& message) {
  message[6] = message[7] = 0;
  const uint16_t sum = checksum_end(checksum_add(message));
  message[6] = static_cast<uint8_t>(sum >> 8);
  message[7] = static_cast<uint8_t>(sum);
}

TEST(Packet, BytesOfAKnownV2Advert) {
  // As keepalived 2.2.7 sends it: VRID 51, priority 100, password "secret", 192.168.1.100.
  Advert a = advert4(2);
  a.addresses = {ip("192.168.1.100")};
  a.auth_type = 1;
  a.password = {'s', 'e', 'c', 'r', 'e', 't', 0, 0};
  const std::vector<uint8_t> bytes = encode(a, kPath4, ChecksumForm::pseudo);
  const std::vector<uint8_t> expected = {0x21, 51,  100, 1,   1,   1,   bytes[6], bytes[7], 192, 168,
                                         1,    100, 's', 'e', 'c', 'r', 'e',      't',      0,   0};
  EXPECT_EQ(bytes, expected);
  EXPECT_EQ(checksum_end(checksum_add(bytes)), 0);
}

TEST(Packet, ComesBackAsItWasSent) {
  struct Case {
    Advert advert;
    Path path;
    ChecksumForm form, seen;
  };
  Advert v2 = advert4(2);
  v2.interval = std::chrono::seconds(7);
  v2.auth_type = 1;
  v2.password = {'1', '2', '3', '4', '5', '6', '7', '8'};
  Advert slow = advert4(3);
  slow.interval = kMaxIntervalV3;
  const Case cases[] = {
      {v2, kPath4, ChecksumForm::pseudo, ChecksumForm::plain},
      {advert4(3), kPath4, ChecksumForm::pseudo, ChecksumForm::pseudo},
      {advert4(3), kPath4, ChecksumForm::plain, ChecksumForm::plain},
      {slow, kPath4, ChecksumForm::pseudo, ChecksumForm::pseudo},
      {advert6(), kPath6, ChecksumForm::plain, ChecksumForm::pseudo},  // IPv6 has no plain form
  };
  for (const Case& c : cases) {
    const auto result = decode(encode(c.advert, c.path, c.form), c.path);
    ASSERT_TRUE(std::holds_alternative<Decoded>(result)) << to_string(std::get<Flaw>(result));
    EXPECT_EQ(std::get<Decoded>(result).advert, c.advert);
    EXPECT_EQ(std::get<Decoded>(result).checksum, c.seen);
  }
}

TEST(Packet, FlawsAreFound) {
  struct Case {
    Flaw flaw;
    uint8_t version;
    std::function<void(std::vector<uint8_t>&)> spoil;
  };
  const Case cases[] = {
      {Flaw::truncated, 3, [](auto& m) { m.resize(7); }},
      {Flaw::truncated, 3, [](auto& m) { m.clear(); }},
      {Flaw::version, 3,
       [](auto& m) {
         m[0] = 0x41;
         reseal(m);
       }},
      {Flaw::version, 3,
       [](auto& m) {
         m[0] = 0x11;
         reseal(m);
       }},
      {Flaw::type, 3,
       [](auto& m) {
         m[0] = 0x32;
         reseal(m);
       }},
      {Flaw::length, 3,
       [](auto& m) {
         m.push_back(0);
         reseal(m);
       }},
      {Flaw::length, 3,
       [](auto& m) {
         m.pop_back();
         reseal(m);
       }},
      {Flaw::length, 3,
       [](auto& m) {
         m[3] = 3;
         reseal(m);
       }},
      {Flaw::length, 2,
       [](auto& m) {
         m.resize(m.size() - 8);
         reseal(m);
       }},  // v2 without its authentication data
      {Flaw::checksum, 3, [](auto& m) { m[2] ^= 1; }},
      {Flaw::checksum, 2, [](auto& m) { m[9] ^= 1; }},
      {Flaw::no_addresses, 3,
       [](auto& m) {
         m[3] = 0;
         m.resize(8);
         reseal(m);
       }},
      {Flaw::interval, 3,
       [](auto& m) {
         m[4] = m[5] = 0;
         reseal(m);
       }},
      {Flaw::interval, 3,
       [](auto& m) {
         m[4] = 0xf0;
         m[5] = 0;
         reseal(m);
       }},  // the upper half is reserved
  };
  for (const Case& c : cases) {
    std::vector<uint8_t> message = encode(advert4(c.version), kPath4, ChecksumForm::plain);
    c.spoil(message);
    const auto flaw = flaw_of(message, kPath4);
    ASSERT_TRUE(flaw.has_value()) << to_string(c.flaw);
    EXPECT_EQ(to_string(*flaw), to_string(c.flaw));
  }
}

TEST(Packet, OnlyFromTheLink) {
  Path far = kPath4;
  far.ttl = 254;
  const std::vector<uint8_t> message = encode(advert4(3), kPath4, ChecksumForm::pseudo);
  EXPECT_EQ(flaw_of(message, far), Flaw::ttl);
  EXPECT_TRUE(std::holds_alternative<Decoded>(decode(message, far, 200)));
}

TEST(Packet, PseudoHeaderBindsTheAddresses) {
  Path other = kPath4;
  other.source = ip("192.168.1.3");
  EXPECT_EQ(flaw_of(encode(advert4(3), kPath4, ChecksumForm::pseudo), other), Flaw::checksum);
  Path other6 = kPath6;
  other6.source = ip("fe80::2");
  EXPECT_EQ(flaw_of(encode(advert6(), kPath6, ChecksumForm::pseudo), other6), Flaw::checksum);
}

TEST(Packet, Ipv6HasNoVersion2) {
  Advert a = advert6();
  std::vector<uint8_t> message = encode(a, kPath6, ChecksumForm::pseudo);
  message[0] = 0x21;
  EXPECT_EQ(flaw_of(message, kPath6), Flaw::version);
}

TEST(Packet, NoByteStringBreaksTheDecoder) {
  uint32_t seed = 1;
  const auto random = [&] { return seed = seed * 1664525 + 1013904223; };
  for (int i = 0; i < 20000; ++i) {
    std::vector<uint8_t> message = encode(advert4(i & 1 ? 3 : 2), kPath4, ChecksumForm::plain);
    message[random() >> 8 & 0xf] = static_cast<uint8_t>(random() >> 16);
    message.resize((random() >> 8) % (message.size() + 8));
    (void)decode(message, i & 2 ? kPath4 : kPath6);
  }
}

TEST(Packet, JudgedAgainstTheConfiguration) {
  Expected v2;
  v2.version = 2;
  v2.auth = AuthType::password;
  v2.password = {'s', 'e', 'c', 'r', 'e', 't', 0, 0};
  v2.addresses = advert4(2).addresses;
  Expected v3 = v2;
  v3.version = 3;
  Expected careless = v2;
  careless.check_addresses = false;

  Advert right = advert4(2);
  right.auth_type = 1;
  right.password = v2.password;
  Advert no_auth = right, other_password = right, slower = right, ah = right, list = right, owner = right;
  no_auth.auth_type = 0;
  other_password.password[0] = 'S';
  slower.interval = std::chrono::seconds(2);
  ah.auth_type = 2;
  list.addresses.pop_back();
  owner.addresses.pop_back();
  owner.priority = 255;
  Advert reordered = right;
  std::swap(reordered.addresses[0], reordered.addresses[1]);
  Advert slower3 = advert4(3), list3 = advert4(3);
  slower3.interval = std::chrono::seconds(2);
  list3.addresses.pop_back();

  struct Case {
    const char* what;
    Advert advert;
    Expected expected;
    std::optional<Flaw> flaw;
    bool fatal;
  };
  const Case cases[] = {
      {"right", right, v2, std::nullopt, false},
      {"the order does not count", reordered, v2, std::nullopt, false},
      {"version", advert4(3), v2, Flaw::version, true},
      {"no authentication", no_auth, v2, Flaw::auth_type, true},
      {"AH", ah, v2, Flaw::auth_type, true},
      {"password", other_password, v2, Flaw::auth_data, true},
      {"v2 interval", slower, v2, Flaw::interval, true},
      {"v3 interval is learnt", slower3, v3, std::nullopt, false},
      {"v2 list", list, v2, Flaw::addresses, true},
      {"v2 list of the owner", owner, v2, Flaw::addresses, false},
      {"v2 list unchecked", list, careless, std::nullopt, false},
      {"v3 list", list3, v3, Flaw::addresses, false},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    const auto judgement = judge(c.advert, c.expected);
    ASSERT_EQ(judgement.has_value(), c.flaw.has_value());
    if (!judgement) continue;
    EXPECT_EQ(to_string(judgement->flaw), to_string(*c.flaw));
    EXPECT_EQ(judgement->fatal, c.fatal);
  }
}

}  // namespace
}  // namespace vrrpd
