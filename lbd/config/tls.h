// What bind lines, server lines and lines of crt-lists say of TLS, typed. A word that was not written is nullopt, so
// that what stands closer to the connection can override what stands further away: crt-list line, bind line, global.
// Words keep their place, since files are opened and lists of names are understood when lbd/tls builds its contexts.
// Manual: sections 3.1 (ssl-default-*), 5.1, 5.2.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cfg/words.h"

namespace lbd::config {

enum class TlsVersion : uint8_t { ssl3, tls1_0, tls1_1, tls1_2, tls1_3 };
enum class TlsVerify : uint8_t { none, optional, required };

using TlsWord = std::optional<cfg::Word>;

struct TlsSettings {
  std::optional<TlsVersion> min_version, max_version;
  uint8_t refused_versions = 0;  // no-sslv3, no-tlsv10 …: bit 1 << TlsVersion
  TlsWord ciphers;               // up to TLS 1.2
  TlsWord ciphersuites;          // of TLS 1.3
  TlsWord curves, sigalgs, client_sigalgs;
  TlsWord alpn, npn;  // as written, "h2,http/1.1"; empty: none is offered
  TlsWord ca_file, ca_verify_file, crl_file;
  std::optional<TlsVerify> verify;
  std::optional<bool> tickets;
  bool allow_0rtt = false;
};

// A certificate that a bind line shows; default-crt: also to who asks for a name that no certificate has.
struct BindCertificate {
  enum class Kind : uint8_t { crt, crt_list, default_crt } kind = Kind::crt;
  cfg::Word file;
};

struct BindTls : TlsSettings {
  std::vector<BindCertificate> certificates;  // in the order of the line: the first one is the default
  TlsWord ecdhe;                              // one curve, where `curves` is not said
  TlsWord ca_ignore_err, crt_ignore_err;
  TlsWord ticket_keys;
  std::optional<bool> strict_sni;
  bool prefer_client_ciphers = false;
  bool no_ca_names = false;
  std::optional<bool> ocsp_update;  // of the certificate that the line names
};

struct ServerTls : TlsSettings {
  TlsWord certificate;  // that we present
  TlsWord verify_host;
  TlsWord sni;  // an expression
  bool reuse = true;
};

// A provider of OpenSSL that is loaded, or the folder in which those that follow are looked for.
struct TlsProvider {
  enum class Kind : uint8_t { provider, folder } kind = Kind::provider;
  cfg::Word name;
};

// What `global` says of fetching OCSP answers.
struct OcspUpdate {
  uint32_t min_delay_s = 300, max_delay_s = 3600;
  bool disabled = false;
  bool mode = false;       // for certificates whose line does not say
  std::string http_proxy;  // address:port
};

// What `global` says of the files of certificates.
struct TlsFiles {
  // ssl-load-extra-files
  bool bundle = true, sctl = true, ocsp = true, issuer = true, key = true;
  bool replace_extension = false;  // ssl-load-extra-del-ext: "a.crt" goes with "a.key", not "a.crt.key"
  bool skip_self_issued = false;   // ssl-skip-self-issued-ca: the root of a chain is not sent
  TlsWord issuers_chain_path = {};
};

}  // namespace lbd::config
