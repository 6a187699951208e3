#include "lbd/tls/certificate_facts.h"

#include <algorithm>
#include <chrono>

#include "base/strings.h"
#include "lbd/tls/der.h"

namespace lbd::tls {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kOidRsa = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"sv,
                           kOidRsaPss = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"sv,
                           kOidEc = "\x2a\x86\x48\xce\x3d\x02\x01"sv, kOidDsa = "\x2a\x86\x48\xce\x38\x04\x01"sv,
                           kOidCommonName = "\x55\x04\x03"sv, kOidOrganisation = "\x55\x04\x0a"sv,
                           kOidUnit = "\x55\x04\x0b"sv, kOidAlternativeName = "\x55\x1d\x11"sv;
constexpr uint8_t kDnsName = 0x82;  // [2] IA5String, implicit

KeyType type_of(std::string_view oid) {
  if (oid == kOidRsa || oid == kOidRsaPss) return KeyType::rsa;
  if (oid == kOidEc) return KeyType::ecdsa;
  return oid == kOidDsa ? KeyType::dsa : KeyType::other;
}

void add_name(std::vector<std::string>& names, std::string_view text) {
  std::string name = base::lower(text);
  if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
}

void add_alternative_names(std::string_view extensions, std::vector<std::string>& names) {
  auto list = Der(extensions).take(Der::kSequence);
  if (!list) return;
  for (Der each(list->body); auto extension = each.take(Der::kSequence);) {
    Der parts(extension->body);
    auto oid = parts.take(Der::kOid);
    if (!oid || oid->body != kOidAlternativeName) continue;
    parts.skip(0x01);  // critical
    auto octets = parts.take(Der::kOctets);
    auto alternatives = octets ? Der(octets->body).take(Der::kSequence) : std::nullopt;
    if (!alternatives) continue;
    for (Der name(alternatives->body); auto element = name.next();)
      if (element->tag == kDnsName) add_name(names, element->body);
  }
}

// visit(OID, text) of each part of a name.
template <typename Visit>
void for_each_part(std::string_view name, Visit visit) {
  for (Der relatives(name); auto set = relatives.take(Der::kSet);)
    for (Der attributes(set->body); auto attribute = attributes.take(Der::kSequence);) {
      Der parts(attribute->body);
      auto oid = parts.take(Der::kOid);
      auto value = parts.next();
      if (!oid || !value) continue;
      if (value->tag == Der::kUtf8 || value->tag == Der::kPrintable || value->tag == Der::kTeletex ||
          value->tag == Der::kIa5)
        visit(oid->body, value->body);
    }
}

void add_common_names(std::string_view subject, std::vector<std::string>& names) {
  for_each_part(subject, [&](std::string_view oid, std::string_view text) {
    if (oid == kOidCommonName) add_name(names, text);
  });
}

// "YYMMDDHHMMSSZ" or "YYYYMMDDHHMMSSZ" (RFC 5280, 4.1.2.5).
std::optional<int64_t> seconds_of(const std::optional<Der::Element>& time) {
  if (!time || (time->tag != Der::kUtcTime && time->tag != Der::kGeneralizedTime)) return std::nullopt;
  const std::string_view text = time->body;
  const size_t year_digits = time->tag == Der::kUtcTime ? 2 : 4;
  if (text.size() != year_digits + 11 || !text.ends_with('Z')) return std::nullopt;
  size_t at = 0;
  const auto number = [&](size_t digits) {
    const auto value = base::parse_int<unsigned>(text.substr(at, digits));
    at += digits;
    return value.value_or(UINT16_MAX);
  };
  unsigned year = number(year_digits);
  if (year_digits == 2 && year < 100) year += year < 50 ? 2000 : 1900;
  const unsigned month = number(2), day = number(2), hour = number(2), minute = number(2), second = number(2);
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return std::chrono::seconds(std::chrono::sys_days(date).time_since_epoch()).count() + hour * 3600 + minute * 60 +
         second;
}

std::string_view bits_of(const std::optional<Der::Element>& bit_string) {
  return bit_string && !bit_string->body.empty() ? bit_string->body.substr(1) : std::string_view();
}

KeyMatch match_rsa(std::string_view private_key, std::string_view public_key) {
  auto own = Der(private_key).take(Der::kSequence), other = Der(public_key).take(Der::kSequence);
  if (!own || !other) return KeyMatch::unknown;
  Der own_parts(own->body), other_parts(other->body);
  own_parts.take(Der::kInteger);  // version
  for (int i = 0; i < 2; ++i) {   // modulus, exponent
    auto mine = own_parts.take(Der::kInteger), theirs = other_parts.take(Der::kInteger);
    if (!mine || !theirs) return KeyMatch::unknown;
    if (mine->body != theirs->body) return KeyMatch::no;
  }
  return KeyMatch::yes;
}

KeyMatch match_curve(std::string_view private_key, std::string_view public_key) {
  auto own = Der(private_key).take(Der::kSequence);
  if (!own) return KeyMatch::unknown;
  Der parts(own->body);
  parts.take(Der::kInteger);  // version
  parts.take(Der::kOctets);   // the secret number
  parts.skip(Der::context(0));
  auto tagged = parts.take(Der::context(1));
  std::string_view bits = tagged ? bits_of(Der(tagged->body).take(Der::kBits)) : std::string_view();
  // Points may be written in two forms.
  if (bits.empty() || public_key.empty() || bits.front() != public_key.front()) return KeyMatch::unknown;
  return bits == public_key ? KeyMatch::yes : KeyMatch::no;
}

}  // namespace

