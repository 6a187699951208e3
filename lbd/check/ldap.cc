// option ldap-check: an LDAP server lets a client bind that says no name. Manual: 4.2 option ldap-check; RFC 4511.
#include "lbd/check/scripts.h"

namespace lbd::check {
namespace {

constexpr size_t kLeast = 14;  // of a bind response

std::string_view bytes_of(const char* text, size_t length) {
  return {text, length};
}

// How many bytes behind the first one a length has; nothing for a form that no server uses.
std::optional<size_t> length_bytes(uint8_t first) {
  if ((first & 0x80) == 0) return 0;
  if (first == 0x82 || first == 0x84) return first & 0x7f;
  return std::nullopt;
}

CheckReport not_ldap() {
  return report(CheckStatus::l7_invalid, "Not LDAPv3 protocol");
}

// LDAPMessage: SEQUENCE { messageID 1, BindResponse [APPLICATION 1] { resultCode ENUMERATED … } }
std::optional<CheckReport> judge(std::string_view answer, bool) {
  if (answer.size() < kLeast) return std::nullopt;
  const auto byte = [&](size_t at) { return static_cast<uint8_t>(answer[at]); };
  const std::optional<size_t> more = length_bytes(byte(1));
  if (byte(0) != 0x30 || !more) return not_ldap();
  size_t length = *more ? 0 : byte(1);
  for (size_t i = 0; i < *more; ++i) length = length << 8 | byte(2 + i);
  answer.remove_prefix(2 + *more);
  if (answer.size() < length) return std::nullopt;
  if (!answer.starts_with(bytes_of("\x02\x01\x01\x61", 4))) return not_ldap();
  answer.remove_prefix(4);
  // The length of the response, in whichever form.
  const size_t skipped = answer.empty() ? 0 : 1 + (byte(0) & 0x80 ? byte(0) & 0x7f : 0);
  if (skipped == 0 || answer.size() < skipped + 3) return not_ldap();
  answer.remove_prefix(skipped);
  if (!answer.starts_with(bytes_of("\x0a\x01", 2))) return not_ldap();
  if (byte(2) == 0) return report(CheckStatus::l7_ok, {}, 0);
  return report(CheckStatus::l7_status, "See RFC: http://tools.ietf.org/html/rfc4511#section-4.1.9", byte(2));
}

constexpr CheckRow kRows[] = {
    {.name = "ldap-check",
     .doc = "an LDAP server lets an anonymous client bind",
     .compile = compile_turns<scripts::ldap>},
};
const base::Registered<CheckRow> kEnrol(kRows);

}  // namespace

Script scripts::ldap(const std::vector<std::string>&) {
  // BindRequest: version 3, no name, simple authentication without a password.
  constexpr char kBind[] = "\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00";
  return {.turns = {{.question = std::string(kBind, sizeof kBind - 1), .judge = judge}}};
}

}  // namespace lbd::check
