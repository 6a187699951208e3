// The HTTP/1 head parser: bytes in, a Head or an error out. Pure: no I/O, no allocation but in the arena of the Head.
//
// parse() is called again with the same bytes and more behind them when it said `partial`; it goes on where it
// stopped. Names are lower-cased in place, obs-fold is replaced by blanks in place, so the bytes must be writable and
// stay put until the Head is done with. Everything that RFC 9112 leaves ambiguous is refused (request smuggling):
// see the list in h1_parser.cc. Owner: a connection. Errors: `Parsed::error` with a position for `show errors`.
#pragma once

#include <cstddef>
#include <span>

#include "lbd/http/head.h"

namespace lbd::http {

struct H1Limits {
  size_t max_headers = 101;      // tune.http.maxhdr
  bool accept_invalid = false;   // option accept-invalid-http-request / -response
};

enum class H1Error : uint8_t {
  none, bad_method, bad_target, bad_version, bad_status, bad_header_name, bad_header_value, bad_line_end,
  bad_content_length, bad_transfer_encoding, bad_host, too_many_headers, bad_start,
};
std::string_view text_of(H1Error error);

struct Parsed {
  enum class State : uint8_t { partial, complete, error } state = State::partial;
  H1Error error = H1Error::none;
  size_t length = 0;  // complete: bytes of the head; error: position of the offending byte
};

class H1Parser {
 public:
  // Leading empty lines before a request are skipped (RFC 9112, 2.2) and count in Parsed::length.
  Parsed parse_request(std::span<char> bytes, Head& head, const H1Limits& limits);
  // `to_head`: the request was HEAD; `to_connect`: CONNECT (a 2xx opens a tunnel). 1xx come out as heads of their own.
  Parsed parse_response(std::span<char> bytes, Head& head, const H1Limits& limits, bool to_head, bool to_connect);
  void reset() { scanned_ = 0; }

 private:
  size_t scanned_ = 0;  // bytes known to hold no end of head
};

}  // namespace lbd::http
