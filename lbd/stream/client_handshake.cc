// ClientConnection, before its first request: the header of the PROXY protocol or of a NetScaler, TLS, and the ways in
// which these fail. Manual: accept-proxy, ssl, timeout client-hs; RFC 8446.
#include <openssl/err.h>

#include "lbd/net/netscaler_header.h"
#include "lbd/net/proxy_header.h"
#include "lbd/stream/client_connection.h"
#include "lbd/stream/worker.h"
#include "lbd/tls/notes.h"
#include "lbd/tls/transport.h"

namespace lbd::stream {
namespace {

expr::ConnectionError why_not_shaken(const tls::TlsTransport& transport) {
  if (!transport.failure() && !transport.greeted()) return expr::ConnectionError::tls_closed;
  const tls::Notes* notes = tls::find_notes(transport.ssl());
  if (!notes || ERR_GET_REASON(transport.failure()) != SSL_R_CERTIFICATE_VERIFY_FAILED)
    return expr::ConnectionError::tls_handshake;
  // The last one to be judged is the client's own.
  return notes->verification.crt_error ? expr::ConnectionError::tls_client_certificate
                                       : expr::ConnectionError::tls_chain;
}

}  // namespace

void ClientConnection::read_preface() {
  if (receive() == Got::nothing) return;
  session_.preface == expr::Preface::proxy ? read_proxy_header() : read_netscaler_header();
}

void ClientConnection::read_proxy_header() {
  std::string_view bytes = rx_.flatten(io_.chunks);
  net::ProxyHeader header;
  net::ProxyDecoded decoded = net::decode_proxy_header(bytes, header);
  if (decoded.state == net::ProxyDecoded::State::partial && wire_input() == Wire::open) return;
  if (decoded.state == net::ProxyDecoded::State::partial)
    return refuse(bytes.empty()                  ? expr::ConnectionError::proxy_closed
                  : wire_input() == Wire::failed ? expr::ConnectionError::proxy_failed
                                                 : expr::ConnectionError::proxy_truncated);
  if (decoded.state == net::ProxyDecoded::State::error)
    return refuse(decoded.error == net::ProxyError::bad_signature ? expr::ConnectionError::proxy_absent
                  : decoded.error == net::ProxyError::bad_family  ? expr::ConnectionError::proxy_unhandled
                                                                  : expr::ConnectionError::proxy_invalid);
  if (header.addressed) {
    session_.src = header.src;
    session_.dst = header.dst;
  }
  std::string_view authority = net::find_tlv(header.tlvs, net::Tlv::kAuthority),
                   id = net::find_tlv(header.tlvs, net::Tlv::kUniqueId);
  session_.proxy = std::make_unique<expr::ProxyTold>(expr::ProxyTold{std::string(authority), std::string(id)});
  rx_.consume(decoded.length);
  begin_session();
}

void ClientConnection::read_netscaler_header() {
  using Header = net::NetscalerHeader;
  const std::string_view bytes = rx_.flatten(io_.chunks);
  const Header header = net::decode_netscaler_header(bytes, port_.bind().netscaler_cip.value_or(0));
  if (header.state == Header::State::partial && wire_input() == Wire::open) return;
  if (header.state == Header::State::partial)
    return refuse(bytes.empty()                  ? expr::ConnectionError::netscaler_closed
                  : wire_input() == Wire::failed ? expr::ConnectionError::netscaler_failed
                                                 : expr::ConnectionError::netscaler_truncated);
  if (header.state == Header::State::error)
    return refuse(header.error == net::NetscalerError::bad_magic      ? expr::ConnectionError::netscaler_invalid
                  : header.error == net::NetscalerError::bad_protocol ? expr::ConnectionError::netscaler_unhandled
                                                                      : expr::ConnectionError::netscaler_truncated);
  session_.src = header.src;
  session_.dst = header.dst;
  rx_.consume(header.length);
  begin_session();
}

// What came before is told; now TLS, if the line says so.
void ClientConnection::begin_session() {
  SSL_CTX* context = port_.bind().ssl ? worker_.engine().tls.of(port_.bind()) : nullptr;
  if (!context || session_.tls) return begin_http();  // a guest says that it came through TLS
  auto* transport = new tls::TlsTransport(context, tls::TlsTransport::Side::client);
  const bool has_come = !rx_.empty();
  if (has_come) {  // its hello came with its PROXY protocol header
    transport->give_hello(rx_.flatten(io_.chunks));
    rx_.clear();
  }
  if (worker_.engine().tls.takes_early_data(port_.bind())) transport->take_early_data();
  change_transport(*transport);
  session_.tls = true;
  session_.tls_transport = transport;
  state_ = State::handshake;
  const Site& site = port_.site();
  const base::Nanos most = site.timeouts.client_hs.count() > 0 ? site.timeouts.client_hs : site.timeouts.client;
  if (most.count() > 0) set_deadline(io_.loop.now() + most);
  if (worker_.engine().tls.meter().too_many()) return refuse(expr::ConnectionError::tls_too_many);
  if (has_come || worker_.may_shake_hands()) shake_hands();
}

void ClientConnection::shake_hands() {
  const base::MonoTime begun = base::mono_now();
  const Got got = handshake();
  worker_.shook_hands(base::mono_now() - begun);
  switch (got) {
    case Got::bytes:
      count(session_.tls_transport->resumed() ? &server::Counters::tls_resumed : &server::Counters::tls_sessions);
      early_ = session_.tls_transport->early();
      return begin_http();
    case Got::nothing:
      return;
    case Got::end:
    case Got::error:
      break;
  }
  count(&server::Counters::tls_failures);
  refuse(why_not_shaken(*session_.tls_transport));
}

// True once: what came so far was the client's own, as it is known now.
bool ClientConnection::handshake_ended() {
  return early_ && !session_.tls_transport->early() && std::exchange(early_, false);
}

// It ends before any exchange began, which is worth a line.
void ClientConnection::refuse(expr::ConnectionError error) {
  session_.error = error;
  base::Arena arena(worker_.blocks);
  expr::Transaction transaction(session_, arena);
  transaction.process = &worker_.engine().facts;
  transaction.frontend = session_.frontend;
  transaction.now = io_.loop.now();
  const config::Proxy& proxy = *port_.site().proxy;
  const bool probe = error == expr::ConnectionError::proxy_closed || error == expr::ConnectionError::netscaler_closed ||
                     error == expr::ConnectionError::tls_closed;
  if (!probe || !(proxy.has(config::Option::dontlognull) || proxy.has(config::Option::http_ignore_probes)))
    port_.site().log->connection_error(transaction, expr::text_of(error));
  gone();
}

}  // namespace lbd::stream
