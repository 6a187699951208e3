// What a PROXY v2 header tells of a client's TLS: the value of the TLV PP2_TYPE_SSL. Pure. Thread: that of the
// connection. proxy-protocol.txt, 2.2.6.
#pragma once

#include <cstdint>
#include <string>

#include "lbd/tls/openssl.h"

namespace lbd::tls {

// `wanted`: bits of config::ProxyTls. Null: the client came in clear.
std::string proxy_tlv_value(const SSL* ssl, uint8_t wanted);

}  // namespace lbd::tls
