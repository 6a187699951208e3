// The words of `global` about TLS: manual 3.1.
#include "lbd/config/global_section.h"

namespace lbd::config {
namespace {

void set_server_verify(cfg::Args& args, Global& global) {
  if (auto verify = args.take_choice({"none", "required"})) global.ssl_server_verify = *verify ? "required" : "none";
}

constexpr GlobalWord kRows[] = {
    {.name = "httpclient.resolvers.disabled", .doc = "Own requests do not resolve names.", .set = keep_global_line},
    {.name = "httpclient.resolvers.id", .doc = "Resolvers of own requests.", .set = keep_global_line},
    {.name = "httpclient.resolvers.prefer", .doc = "Family preferred by own requests.", .set = keep_global_line},
    {.name = "httpclient.retries", .doc = "Retries of own requests.", .set = keep_global_line},
    {.name = "httpclient.ssl.ca-file", .doc = "Authorities for own requests.", .set = keep_global_line},
    {.name = "httpclient.ssl.verify", .doc = "Verification of own requests.", .set = keep_global_line},
    {.name = "httpclient.timeout.connect", .doc = "Connect timeout of own requests.", .set = keep_global_line},
    {.name = "issuers-chain-path", .doc = "Folder of intermediate certificates.", .set = keep_global_line},
    {.name = "limited-quic", .doc = "QUIC with any TLS library; there is no QUIC.", .set = skip_line},
    {.name = "ocsp-update.disable", .doc = "Whether OCSP answers are not fetched.", .set = keep_global_line},
    {.name = "ocsp-update.httpproxy", .doc = "Proxy for fetching OCSP answers.", .set = keep_global_line},
    {.name = "ocsp-update.maxdelay", .doc = "Longest time between fetching OCSP answers.", .set = keep_global_line},
    {.name = "ocsp-update.mindelay", .doc = "Shortest time between fetching OCSP answers.", .set = keep_global_line},
    {.name = "ocsp-update.mode", .doc = "Whether OCSP answers are fetched.", .set = keep_global_line},
    {.name = "ssl-default-bind-ciphers",
     .doc = "Ciphers up to TLS 1.2 of bind lines.",
     .set = cfg::field<&Global::ssl_default_bind_ciphers>()},
    {.name = "ssl-default-bind-ciphersuites",
     .doc = "Ciphers of TLS 1.3 of bind lines.",
     .set = cfg::field<&Global::ssl_default_bind_ciphersuites>()},
    {.name = "ssl-default-bind-client-sigalgs",
     .doc = "Signature algorithms of client certificates.",
     .set = keep_global_line},
    {.name = "ssl-default-bind-curves",
     .doc = "Curves of bind lines.",
     .set = cfg::field<&Global::ssl_default_bind_curves>()},
    {.name = "ssl-default-bind-options",
     .doc = "Words that bind lines start from.",
     .set = cfg::field<&Global::ssl_default_bind_options>()},
    {.name = "ssl-default-bind-sigalgs", .doc = "Signature algorithms of bind lines.", .set = keep_global_line},
    {.name = "ssl-default-server-ciphers",
     .doc = "Ciphers up to TLS 1.2 of server lines.",
     .set = cfg::field<&Global::ssl_default_server_ciphers>()},
    {.name = "ssl-default-server-ciphersuites",
     .doc = "Ciphers of TLS 1.3 of server lines.",
     .set = cfg::field<&Global::ssl_default_server_ciphersuites>()},
    {.name = "ssl-default-server-client-sigalgs",
     .doc = "Signature algorithms of client certificates.",
     .set = keep_global_line},
    {.name = "ssl-default-server-curves", .doc = "Curves of server lines.", .set = keep_global_line},
    {.name = "ssl-default-server-options",
     .doc = "Words that server lines start from.",
     .set = cfg::field<&Global::ssl_default_server_options>()},
    {.name = "ssl-default-server-sigalgs", .doc = "Signature algorithms of server lines.", .set = keep_global_line},
    {.name = "ssl-dh-param-file",
     .doc = "File of Diffie-Hellman parameters.",
     .set = cfg::field<&Global::ssl_dh_param_file>()},
    {.name = "ssl-load-extra-del-ext",
     .doc = "Replace the extension when looking for extra files.",
     .set = keep_global_line},
    {.name = "ssl-load-extra-files", .doc = "Which extra files are looked for.", .set = keep_global_line},
    {.name = "ssl-passphrase-cmd", .doc = "Program that says the pass phrases of keys.", .set = keep_global_line},
    {.name = "ssl-propquery", .doc = "OpenSSL property query.", .set = keep_global_line},
    {.name = "ssl-provider", .doc = "OpenSSL provider to load.", .set = keep_global_line},
    {.name = "ssl-provider-path", .doc = "Where OpenSSL looks for providers.", .set = keep_global_line},
    {.name = "ssl-security-level", .doc = "OpenSSL security level.", .set = keep_global_line},
    {.name = "ssl-server-verify",
     .doc = "Whether servers' certificates are verified by default.",
     .set = set_server_verify},
    {.name = "ssl-skip-self-issued-ca", .doc = "Do not send the root of a chain.", .set = keep_global_line},
};
const base::Registered<GlobalWord> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
