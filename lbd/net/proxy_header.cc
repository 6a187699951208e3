#include "lbd/net/proxy_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "base/strings.h"

namespace lbd::net {
namespace {

using State = ProxyDecoded::State;
using namespace std::string_view_literals;

constexpr std::string_view kLine = "PROXY ";
constexpr std::string_view kSignature = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr size_t kFixed = 16;  // of version 2: signature, command, family, length
constexpr size_t kMaxUniqueId = 128;

ProxyDecoded fail(ProxyError error) {
  return {State::error, error, 0};
}

uint8_t byte(std::string_view bytes, size_t at) {
  return static_cast<uint8_t>(bytes[at]);
}
uint16_t word(std::string_view bytes, size_t at) {
  return static_cast<uint16_t>(byte(bytes, at) << 8 | byte(bytes, at + 1));
}

constexpr std::array<uint32_t, 256> kCrcTable = [] {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
    table[i] = crc;
  }
  return table;
}();

uint32_t crc32c_update(uint32_t crc, std::string_view bytes) {
  for (char c : bytes) crc = kCrcTable[(crc ^ static_cast<uint8_t>(c)) & 0xff] ^ crc >> 8;
  return crc;
}

// Of the whole header, its checksum (4 bytes at `hole`) taken as zeros.
uint32_t checksum(std::string_view header, size_t hole) {
  uint32_t crc = crc32c_update(0xffffffff, header.substr(0, hole));
  crc = crc32c_update(crc, "\0\0\0\0"sv);
  return ~crc32c_update(crc, header.substr(hole + 4));
}

// A decimal number of at most 65535 without leading zeros.
bool parse_port(std::string_view text, uint16_t& port) {
  auto value = base::parse_int<uint16_t>(text);
  if (!value || !base::is_digit(text[0]) || (text.size() > 1 && text[0] == '0')) return false;
  port = *value;
  return true;
}

bool parse_address(std::string_view text, base::Family family, base::IpAddr& out) {
  auto address = base::IpAddr::parse(text);
  if (!address || address->family != family) return false;
  out = *address;
  return true;
}

ProxyDecoded decode_line(std::string_view bytes, ProxyHeader& out) {
  size_t end = bytes.substr(0, kProxyLineMax).find_first_of("\r\n");
  if (end == std::string_view::npos || (bytes[end] == '\r' && end + 1 == bytes.size()))
    return bytes.size() >= kProxyLineMax ? fail(ProxyError::bad_line) : ProxyDecoded{};
  if (bytes[end] != '\r' || bytes[end + 1] != '\n' || end + 2 > kProxyLineMax) return fail(ProxyError::bad_line);
  ProxyDecoded complete{State::complete, ProxyError::none, end + 2};
  std::string_view line = bytes.substr(kLine.size(), end - kLine.size());
  // Whatever follows UNKNOWN is to be ignored.
  if (line == "UNKNOWN" || line.starts_with("UNKNOWN ")) return complete;
  std::array<std::string_view, 5> words;
  size_t count = 0;
  for (std::string_view word : base::split(line, ' ')) {
    if (count == words.size()) return fail(ProxyError::bad_line);
    words[count++] = word;
  }
  base::Family family = words[0] == "TCP4"   ? base::Family::v4
                        : words[0] == "TCP6" ? base::Family::v6
                                             : base::Family::none;
  if (family == base::Family::none || count != words.size() || !parse_address(words[1], family, out.src.ip) ||
      !parse_address(words[2], family, out.dst.ip) || !parse_port(words[3], out.src.port) ||
      !parse_port(words[4], out.dst.port))
    return fail(ProxyError::bad_line);
  out.addressed = true;
  return complete;
}

ProxyError check_tlvs(std::string_view header, size_t start) {
  std::string_view tlvs = header.substr(start);
  size_t at = 0;
  for (Tlv tlv; next_tlv(tlvs, at, tlv);) {
    if (tlv.type == Tlv::kUniqueId && tlv.value.size() > kMaxUniqueId) return ProxyError::bad_tlv;
    if (tlv.type != Tlv::kCrc32c) continue;
    if (tlv.value.size() != 4) return ProxyError::bad_tlv;
    uint32_t sent = static_cast<uint32_t>(word(tlv.value, 0)) << 16 | word(tlv.value, 2);
    if (sent != checksum(header, start + at - 4)) return ProxyError::bad_checksum;
  }
  return at == tlvs.size() ? ProxyError::none : ProxyError::bad_tlv;
}

ProxyDecoded decode_binary(std::string_view bytes, ProxyHeader& out, size_t limit) {
  if (bytes.size() <= kSignature.size()) return {};
  uint8_t command = byte(bytes, 12);
  if (command >> 4 != 2) return fail(ProxyError::bad_version);
  if ((command & 0xf) > 1) return fail(ProxyError::bad_command);
  if (bytes.size() < kFixed) return {};
  size_t length = kFixed + word(bytes, 14);
  if (length > limit) return fail(ProxyError::bad_length);
  bool local = (command & 0xf) == 0;
  size_t addresses = 0;
  switch (byte(bytes, 13)) {
    case 0x00:
      break;
    case 0x11:
    case 0x12:
      addresses = 12;
      break;
    case 0x21:
    case 0x22:
      addresses = 36;
      break;
    case 0x31:
    case 0x32:
      addresses = 216;
      break;
    default:
      if (!local) return fail(ProxyError::bad_family);
  }
  if (!local && length < kFixed + addresses) return fail(ProxyError::bad_length);
  if (bytes.size() < length) return {};
  std::string_view header = bytes.substr(0, length);
  // The block of a LOCAL header is to be discarded, its checksum and all.
  if (local) return {State::complete, ProxyError::none, length};
  if (ProxyError error = check_tlvs(header, kFixed + addresses); error != ProxyError::none) return fail(error);
  out.tlvs = header.substr(kFixed + addresses);
  bool v4 = byte(bytes, 13) == 0x11, v6 = byte(bytes, 13) == 0x21;
  if (v4 || v6) {
    size_t size = v4 ? 4 : 16;
    out.src.ip.family = out.dst.ip.family = v4 ? base::Family::v4 : base::Family::v6;
    std::copy_n(header.begin() + kFixed, size, out.src.ip.bytes.begin());
    std::copy_n(header.begin() + kFixed + size, size, out.dst.ip.bytes.begin());
    out.src.port = word(header, kFixed + 2 * size);
    out.dst.port = word(header, kFixed + 2 * size + 2);
    out.addressed = true;
  }
  return {State::complete, ProxyError::none, length};
}

void append_word(std::string& out, size_t value) {
  out += static_cast<char>(value >> 8 & 0xff);
  out += static_cast<char>(value & 0xff);
}

void append_address(std::string& out, const base::IpAddr& ip) {
  out.append(ip.bytes.begin(), ip.bytes.begin() + static_cast<std::ptrdiff_t>(ip.length()));
}

bool both_ip(const base::IpPort& src, const base::IpPort& dst) {
  return src.ip.length() > 0 && src.ip.family == dst.ip.family;
}

}  // namespace