std::optional<CertificateFacts> read_certificate(std::string_view der) {
  auto whole = Der(der).take(Der::kSequence);
  auto signed_part = whole ? Der(whole->body).take(Der::kSequence) : std::nullopt;
  if (!signed_part) return std::nullopt;
  CertificateFacts out;
  Der parts(signed_part->body);
  parts.skip(Der::context(0));  // version
  auto serial = parts.take(Der::kInteger);
  parts.take(Der::kSequence);  // algorithm of the signature
  auto issuer = parts.take(Der::kSequence);
  parts.take(Der::kSequence);  // validity
  auto subject = parts.take(Der::kSequence), key = parts.take(Der::kSequence);
  if (!key) return std::nullopt;
  out.serial = serial->body;
  out.issuer = issuer->whole;
  out.subject = subject->whole;
  Der key_parts(key->body);
  auto algorithm = key_parts.take(Der::kSequence);
  auto oid = algorithm ? Der(algorithm->body).take(Der::kOid) : std::nullopt;
  out.public_key = bits_of(key_parts.take(Der::kBits));
  if (!oid || out.public_key.empty()) return std::nullopt;
  out.key_type = type_of(oid->body);
  while (!parts.at_end()) {
    auto element = parts.next();
    if (element && element->tag == Der::context(3)) add_alternative_names(element->body, out.names);
  }
  add_common_names(subject->body, out.names);
  return out;
}

std::optional<Validity> read_validity(std::string_view der) {
  auto whole = Der(der).take(Der::kSequence);
  auto signed_part = whole ? Der(whole->body).take(Der::kSequence) : std::nullopt;
  if (!signed_part) return std::nullopt;
  Der parts(signed_part->body);
  parts.skip(Der::context(0));  // version
  parts.take(Der::kInteger);    // serial
  parts.take(Der::kSequence);   // algorithm of the signature
  parts.take(Der::kSequence);   // issuer
  auto validity = parts.take(Der::kSequence);
  if (!validity) return std::nullopt;
  Der times(validity->body);
  const auto begins = seconds_of(times.next()), ends = seconds_of(times.next());
  if (!begins || !ends) return std::nullopt;
  return Validity{*begins, *ends};
}

std::string principal_of(std::string_view name) {
  auto parts = Der(name).take(Der::kSequence);
  std::string common_name, organisation, unit;
  for_each_part(parts ? parts->body : std::string_view(), [&](std::string_view oid, std::string_view text) {
    if (oid == kOidCommonName) common_name = text;
    if (oid == kOidOrganisation) organisation = text;
    if (oid == kOidUnit) unit = text;
  });
  if (!common_name.empty()) return common_name;
  return organisation.empty() ? unit : organisation;
}

KeyMatch match_key(std::string_view private_key, const CertificateFacts& facts) {
  auto whole = Der(private_key).take(Der::kSequence);
  if (!whole) return KeyMatch::unknown;
  std::string_view own = private_key;
  KeyType type = facts.key_type;
  Der parts(whole->body);
  parts.take(Der::kInteger);
  if (parts.peek() == Der::kSequence) {  // PKCS #8
    auto algorithm = parts.take(Der::kSequence);
    auto oid = algorithm ? Der(algorithm->body).take(Der::kOid) : std::nullopt;
    auto octets = parts.take(Der::kOctets);
    if (!oid || !octets) return KeyMatch::unknown;
    type = type_of(oid->body);
    own = octets->body;
  } else {
    type = parts.peek() == Der::kOctets ? KeyType::ecdsa : KeyType::rsa;
  }
  if (type != facts.key_type) return type == KeyType::other ? KeyMatch::unknown : KeyMatch::no;
  if (type == KeyType::rsa) return match_rsa(own, facts.public_key);
  return type == KeyType::ecdsa ? match_curve(own, facts.public_key) : KeyMatch::unknown;
}

}  // namespace lbd::tls
