// TransportPtr: owns the transport of a connection, where it is not the shared plain one.
#pragma once

#include <memory>

#include "lbd/net/transport.h"

namespace lbd::net {

struct ReleaseTransport {
  void operator()(Transport* transport) const { transport->release(); }
};
using TransportPtr = std::unique_ptr<Transport, ReleaseTransport>;  // null: the plain one

}  // namespace lbd::net
