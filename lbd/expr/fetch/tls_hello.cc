// Samples of a TLS handshake and of a remote desktop's greeting in bytes that are only passed on. They may still come
// while the inspection lasts. Manual: 7.3.5 (req.ssl_*, res.ssl_hello_type, req.rdp_cookie).
#include "lbd/expr/tls_hello.h"

#include "base/strings.h"
#include "lbd/expr/row.h"

namespace lbd::expr {
namespace {

template <Found (*read)(const TlsHello& hello, Value& out)>
Found of_client(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  TlsHello hello = read_tls_hello(t.payload);
  if (hello.state == TlsHello::State::partial && !t.payload_final) return Found::later;
  if (hello.state != TlsHello::State::complete || hello.type != 1) return Found::no;
  return read(hello, out);
}

Found hello_type(const TlsHello& hello, Value& out) {
  out.set_int(hello.type);
  return Found::yes;
}
// Major version × 65536 + minor version.
Found version(const TlsHello& hello, Value& out) {
  out.set_int(int64_t{hello.version >> 8} << 16 | (hello.version & 0xff));
  return Found::yes;
}
Found text(std::string_view text, Value& out) {
  out.set_text(text);
  return text.empty() ? Found::no : Found::yes;
}
Found server_name(const TlsHello& hello, Value& out) {
  return text(hello.server_name, out);
}
Found alpn(const TlsHello& hello, Value& out) {
  return text(hello.alpn, out);
}
Found curves(const TlsHello& hello, Value& out) {
  out.set_bool(hello.elliptic_curves);
  return Found::yes;
}
Found ticket(const TlsHello& hello, Value& out) {
  out.set_int(hello.ticket);
  return Found::yes;
}

Found of_server(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  TlsHello hello = read_tls_hello(t.response_payload);
  if (hello.state == TlsHello::State::partial && !t.response_payload_final) return Found::later;
  if (hello.state != TlsHello::State::complete) return Found::no;
  return hello_type(hello, out);
}

// "Cookie: name=value" behind the headers of TPKT (version 3) and of the connection request (0xe0).
Found rdp_cookie(const FetchCall& call, Transaction& t, Cursor&, Value& out) {
  constexpr size_t kHeaders = 11;
  constexpr std::string_view kWord = "cookie:";
  std::string_view bytes = t.payload;
  Found short_of = t.payload_final ? Found::no : Found::later;
  if (bytes.size() <= kHeaders) return short_of;
  if (bytes[0] != 3 || bytes[5] != '\xe0') return Found::no;
  bytes.remove_prefix(kHeaders);
  if (bytes.size() < kWord.size()) return short_of;
  if (!base::iequals(bytes.substr(0, kWord.size()), kWord)) return Found::no;
  bytes.remove_prefix(kWord.size());
  size_t end = bytes.find('\r');
  if (end == std::string_view::npos) return short_of;
  std::string_view cookie = base::trim(bytes.substr(0, end));
  size_t equals = cookie.find('=');
  if (equals == std::string_view::npos) return Found::no;
  std::string_view name = call.arg(0).text;
  if (!name.empty() && !base::iequals(name, cookie.substr(0, equals))) return Found::no;
  out.set_text(cookie.substr(equals + 1));
  return Found::yes;
}
Found rdp_cookie_count(const FetchCall& call, Transaction& t, Cursor& cursor, Value& out) {
  Found found = rdp_cookie(call, t, cursor, out);
  if (found == Found::later) return found;
  out.set_int(found == Found::yes);
  return Found::yes;
}

constexpr Type kInt = Type::integer;
constexpr ArgSpecs kName = {{{ArgKind::text, true}}};
constexpr std::string_view kOldType = "Old name of req.ssl_hello_type.", kOldName = "Old name of req.ssl_sni.",
                           kOldVersion = "Old name of req.ssl_ver.", kOldAnswer = "Old name of res.ssl_hello_type.",
                           kOldCookie = "Old name of req.rdp_cookie.", kOldCount = "Old name of req.rdp_cookie_cnt.";

constexpr FetchRow kRows[] = {
    {.name = "req.ssl_hello_type",
     .doc = "The type of the TLS hello in the request's bytes: 1.",
     .out = kInt,
     .valid = valid::kRequest,
     .run = of_client<hello_type>,
     .raw = true},
    {.name = "req_ssl_hello_type",
     .doc = kOldType,
     .out = kInt,
     .valid = valid::kRequest,
     .run = of_client<hello_type>,
     .raw = true},
    {.name = "req.ssl_sni",
     .doc = "The server name in the TLS hello in the request's bytes.",
     .valid = valid::kRequest,
     .run = of_client<server_name>,
     .raw = true},
    {.name = "req_ssl_sni", .doc = kOldName, .valid = valid::kRequest, .run = of_client<server_name>, .raw = true},
    {.name = "req.ssl_ver",
     .doc = "The TLS version in the hello in the request's bytes: major * 65536 + minor.",
     .out = kInt,
     .valid = valid::kRequest,
     .run = of_client<version>,
     .raw = true},
    {.name = "req_ssl_ver",
     .doc = kOldVersion,
     .out = kInt,
     .valid = valid::kRequest,
     .run = of_client<version>,
     .raw = true},
    {.name = "req.ssl_alpn",
     .doc = "The application protocol that the TLS hello in the request's bytes names first.",
     .valid = valid::kRequest,
     .run = of_client<alpn>,
     .raw = true},
    {.name = "req.ssl_ec_ext",
     .doc = "Whether the TLS hello in the request's bytes names elliptic curves.",
     .out = Type::boolean,
     .valid = valid::kRequest,
     .run = of_client<curves>,
     .raw = true},
    {.name = "req.ssl_st_ext",
     .doc = "The session ticket extension of the TLS hello: 0 absent, 1 empty, 2 with a ticket.",
     .out = kInt,
     .valid = valid::kRequest,
     .run = of_client<ticket>,
     .raw = true},
    {.name = "res.ssl_hello_type",
     .doc = "The type of the TLS hello in the response's bytes: 2.",
     .out = kInt,
     .valid = valid::kResponse,
     .run = of_server,
     .raw = true},
    {.name = "rep_ssl_hello_type",
     .doc = kOldAnswer,
     .out = kInt,
     .valid = valid::kResponse,
     .run = of_server,
     .raw = true},
    {.name = "req.rdp_cookie",
     .doc = "The cookie of a remote desktop client, if it has the name given.",
     .args = kName,
     .valid = valid::kRequest,
     .run = rdp_cookie,
     .raw = true},
    {.name = "rdp_cookie", .doc = kOldCookie, .args = kName, .valid = valid::kRequest, .run = rdp_cookie, .raw = true},
    {.name = "req.rdp_cookie_cnt",
     .doc = "How many cookies of that name a remote desktop client sent: 0 or 1.",
     .args = kName,
     .out = kInt,
     .valid = valid::kRequest,
     .run = rdp_cookie_count,
     .raw = true},
    {.name = "rdp_cookie_cnt",
     .doc = kOldCount,
     .args = kName,
     .out = kInt,
     .valid = valid::kRequest,
     .run = rdp_cookie_count,
     .raw = true},
};
const Fetches kEnrol(kRows);

}  // namespace
}  // namespace lbd::expr
