// Samples of what was noted of a client's handshake: the lists of its hello, by which clients are told apart
// (tune.ssl.capture-buffer-size), and secrets for decrypting captures (tune.ssl.keylog). Manual: 7.3.4.
#include <fmt/format.h>

#include "lbd/expr/fetch/tls_handle.h"
#include "lbd/tls/notes.h"
#include "lbd/tls/session_text.h"

namespace lbd::expr {
namespace {

constexpr Type kInt = Type::integer, kBin = Type::binary, kText = Type::string;
constexpr Phases kClient = valid::kTls;
constexpr ArgSpecs kFlag = {{{ArgKind::number, true}}};  // 1: without GREASE
constexpr char kClientEarlyTrafficSecret[] = "CLIENT_EARLY_TRAFFIC_SECRET";
constexpr char kClientHandshakeTrafficSecret[] = "CLIENT_HANDSHAKE_TRAFFIC_SECRET";
constexpr char kServerHandshakeTrafficSecret[] = "SERVER_HANDSHAKE_TRAFFIC_SECRET";
constexpr char kClientTrafficSecret0[] = "CLIENT_TRAFFIC_SECRET_0";
constexpr char kServerTrafficSecret0[] = "SERVER_TRAFFIC_SECRET_0";
constexpr char kExporterSecret[] = "EXPORTER_SECRET";
constexpr char kEarlyExporterSecret[] = "EARLY_EXPORTER_SECRET";

const tls::Notes* notes_of(const Transaction& t) {
  const SSL* ssl = ssl_of<Side::client>(t);
  return ssl ? tls::find_notes(ssl) : nullptr;
}
const tls::ClientHello* hello_of(const Transaction& t) {
  const tls::Notes* notes = notes_of(t);
  return notes ? notes->hello.get() : nullptr;
}

std::string chosen(const FetchCall& call, const std::string& numbers) {
  return call.arg(0).given() && call.arg(0).number ? tls::without_grease(numbers) : numbers;
}

template <std::string tls::ClientHello::*numbers>
Found list(const FetchCall& call, Transaction& t, Cursor&, Value& out) {
  const tls::ClientHello* hello = hello_of(t);
  return hello ? give(chosen(call, hello->*numbers), t, out, Type::binary) : Found::no;
}

Found cipher_list_hex(const FetchCall& call, Transaction& t, Cursor&, Value& out) {
  const tls::ClientHello* hello = hello_of(t);
  if (!hello) return Found::no;
  std::string text;
  for (char byte : chosen(call, hello->ciphers)) text += fmt::format("{:02X}", static_cast<uint8_t>(byte));
  return give(text, t, out);
}

Found cipher_list_text(const FetchCall& call, Transaction& t, Cursor&, Value& out) {
  const tls::ClientHello* hello = hello_of(t);
  return hello ? give(tls::cipher_names(ssl_of<Side::client>(t), chosen(call, hello->ciphers)), t, out) : Found::no;
}

Found cipher_list_hash(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  const tls::ClientHello* hello = hello_of(t);
  if (!hello) return Found::no;
  out.set_int(static_cast<int64_t>(hello->ciphers_hash));
  return Found::yes;
}

Found hello_version(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  const tls::ClientHello* hello = hello_of(t);
  if (!hello) return Found::no;
  out.set_int(hello->version);
  return Found::yes;
}

template <const char* label>
Found secret(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  if (const tls::Notes* notes = notes_of(t))
    for (const auto& [known, text] : notes->secrets)
      if (known == label) return give(text, t, out);
  return Found::no;
}

constexpr FetchRow kRows[] = {
    {.name = "ssl_fc_cipherlist_bin",
     .doc = "The cipher list of the client in bytes.",
     .args = kFlag,
     .out = kBin,
     .valid = kClient,
     .run = list<&tls::ClientHello::ciphers>},
    {.name = "ssl_fc_cipherlist_hex",
     .doc = "The cipher list of the client in hexadecimal.",
     .args = kFlag,
     .out = kText,
     .valid = kClient,
     .run = cipher_list_hex},
    {.name = "ssl_fc_cipherlist_str",
     .doc = "The cipher list of the client in words.",
     .args = kFlag,
     .out = kText,
     .valid = kClient,
     .run = cipher_list_text},
    {.name = "ssl_fc_cipherlist_xxh",
     .doc = "A hash of the cipher list of the client.",
     .out = kInt,
     .valid = kClient,
     .run = cipher_list_hash},
    {.name = "ssl_fc_client_early_traffic_secret",
     .doc = "The secret CLIENT_EARLY_TRAFFIC_SECRET.",
     .out = kText,
     .valid = kClient,
     .run = secret<kClientEarlyTrafficSecret>},
    {.name = "ssl_fc_client_handshake_traffic_secret",
     .doc = "The secret CLIENT_HANDSHAKE_TRAFFIC_SECRET.",
     .out = kText,
     .valid = kClient,
     .run = secret<kClientHandshakeTrafficSecret>},
    {.name = "ssl_fc_client_traffic_secret_0",
     .doc = "The secret CLIENT_TRAFFIC_SECRET_0.",
     .out = kText,
     .valid = kClient,
     .run = secret<kClientTrafficSecret0>},
    {.name = "ssl_fc_early_exporter_secret",
     .doc = "The secret EARLY_EXPORTER_SECRET.",
     .out = kText,
     .valid = kClient,
     .run = secret<kEarlyExporterSecret>},
    {.name = "ssl_fc_ecformats_bin",
     .doc = "The point formats of the client.",
     .out = kBin,
     .valid = kClient,
     .run = list<&tls::ClientHello::point_formats>},
    {.name = "ssl_fc_eclist_bin",
     .doc = "The elliptic curves of the client.",
     .args = kFlag,
     .out = kBin,
     .valid = kClient,
     .run = list<&tls::ClientHello::curves>},
    {.name = "ssl_fc_exporter_secret",
     .doc = "The secret EXPORTER_SECRET.",
     .out = kText,
     .valid = kClient,
     .run = secret<kExporterSecret>},
    {.name = "ssl_fc_extlist_bin",
     .doc = "The extensions of the client.",
     .args = kFlag,
     .out = kBin,
     .valid = kClient,
     .run = list<&tls::ClientHello::extensions>},
    {.name = "ssl_fc_protocol_hello_id",
     .doc = "The version in the hello of the client.",
     .out = kInt,
     .valid = kClient,
     .run = hello_version},
    {.name = "ssl_fc_server_handshake_traffic_secret",
     .doc = "The secret SERVER_HANDSHAKE_TRAFFIC_SECRET.",
     .out = kText,
     .valid = kClient,
     .run = secret<kServerHandshakeTrafficSecret>},
    {.name = "ssl_fc_server_traffic_secret_0",
     .doc = "The secret SERVER_TRAFFIC_SECRET_0.",
     .out = kText,
     .valid = kClient,
     .run = secret<kServerTrafficSecret0>},
};
const Fetches kEnrol(kRows);

}  // namespace
}  // namespace lbd::expr
