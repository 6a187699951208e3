#include "lbd/http/head.h"

#include <algorithm>
#include <cstring>

namespace lbd::http {
namespace {

// Compares with a constant of the same length: becomes one or two word compares.
template <size_t N>
bool is(std::string_view text, const char (&constant)[N]) {
  return std::memcmp(text.data(), constant, N - 1) == 0;
}

}  // namespace

Token token_of(std::string_view name) {
  switch (name.size()) {
    case 2:
      if (is(name, "te")) return Token::te;
      break;
    case 3:
      if (is(name, "via")) return Token::via;
      break;
    case 4:
      if (is(name, "host")) return Token::host;
      if (is(name, "date")) return Token::date;
      break;
    case 6:
      if (is(name, "cookie")) return Token::cookie;
      if (is(name, "expect")) return Token::expect;
      if (is(name, "server")) return Token::server;
      break;
    case 7:
      if (is(name, "trailer")) return Token::trailer;
      if (is(name, "upgrade")) return Token::upgrade;
      break;
    case 8:
      if (is(name, "location")) return Token::location;
      break;
    case 9:
      if (is(name, "forwarded")) return Token::forwarded;
      break;
    case 10:
      if (is(name, "connection")) return Token::connection;
      if (is(name, "keep-alive")) return Token::keep_alive;
      if (is(name, "set-cookie")) return Token::set_cookie;
      break;
    case 12:
      if (is(name, "content-type")) return Token::content_type;
      break;
    case 13:
      if (is(name, "cache-control")) return Token::cache_control;
      if (is(name, "authorization")) return Token::authorization;
      if (is(name, "x-original-to")) return Token::x_original_to;
      break;
    case 14:
      if (is(name, "content-length")) return Token::content_length;
      if (is(name, "http2-settings")) return Token::http2_settings;
      break;
    case 15:
      if (is(name, "x-forwarded-for")) return Token::x_forwarded_for;
      break;
    case 16:
      if (is(name, "proxy-connection")) return Token::proxy_connection;
      break;
    case 17:
      if (is(name, "transfer-encoding")) return Token::transfer_encoding;
      if (is(name, "sec-websocket-key")) return Token::sec_websocket_key;
      break;
    default:
      break;
  }
  return Token::other;
}

Method method_of(std::string_view name) {
  switch (name.size()) {
    case 3:
      if (is(name, "GET")) return Method::get;
      if (is(name, "PUT")) return Method::put;
      break;
    case 4:
      if (is(name, "POST")) return Method::post;
      if (is(name, "HEAD")) return Method::head;
      break;
    case 5:
      if (is(name, "PATCH")) return Method::patch;
      if (is(name, "TRACE")) return Method::trace;
      break;
    case 6:
      if (is(name, "DELETE")) return Method::delete_;
      break;
    case 7:
      if (is(name, "OPTIONS")) return Method::options;
      if (is(name, "CONNECT")) return Method::connect;
      break;
    default:
      break;
  }
  return Method::other;
}

// The words of HAProxy's `http-request return`, but for 302 and 502, where its redirects and error pages differ.
std::string_view reason_of(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 102:
      return "Processing";
    case 103:
      return "Early Hints";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 203:
      return "Non-Authoritative Information";
    case 204:
      return "No Content";
    case 205:
      return "Reset Content";
    case 206:
      return "Partial Content";
    case 207:
      return "Multi-Status";
    case 210:
      return "Content Different";
    case 226:
      return "IM Used";
    case 300:
      return "Multiple Choices";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 305:
      return "Use Proxy";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 310:
      return "Too many Redirects";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 407:
      return "Proxy Authentication Required";
    case 408:
      return "Request Time-out";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Request Entity Too Large";
    case 414:
      return "Request-URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Requested range unsatisfiable";
    case 417:
      return "Expectation failed";
    case 418:
      return "I'm a teapot";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 423:
      return "Locked";
    case 424:
      return "Method failure";
    case 425:
      return "Too Early";
    case 426:
      return "Upgrade Required";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 449:
      return "Retry With";
    case 450:
      return "Blocked by Windows Parental Controls";
    case 451:
      return "Unavailable For Legal Reasons";
    case 456:
      return "Unrecoverable Error";
    case 499:
      return "client has closed connection";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Time-out";
    case 505:
      return "HTTP Version not supported";
    case 506:
      return "Variant also negotiate";
    case 507:
      return "Insufficient storage";
    case 508:
      return "Loop detected";
    case 509:
      return "Bandwidth Limit Exceeded";
    case 510:
      return "Not extended";
    case 511:
      return "Network authentication required";
    case 520:
      return "Web server is returning an unknown error";
    default:
      break;
  }
  switch (status / 100) {
    case 1:
      return "Informational";
    case 2:
      return "Success";
    case 3:
      return "Redirection";
    case 4:
      return "Client Error";
    case 5:
      return "Server Error";
    default:
      return "";
  }
}

Header* Headers::find(Token token) {
  for (Header& header : *this)
    if (header.token == token && !header.removed()) return &header;
  return nullptr;
}

Header* Headers::find(std::string_view lower_case_name) {
  if (lower_case_name.empty()) return nullptr;
  for (Header& header : *this)
    if (header.name == lower_case_name) return &header;
  return nullptr;
}

size_t Headers::remove(Token token) {
  size_t count = 0;
  for (Header& header : *this) {
    if (header.token != token || header.removed()) continue;
    header.name = {};
    ++count;
  }
  return count;
}

size_t Headers::remove(std::string_view lower_case_name) {
  if (lower_case_name.empty()) return 0;
  size_t count = 0;
  for (Header& header : *this) {
    if (header.name != lower_case_name) continue;
    header.name = {};
    ++count;
  }
  return count;
}

void Headers::grow() {
  // The old array stays in the arena: at most as much again as the last one.
  uint32_t capacity = capacity_ ? capacity_ * 2 : 16;
  auto* data = static_cast<Header*>(arena_->alloc(capacity * sizeof(Header), alignof(Header)));
  std::copy(data_, data_ + size_, data);
  data_ = data;
  capacity_ = capacity;
}

}  // namespace lbd::http
