// StoredAnswer: an answer of a server as it is kept: status 200, its fields, its body, and until when it is good.
//
// Immutable once it is in a cache, so that any number of exchanges of any worker may read it; whoever reads it owns a
// part of it, so that it may leave the cache meanwhile. RFC 9111.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "lbd/cache/freshness.h"
#include "lbd/cache/variant.h"
#include "lbd/http/head.h"

namespace lbd::cache {

class StoredAnswer {
 public:
  StoredAnswer(const http::Head& response, Variant variant, Lifetime lifetime, base::MonoTime now, base::WallTime wall);
  StoredAnswer(const StoredAnswer&) = delete;

  const Variant& variant() const { return variant_; }
  base::MonoTime expires() const { return expires_; }
  std::string_view body() const { return body_; }
  std::string& body() { return body_; }  // while it is being received
  size_t head_size() const { return text_.size(); }
  // Bytes of memory.
  size_t size() const {
    return sizeof *this + text_.capacity() + fields_.capacity() * sizeof(http::Header) + body_.capacity();
  }

  // If-None-Match and If-Modified-Since: what the client has is what we have (RFC 9110, 13.1).
  bool is_known_to(const http::Head& request) const;
  // What a client gets, with its Age. Views belong to this.
  void fill(http::Head& head, base::MonoTime now) const;

 private:
  Variant variant_;
  std::string text_;  // that the fields view
  std::string_view reason_, entity_tag_;
  std::vector<http::Header> fields_;
  std::string body_;
  http::BodyKind framing_;
  base::Seconds age_;  // when it came
  base::MonoTime stored_, expires_;
  int64_t last_modified_;  // seconds since 1970; when it came if nobody says
};

}  // namespace lbd::cache
