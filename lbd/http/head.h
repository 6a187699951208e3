// Head: the start line and header fields of a request or response, as views.
//
// A parsed head views the chunk that it was read into; what rules add views the arena of the exchange. Both outlive
// the head. Field names are lower-case (HAProxy sends them so). Header names that the proxy itself reads carry a
// token, so that no name is compared twice. Thread: that of the exchange. RFC 9110, 9112.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/arena.h"

namespace lbd::http {

enum class Method : uint8_t { other, get, head, post, put, delete_, connect, options, trace, patch };
enum class Version : uint8_t { http_1_0, http_1_1, http_2 };  // http_1_0 also for 0.9 requests, which are refused

// Names that the proxy looks at on its own; everything else is `other`.
enum class Token : uint8_t {
  other,
  connection,
  content_length,
  content_type,
  cookie,
  date,
  expect,
  host,
  keep_alive,
  proxy_connection,
  set_cookie,
  te,
  trailer,
  transfer_encoding,
  upgrade,
  via,
  x_forwarded_for,
  authorization,
  location,
  server,
  cache_control,
  sec_websocket_key,
  forwarded,
  x_original_to,
  http2_settings,
};
Token token_of(std::string_view lower_case_name);
Method method_of(std::string_view name);
std::string_view reason_of(int status);  // "OK", "Not Found" …; the name of the class when unknown

struct Header {
  std::string_view name;   // lower-case; empty: removed
  std::string_view value;  // no blanks at either end
  Token token = Token::other;
  bool removed() const { return name.empty(); }
};

// The fields of a head: a growing array in the arena.
class Headers {
 public:
  explicit Headers(base::Arena& arena) : arena_(&arena) {}
  void add(std::string_view name, std::string_view value, Token token) {
    if (size_ == capacity_) grow();
    data_[size_++] = {name, value, token};
  }
  // `name` and `value` must live as long as the arena; the name is lower-case.
  void add(std::string_view name, std::string_view value) { add(name, value, token_of(name)); }
  Header* find(Token token);
  Header* find(std::string_view lower_case_name);
  const Header* find(Token token) const { return const_cast<Headers*>(this)->find(token); }
  const Header* find(std::string_view name) const { return const_cast<Headers*>(this)->find(name); }
  size_t remove(Token token);
  size_t remove(std::string_view lower_case_name);
  Header* begin() { return data_; }
  Header* end() { return data_ + size_; }
  const Header* begin() const { return data_; }
  const Header* end() const { return data_ + size_; }
  size_t size() const { return size_; }  // removed ones count
  void clear() { size_ = 0; }
  base::Arena& arena() const { return *arena_; }

 private:
  void grow();
  base::Arena* arena_;
  Header* data_ = nullptr;
  uint32_t size_ = 0, capacity_ = 0;
};

// How the body of a message ends (RFC 9112, 6.3).
enum class BodyKind : uint8_t { none, length, chunked, until_close, tunnel };

struct Head {
  explicit Head(base::Arena& arena) : headers(arena) {}
  // request
  Method method = Method::other;
  std::string_view method_text;
  std::string_view target;  // as sent, or as rules have set it
  // response
  uint16_t status = 0;
  std::string_view reason;
  // both
  Version version = Version::http_1_1;
  BodyKind body = BodyKind::none;
  uint64_t content_length = 0;      // when body == length
  bool keep_alive = true;           // what version and Connection say
  bool connection_upgrade = false;  // Connection: upgrade
  bool upgrade = false;             // the same on a request without body, or on an answer with an Upgrade field
  bool expect_continue = false;
  bool head_request = false;    // response to HEAD: framing says a body, none follows
  std::string_view first_line;  // the start line as received, for logs
  Headers headers;
};

}  // namespace lbd::http
