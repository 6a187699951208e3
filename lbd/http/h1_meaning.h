// H1Meaning: what the fields of an HTTP/1 head say together about framing and connection, beyond each one's syntax;
// what they leave ambiguous is refused (the list stands in h1_parser.cc). Fields that must not go on are taken out.
//
// Pure. Life: that of one call of the parser. Errors: false, then error() and where(). RFC 9110, 9112, 6455.
#pragma once

#include "lbd/http/h1_parser.h"

namespace lbd::http {

class H1Meaning {
 public:
  H1Meaning(Head& head, const H1Limits& limits) : head_(head), limits_(limits) {}

  bool request();
  bool response(bool to_head, bool to_connect);
  // All that the fields say; of trailers, only whether that contradicts itself.
  bool fields();

  H1Error error() const { return error_; }
  const char* where() const { return where_; }

 private:
  bool fail(H1Error error, const char* where) {
    error_ = error;
    where_ = where;
    return false;
  }
  bool fail_target() { return fail(H1Error::bad_target, head_.target.data()); }
  bool content_length(Header& field);
  bool transfer_encoding(Header& field);
  bool may_have_body() const;
  bool websocket_key() const;
  void framing();
  bool target(bool has_host);
  bool authority_form(bool has_host);

  Head& head_;
  const H1Limits& limits_;
  H1Error error_ = H1Error::none;
  const char* where_ = nullptr;
  Header* host_ = nullptr;
  Header* length_ = nullptr;
  Header* coded_ = nullptr;
  Header* upgrade_ = nullptr;
  bool close_ = false, keep_alive_ = false, websocket_ = false;
  bool chunked_ = false, other_coding_ = false;
};

}  // namespace lbd::http
