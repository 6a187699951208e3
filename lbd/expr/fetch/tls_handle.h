// The SSL objects of an exchange, for the fetches of TLS. Null: the connection is in clear, not there, or only
// explained. Thread: that of the exchange.
#pragma once

#include <string_view>

#include "lbd/expr/row.h"
#include "lbd/tls/transport.h"

namespace lbd::expr {

enum class Side : uint8_t { client, server };

template <Side side>
const tls::TlsTransport* transport_of(const Transaction& transaction) {
  return side == Side::client ? transaction.session.tls_transport : transaction.server_tls;
}

template <Side side>
SSL* ssl_of(const Transaction& transaction) {
  const tls::TlsTransport* transport = transport_of<side>(transaction);
  return transport ? transport->ssl() : nullptr;
}

// A text or bytes that live as long as the exchange; nothing is no sample.
inline Found give(std::string_view bytes, Transaction& transaction, Value& out, Type type = Type::string) {
  if (bytes.empty()) return Found::no;
  out.set_text(transaction.arena.copy(bytes), type);
  return Found::yes;
}

}  // namespace lbd::expr
