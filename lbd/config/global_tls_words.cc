// The words of `global` about TLS: manual 3.1.
#include "lbd/config/global_section.h"
#include "lbd/config/server.h"
#include "lbd/config/tls_words.h"

namespace lbd::config {
namespace {

void set_server_verify(cfg::Args& args, Global& global) {
  if (auto verify = args.take_choice({"none", "required"})) global.ssl_server_verify = *verify ? "required" : "none";
}

void keep_passphrase_command(cfg::Args& args, Global& global) {
  if (!args.take<std::string>()) return;
  args.rest();
  global.other_lines.push_back(args.statement());
}

template <TlsProvider::Kind Kind>
void add_provider(cfg::Args& args, Global& global) {
  if (auto name = args.take<cfg::Word>()) global.ssl_providers.push_back({Kind, std::move(*name)});
}

template <auto Side, auto Member>
constexpr auto tls_default() {
  return cfg::field<Side, Member>();
}

// The words of a bind line are read into one.
void set_bind_options(cfg::Args& args, Global& global) {
  Bind bind;
  bind.tls = std::move(global.bind_tls);
  read_tls_defaults(args, bind);
  global.bind_tls = std::move(bind.tls);
}

void set_server_options(cfg::Args& args, Global& global) {
  Server server;
  server.tls = std::move(global.server_tls);
  read_tls_defaults(args, server);
  global.server_tls = std::move(server.tls);
}

void set_extra_files(cfg::Args& args, Global& global) {
  TlsFiles& files = global.tls_files;
  bool* const kinds[] = {&files.bundle, &files.sctl, &files.ocsp, &files.issuer, &files.key};
  auto set_all = [&](bool on) {
    for (bool* kind : kinds) *kind = on;
  };
  bool first = true;
  do {
    auto kind = args.take_choice({"bundle", "sctl", "ocsp", "issuer", "key", "none", "all"});
    if (!kind) return;
    if (first) set_all(false);
    first = false;
    if (*kind < std::size(kinds))
      *kinds[*kind] = true;
    else
      set_all(*kind == 6);
  } while (!args.at_end());
}

constexpr GlobalWord kRows[] = {
    {.name = "httpclient.resolvers.disabled",
     .doc = "Own requests do not resolve names; there are none.",
     .set = keep_global_line,
     .flags = kHint},
    {.name = "httpclient.resolvers.id",
     .doc = "Resolvers of own requests; there are none.",
     .set = keep_global_line,
     .flags = kHint},
    {.name = "httpclient.resolvers.prefer",
     .doc = "Family preferred by own requests; there are none.",
     .set = keep_global_line,
     .flags = kHint},
    {.name = "httpclient.retries",
     .doc = "Retries of own requests; there are none.",
     .set = keep_global_line,
     .flags = kHint},
    {.name = "httpclient.ssl.ca-file",
     .doc = "Authorities for own requests; there are none.",
     .set = keep_global_line,
     .flags = kHint},
    {.name = "httpclient.ssl.verify",
     .doc = "Verification of own requests; there are none.",
     .set = keep_global_line,
     .flags = kHint},
    {.name = "httpclient.timeout.connect",
     .doc = "Connect timeout of own requests; there are none.",
     .set = keep_global_line,
     .flags = kHint},
    {.name = "issuers-chain-path",
     .doc = "Folder of intermediate certificates.",
     .set = cfg::field<&Global::tls_files, &TlsFiles::issuers_chain_path>()},
    {.name = "limited-quic", .doc = "QUIC with any TLS library; there is no QUIC.", .set = skip_line},
    {.name = "ocsp-update.disable",
     .doc = "Whether OCSP answers are not fetched.",
     .set = cfg::on_off<&Global::ocsp_update, &OcspUpdate::disabled>()},
    {.name = "ocsp-update.httpproxy",
     .doc = "Proxy for fetching OCSP answers.",
     .set = cfg::field<&Global::ocsp_update, &OcspUpdate::http_proxy>()},
    {.name = "ocsp-update.maxdelay",
     .doc = "Longest time between fetching OCSP answers.",
     .set = cfg::field<&Global::ocsp_update, &OcspUpdate::max_delay_s>()},
    {.name = "ocsp-update.mindelay",
     .doc = "Shortest time between fetching OCSP answers.",
     .set = cfg::field<&Global::ocsp_update, &OcspUpdate::min_delay_s>()},
    {.name = "ocsp-update.mode",
     .doc = "Whether OCSP answers are fetched.",
     .set = cfg::on_off<&Global::ocsp_update, &OcspUpdate::mode>()},
    {.name = "ssl-default-bind-ciphers",
     .doc = "Ciphers up to TLS 1.2 of bind lines.",
     .set = tls_default<&Global::bind_tls, &TlsSettings::ciphers>()},
    {.name = "ssl-default-bind-ciphersuites",
     .doc = "Ciphers of TLS 1.3 of bind lines.",
     .set = tls_default<&Global::bind_tls, &TlsSettings::ciphersuites>()},
    {.name = "ssl-default-bind-client-sigalgs",
     .doc = "Signature algorithms of client certificates.",
     .set = tls_default<&Global::bind_tls, &TlsSettings::client_sigalgs>()},
    {.name = "ssl-default-bind-curves",
     .doc = "Curves of bind lines.",
     .set = tls_default<&Global::bind_tls, &TlsSettings::curves>()},
    {.name = "ssl-default-bind-options", .doc = "Words that bind lines start from.", .set = set_bind_options},
    {.name = "ssl-default-bind-sigalgs",
     .doc = "Signature algorithms of bind lines.",
     .set = tls_default<&Global::bind_tls, &TlsSettings::sigalgs>()},
    {.name = "ssl-default-server-ciphers",
     .doc = "Ciphers up to TLS 1.2 of server lines.",
     .set = tls_default<&Global::server_tls, &TlsSettings::ciphers>()},
    {.name = "ssl-default-server-ciphersuites",
     .doc = "Ciphers of TLS 1.3 of server lines.",
     .set = tls_default<&Global::server_tls, &TlsSettings::ciphersuites>()},
    {.name = "ssl-default-server-client-sigalgs",
     .doc = "Signature algorithms of client certificates.",
     .set = tls_default<&Global::server_tls, &TlsSettings::client_sigalgs>()},
    {.name = "ssl-default-server-curves",
     .doc = "Curves of server lines.",
     .set = tls_default<&Global::server_tls, &TlsSettings::curves>()},
    {.name = "ssl-default-server-options", .doc = "Words that server lines start from.", .set = set_server_options},
    {.name = "ssl-default-server-sigalgs",
     .doc = "Signature algorithms of server lines.",
     .set = tls_default<&Global::server_tls, &TlsSettings::sigalgs>()},
    {.name = "ssl-dh-param-file",
     .doc = "File of Diffie-Hellman parameters.",
     .set = cfg::field<&Global::ssl_dh_param_file>()},
    {.name = "ssl-load-extra-del-ext",
     .doc = "Replace the extension when looking for extra files.",
     .set = cfg::field<&Global::tls_files, &TlsFiles::replace_extension>()},
    {.name = "ssl-load-extra-files", .doc = "Which extra files are looked for.", .set = set_extra_files},
    {.name = "ssl-passphrase-cmd",
     .doc = "Program that says the passphrases of private keys.",
     .set = keep_passphrase_command},
    {.name = "ssl-propquery", .doc = "OpenSSL property query.", .set = cfg::field<&Global::ssl_propquery>()},
    {.name = "ssl-provider", .doc = "OpenSSL provider to load.", .set = add_provider<TlsProvider::Kind::provider>},
    {.name = "ssl-provider-path",
     .doc = "Where OpenSSL looks for providers.",
     .set = add_provider<TlsProvider::Kind::folder>},
    {.name = "ssl-security-level",
     .doc = "OpenSSL security level.",
     .set = cfg::field<&Global::ssl_security_level>({0, 5})},
    {.name = "ssl-server-verify",
     .doc = "Whether servers' certificates are verified by default.",
     .set = set_server_verify},
    {.name = "ssl-skip-self-issued-ca",
     .doc = "Do not send the root of a chain.",
     .set = cfg::field<&Global::tls_files, &TlsFiles::skip_self_issued>()},
};
const base::Registered<GlobalWord> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
