// The Connection field (RFC 9110, 7.6.1): what a message that arrived says, and what one that leaves has to say. Pure.
#pragma once

#include <string_view>

#include "lbd/http/head.h"

namespace lbd::http {

// Takes "close", "keep-alive" and empty values out of the Connection fields, which belong to the connection that they
// came on; other values (upgrade, names of fields) stay, as HAProxy leaves them. A field that has none left goes.
// True: "close" was among them.
bool strip_connection(Headers& headers);

// What the message must say so that its receiver knows whether the connection stays: "close", "keep-alive" or "" when
// the versions say it already. `message` is the version in its first line, `receiver` what the peer has spoken.
std::string_view connection_value(bool keep, Version message, Version receiver);

}  // namespace lbd::http
