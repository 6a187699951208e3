// `timeout X` lines: manual 4.2.
#include "lbd/config/proxy_word.h"

namespace lbd::config {
namespace {

template <auto Member>
constexpr auto timeout() {
  return cfg::field<&Proxy::timeouts, Member>();
}

constexpr ProxyWord kRows[] = {
    {.name = "timeout check",
     .doc = "Longest wait for the answer to a health check, once connected.",
     .sections = kBackendSide,
     .set = timeout<&Timeouts::check>()},
    {.name = "timeout client",
     .doc = "Longest silence of a client.",
     .sections = kFrontendSide,
     .set = timeout<&Timeouts::client>()},
    {.name = "timeout client-fin",
     .doc = "Longest silence of a client that has shut down.",
     .sections = kFrontendSide,
     .set = timeout<&Timeouts::client_fin>()},
    {.name = "timeout client-hs",
     .doc = "Longest TLS handshake with a client.",
     .sections = kFrontendSide,
     .set = timeout<&Timeouts::client_handshake>()},
    {.name = "timeout connect",
     .doc = "Longest wait for a connection to a server.",
     .sections = kBackendSide,
     .set = timeout<&Timeouts::connect>()},
    {.name = "timeout http-keep-alive",
     .doc = "Longest wait for the next request of a client.",
     .sections = kEverySide,
     .set = timeout<&Timeouts::http_keep_alive>()},
    {.name = "timeout http-request",
     .doc = "Longest time for the head of a request.",
     .sections = kEverySide,
     .set = timeout<&Timeouts::http_request>()},
    {.name = "timeout queue",
     .doc = "Longest wait for a free server.",
     .sections = kBackendSide,
     .set = timeout<&Timeouts::queue>()},
    {.name = "timeout server",
     .doc = "Longest silence of a server.",
     .sections = kBackendSide,
     .set = timeout<&Timeouts::server>()},
    {.name = "timeout server-fin",
     .doc = "Longest silence of a server that has shut down.",
     .sections = kBackendSide,
     .set = timeout<&Timeouts::server_fin>()},
    {.name = "timeout tarpit",
     .doc = "How long a tarpitted client waits.",
     .sections = kEverySide,
     .set = timeout<&Timeouts::tarpit>()},
    {.name = "timeout tunnel",
     .doc = "Longest silence of both sides of a tunnel.",
     .sections = kBackendSide,
     .set = timeout<&Timeouts::tunnel>()},
};
const base::Registered<ProxyWord> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
