// Reply: a whole answer that the proxy makes itself: error pages, error files, `return`, `redirect`, the statistics
// page. It is data; the stream sends it through the same endpoint as a server's answer.
//
// Life: in the arena of the exchange, or for ever (error files, parsed once at load). RFC 9110.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "lbd/http/head.h"

namespace lbd::http {

struct Reply {
  explicit Reply(base::Arena& arena) : headers(arena) {}
  uint16_t status = 200;
  uint16_t stands_for = 0;  // what logs say, when an error file has another status than the error; 0: `status`
  std::string_view reason;  // empty: reason_of(status)
  Headers headers;          // without connection, and content-length if need be, which the sender adds
  std::string_view body;
  bool close = false;  // the connection to the client ends after it
};

// A reply kept as text and made into a Reply per use: an error file or one of the built-in pages.
struct StoredReply {
  uint16_t status = 0;  // 0, of an empty error file: nothing is sent, the connection is closed
  std::string reason;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  Reply make(base::Arena& arena) const;  // views this: must outlive the exchange
};

// The built-in page for a status, as HAProxy words it; null for a status that has none.
const StoredReply* default_error(int status);
// An error file: a raw HTTP message, whose own status is what the client sees; `status` is the one that it stands for.
// Read once; the text of the Error names what is wrong with the file. A file without Content-Length gets one when it is
// sent, so that the connection need not be closed for it [HAProxy 2.6 closes it].
base::Result<StoredReply> parse_error_file(std::string content, int status, size_t bufsize);

}  // namespace lbd::http
