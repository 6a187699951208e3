// The HTTP/1 head parser: bytes in, a Head or an error out. Pure: no I/O, no allocation but in the arena of the Head.
//
// parse_*() is called again with the same bytes and more behind them when it said `partial`; it goes on at the line
// where it stopped if the bytes stand where they stood and the Head is the same, and begins anew otherwise. Names are
// lower-cased in place, obs-fold is replaced by blanks in place, so the bytes must be writable and stay put until the
// Head is done with. Everything that RFC 9112 leaves ambiguous is refused (request smuggling): see the list in
// h1_parser.cc. Owner: a connection. Errors: `Parsed::error` with a position for `show errors`.
#pragma once

#include <cstddef>
#include <span>

#include "lbd/http/head.h"

namespace lbd::http {

struct H1Limits {
  size_t max_headers = 101;           // tune.http.maxhdr: lines of the head, the first one included
  bool accept_invalid = false;        // option accept-invalid-http-request / -response
  bool body_with_any_method = false;  // h1-accept-payload-with-any-method
};

enum class H1Error : uint8_t {
  none,
  bad_method,
  bad_target,
  bad_version,
  bad_status,
  bad_header_name,
  bad_header_value,
  bad_line_end,
  bad_content_length,
  bad_transfer_encoding,
  unsupported_coding,  // a transfer coding before chunked: the one that is answered with 422
  bad_host,
  bad_upgrade,
  too_many_headers,
  bad_start,
  unexpected_body,  // with an HTTP/1.0 GET, HEAD or DELETE: answered with 413
};
std::string_view text_of(H1Error error);
// What the client gets for a request refused so: 400, 413 or 422. A refused response is always a 502.
int status_of(H1Error error);

struct Parsed {
  enum class State : uint8_t { partial, complete, error } state = State::partial;
  H1Error error = H1Error::none;
  size_t length = 0;  // complete: bytes of the head; error: position of the offending byte
};

class H1Parser {
 public:
  // Leading empty lines are skipped (RFC 9112, 2.2) and count in Parsed::length.
  Parsed parse_request(std::span<char> bytes, Head& head, const H1Limits& limits);
  // `to_head`: the request was HEAD; `to_connect`: CONNECT (a 2xx opens a tunnel). 1xx come out as heads of their own.
  Parsed parse_response(std::span<char> bytes, Head& head, const H1Limits& limits, bool to_head, bool to_connect);
  // Before the next message of the connection.
  void reset() { *this = H1Parser(); }
  // Bytes that have been taken in of a head that is not complete: 0 tells a peer that has sent nothing but empty lines.
  bool begun() const { return begun_; }

 private:
  struct Reader;
  friend Parsed parse_trailers(std::span<char> bytes, Headers& trailers, const H1Limits& limits);
  template <typename FirstLine>
  Parsed parse(Reader& reader, Head& head, FirstLine first_line);

  const char* bytes_ = nullptr;
  const Head* head_ = nullptr;
  size_t fields_ = 0;  // of head_, when the last call ended
  size_t line_ = 0;    // where the first line that is not parsed begins
  bool first_line_done_ = false;
  bool begun_ = false;
};

// The trailer section that H1Body has marked off (its empty line included), appended to `trailers`. Fields that could
// change what the message means to the next reader are left out [HAProxy 2.6 passes them on].
Parsed parse_trailers(std::span<char> bytes, Headers& trailers, const H1Limits& limits);

}  // namespace lbd::http
