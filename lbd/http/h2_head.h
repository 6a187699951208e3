// The header section of an HTTP/2 message as a Head, and back: pseudo-header fields become a start line, what belongs
// to HTTP/1 connections is left out, cookie crumbs become one field.
//
// Pure. Fields come one by one, checked by the framing layer (nghttp2) for what each may hold; what they mean together
// is decided here. An extended CONNECT for WebSocket (RFC 8441) becomes the GET with Upgrade that the rest of the proxy
// and a server of HTTP/1 know, and the other way round. Owner: the stream; texts are copied into the arena of the Head.
// RFC 9113, 8.2, 8.3.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lbd/http/h1_writer.h"
#include "lbd/http/head.h"

namespace lbd::http {

// How large a section may be.
struct H2Limits {
  size_t bytes, fields;
};

// Reads a request.
class H2RequestReader {
 public:
  H2RequestReader(Head& head, H2Limits limits) : head_(&head), limits_(limits) {}

  // False: the section is larger than the limits; what follows is not kept.
  bool add(std::string_view name, std::string_view value);
  // The section is over; `last`: no body follows. False: it is no request.
  bool finish(bool last);
  bool too_large() const { return too_large_; }
  // Extended CONNECT: the 101 of the server is to become a 200.
  bool extended_connect() const { return !protocol_.empty(); }

 private:
  void add_cookies();
  bool set_target();

  Head* head_;
  H2Limits limits_;
  size_t bytes_ = 0;
  std::string_view scheme_, authority_, path_, protocol_;
  std::vector<std::string_view> crumbs_;  // of the cookie
  bool too_large_ = false;
};

// Reads a response, informational or final.
class H2ResponseReader {
 public:
  // What the answer is to.
  enum class To : uint8_t { request, head, connect, extended_connect };
  H2ResponseReader(Head& head, H2Limits limits, To to) : head_(&head), limits_(limits), to_(to) {}

  bool add(std::string_view name, std::string_view value);
  // False: it is no response that could be passed on.
  bool finish(bool last);
  bool informational() const { return head_->status < 200 && head_->status != 101; }

 private:
  Head* head_;
  H2Limits limits_;
  To to_;
  size_t bytes_ = 0;
  bool too_large_ = false;
};

// One field of a section that is to be sent; views what the Head views.
struct H2Field {
  std::string_view name, value;
};
// The fields of a response, ":status" first. `text` holds the digits and must live as long.
std::span<const H2Field> h2_response(const Head& head, std::span<const Field> extra, bool extended_connect,
                                     base::Arena& arena);
// The fields of a request. `secure`: the client came by TLS, if the target does not say it. `websocket`: as extended
// CONNECT.
std::span<const H2Field> h2_request(const Head& head, std::span<const Field> extra, bool secure, bool websocket,
                                    base::Arena& arena);

// The trailer section of HTTP/1 ("name: value\r\n…\r\n") as fields, and back.
std::vector<H2Field> h2_trailers(std::string_view section);
void append_trailer(std::string& section, std::string_view name, std::string_view value);

}  // namespace lbd::http
