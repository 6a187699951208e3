// Connections: those that go on in another process, as messages and back. Pure; descriptors stay beside.
// Errors: a message that makes no sense is no connection.
#pragma once

#include <optional>

#include "lbd/heir/channel.h"
#include "lbd/stream/moved.h"

namespace lbd::heir {

// The descriptors are moved out of `moved`.
tandem::Bequest encode(stream::MovedConnection& moved, Descriptors& fds);
std::optional<stream::MovedConnection> decode(const tandem::Connection& message, Descriptors fds);

}  // namespace lbd::heir