std::string_view text_of(ProxyError error) {
  switch (error) {
    case ProxyError::none:
      return "no error";
    case ProxyError::bad_signature:
      return "no PROXY header";
    case ProxyError::bad_line:
      return "invalid PROXY line";
    case ProxyError::bad_version:
      return "unknown version of the PROXY protocol";
    case ProxyError::bad_command:
      return "unknown command in the PROXY header";
    case ProxyError::bad_family:
      return "unknown address family in the PROXY header";
    case ProxyError::bad_length:
      return "invalid length of the PROXY header";
    case ProxyError::bad_tlv:
      return "invalid TLV in the PROXY header";
    case ProxyError::bad_checksum:
      return "wrong checksum of the PROXY header";
  }
  return "";
}

ProxyDecoded decode_proxy_header(std::string_view bytes, ProxyHeader& out, size_t limit) {
  out = {};
  std::string_view magic = bytes.starts_with('P') ? kLine : kSignature;
  size_t known = std::min(bytes.size(), magic.size());
  if (bytes.substr(0, known) != magic.substr(0, known)) return fail(ProxyError::bad_signature);
  if (known < magic.size()) return {};
  ProxyDecoded decoded = bytes[0] == 'P' ? decode_line(bytes, out) : decode_binary(bytes, out, limit);
  if (decoded.state != State::complete) out = {};
  return decoded;
}

bool next_tlv(std::string_view tlvs, size_t& at, Tlv& tlv) {
  if (tlvs.size() - at < 3) return false;
  size_t size = word(tlvs, at + 1);
  if (tlvs.size() - at - 3 < size) return false;
  tlv = {byte(tlvs, at), tlvs.substr(at + 3, size)};
  at += 3 + size;
  return true;
}

std::string_view find_tlv(std::string_view tlvs, uint8_t type) {
  size_t at = 0;
  for (Tlv tlv; next_tlv(tlvs, at, tlv);)
    if (tlv.type == type) return tlv.value;
  return {};
}

void append_tlv(std::string& out, const Tlv& tlv) {
  CHECK(tlv.value.size() <= 0xffff);
  out += static_cast<char>(tlv.type);
  append_word(out, tlv.value.size());
  out += tlv.value;
}

void append_proxy_v1(std::string& out, const base::IpPort& src, const base::IpPort& dst) {
  if (!both_ip(src, dst)) {
    out += "PROXY UNKNOWN\r\n";
    return;
  }
  fmt::format_to(std::back_inserter(out), "PROXY TCP{} {} {} {} {}\r\n", src.ip.is_v4() ? 4 : 6, src.ip.to_string(),
                 dst.ip.to_string(), src.port, dst.port);
}

void append_proxy_v2(std::string& out, const base::IpPort& src, const base::IpPort& dst, std::span<const Tlv> tlvs,
                     bool with_checksum) {
  size_t start = out.size();
  bool addressed = both_ip(src, dst);
  out += kSignature;
  out += addressed ? '\x21' : '\x20';
  out += addressed ? (src.ip.is_v4() ? '\x11' : '\x21') : '\0';
  append_word(out, 0);
  if (addressed) {
    append_address(out, src.ip);
    append_address(out, dst.ip);
    append_word(out, src.port);
    append_word(out, dst.port);
  }
  size_t hole = out.size() - start + 3;
  if (with_checksum) append_tlv(out, {Tlv::kCrc32c, "\0\0\0\0"sv});
  for (const Tlv& tlv : tlvs) append_tlv(out, tlv);
  size_t length = out.size() - start - kFixed;
  CHECK(length <= 0xffff);
  out[start + 14] = static_cast<char>(length >> 8);
  out[start + 15] = static_cast<char>(length & 0xff);
  if (!with_checksum) return;
  uint32_t crc = checksum(std::string_view(out).substr(start), hole);
  for (size_t i = 0; i < 4; ++i) out[start + hole + i] = static_cast<char>(crc >> (24 - 8 * i) & 0xff);
}

}  // namespace lbd::net
