#include "lbd/http/h2_head.h"

#include <algorithm>

#include "base/strings.h"
#include "lbd/http/uri.h"
#include "lbd/http/value_list.h"

namespace lbd::http {
namespace {

// HAProxy counts so much for each field beside its texts (RFC 9113, 10.5.1 counts the same).
constexpr size_t kFieldOverhead = 32;

// What only connections of HTTP/1 know (RFC 9113, 8.2.2).
bool of_connection(Token token, std::string_view name) {
  switch (token) {
    case Token::connection:
    case Token::keep_alive:
    case Token::proxy_connection:
    case Token::transfer_encoding:
    case Token::upgrade:
    case Token::http2_settings:
      return true;
    default:
      return name == "sec-websocket-accept";
  }
}

}  // namespace

bool H2RequestReader::add(std::string_view name, std::string_view value) {
  bytes_ += name.size() + value.size() + kFieldOverhead;
  if (too_large_ || bytes_ > limits_.bytes || head_->headers.size() + crumbs_.size() >= limits_.fields) {
    too_large_ = true;
    return false;
  }
  base::Arena& arena = head_->headers.arena();
  const std::string_view text = arena.copy(value);
  if (!name.empty() && name.front() == ':') {
    if (name == ":method")
      head_->method_text = text;
    else if (name == ":scheme")
      scheme_ = text;
    else if (name == ":authority")
      authority_ = text;
    else if (name == ":path")
      path_ = text;
    else if (name == ":protocol")
      protocol_ = text;
    return true;
  }
  const Token token = token_of(name);
  if (token == Token::cookie)
    crumbs_.push_back(text);
  else
    head_->headers.add(arena.copy(name), text, token);
  return true;
}

// RFC 9113, 8.2.3.
void H2RequestReader::add_cookies() {
  if (crumbs_.empty()) return;
  size_t size = 2 * (crumbs_.size() - 1);
  for (std::string_view crumb : crumbs_) size += crumb.size();
  char* text = head_->headers.arena().alloc_chars(size);
  char* to = text;
  for (std::string_view crumb : crumbs_) {
    if (to != text) to = std::copy_n("; ", 2, to);
    to = std::copy(crumb.begin(), crumb.end(), to);
  }
  head_->headers.add("cookie", {text, size}, Token::cookie);
}

bool H2RequestReader::set_target() {
  base::Arena& arena = head_->headers.arena();
  if (head_->method == Method::connect && protocol_.empty()) {
    head_->target = authority_;
    return !authority_.empty() && path_.empty() && scheme_.empty();
  }
  // A fragment is the client's own (RFC 9110, 4.2.5).
  if (path_.empty() || path_.find('#') != std::string_view::npos) return false;
  const bool absolute = !authority_.empty() && path_.front() == '/';
  head_->target = absolute ? arena.concat(scheme_, "://", authority_, path_) : path_;
  return true;
}

bool H2RequestReader::finish(bool last) {
  base::Arena& arena = head_->headers.arena();
  Headers& headers = head_->headers;
  head_->version = Version::http_2;
  head_->method = method_of(head_->method_text);
  if (!set_target()) return false;
  if (!protocol_.empty()) {
    if (head_->method != Method::connect) return false;
    head_->method = Method::get;
    head_->method_text = "GET";
    head_->connection_upgrade = head_->upgrade = true;
    headers.add("connection", "upgrade", Token::connection);
    headers.add("upgrade", protocol_, Token::upgrade);
    // A server of HTTP/1 wants a key; over HTTP/2 there is none to be had, and nobody reads what it answers.
    if (!headers.find("sec-websocket-key"))
      headers.add("sec-websocket-key", "dGFuZGVtLWgyLXRvLWgxLg==", Token::sec_websocket_key);
  }
  // The authority is the host, whatever else is said (RFC 9113, 8.3.1).
  Header* host = headers.find(Token::host);
  if (!authority_.empty() && head_->method != Method::connect) {
    headers.remove(Token::host);
    headers.add("host", authority_, Token::host);
    std::rotate(headers.begin(), headers.end() - 1, headers.end());
  } else if (host) {
    authority_ = host->value;
  }
  add_cookies();
  head_->keep_alive = true;
  const Header* length = headers.find(Token::content_length);
  const auto count = length ? base::parse_int<uint64_t>(length->value) : std::nullopt;
  if (length && !count) return false;
  head_->content_length = count.value_or(0);
  head_->body = last || head_->upgrade             ? BodyKind::none
                : head_->method == Method::connect ? BodyKind::none
                : count                            ? BodyKind::length
                                                   : BodyKind::chunked;
  const Header* expect = headers.find(Token::expect);
  head_->expect_continue = expect && base::iequals(expect->value, "100-continue") && head_->body != BodyKind::none;
  head_->first_line = arena.concat(head_->method_text, " ", head_->target, " HTTP/2.0");
  return true;
}

bool H2ResponseReader::add(std::string_view name, std::string_view value) {
  bytes_ += name.size() + value.size() + kFieldOverhead;
  if (too_large_ || bytes_ > limits_.bytes || head_->headers.size() >= limits_.fields) {
    too_large_ = true;
    return false;
  }
  if (name == ":status") {
    head_->status = base::parse_int<uint16_t>(value).value_or(0);
    return true;
  }
  base::Arena& arena = head_->headers.arena();
  head_->headers.add(arena.copy(name), arena.copy(value));
  return true;
}

bool H2ResponseReader::finish(bool last) {
  Head& head = *head_;
  // HTTP/2 has no 101 (RFC 9113, 8.6).
  if (too_large_ || head.status < 100 || head.status > 599 || head.status == 101) return false;
  const bool done = head.status >= 200 && head.status < 300;
  head.version = Version::http_2;
  head.head_request = to_ == To::head;
  head.keep_alive = true;
  if (done && to_ == To::extended_connect) {
    head.status = 101;
    head.headers.add("connection", "upgrade", Token::connection);
    head.headers.add("upgrade", "websocket", Token::upgrade);
    head.upgrade = head.connection_upgrade = true;
  }
  const Header* length = head.headers.find(Token::content_length);
  const auto count = length ? base::parse_int<uint64_t>(length->value) : std::nullopt;
  if (length && !count) return false;
  head.content_length = count.value_or(0);
  head.reason = reason_of(head.status);
  const bool bodyless = head.status < 200 || head.status == 204 || head.status == 304 || to_ == To::head;
  head.body = done && to_ >= To::connect ? BodyKind::tunnel
              : bodyless                 ? BodyKind::none
              : count || last            ? BodyKind::length
                                         : BodyKind::chunked;
  head.first_line = head.headers.arena().concat("HTTP/2.0 ", std::to_string(head.status), " ");
  return true;
}

std::span<const H2Field> h2_request(const Head& head, std::span<const Field> extra, bool secure, bool websocket,
                                    base::Arena& arena) {
  constexpr size_t kMostPseudo = 5;
  auto* fields = static_cast<H2Field*>(
      arena.alloc(sizeof(H2Field) * (head.headers.size() + extra.size() + kMostPseudo), alignof(H2Field)));
  size_t count = 0;
  auto add = [&](std::string_view name, std::string_view value) { new (fields + count++) H2Field{name, value}; };
  const Header* host = head.headers.find(Token::host);
  if (head.method == Method::connect) {
    add(":method", "CONNECT");
    add(":authority", head.target);
  } else {
    const std::string_view scheme = scheme_of(head.target), path = path_and_query_of(head.target);
    const std::string_view authority = host             ? host->value
                                       : scheme.empty() ? std::string_view()
                                                        : authority_of(head.target);
    add(":method", websocket ? "CONNECT" : head.method_text);
    if (websocket) add(":protocol", "websocket");
    add(":scheme", !scheme.empty() ? scheme : secure ? "https" : "http");
    if (!authority.empty()) add(":authority", authority);
    add(":path", !path.empty() ? path : head.method == Method::options || head.target == "*" ? "*" : "/");
  }
  for (const Header& field : head.headers) {
    if (field.removed() || of_connection(field.token, field.name) || field.token == Token::host) continue;
    if (field.token == Token::sec_websocket_key && websocket) continue;
    if (field.token == Token::te) {
      // All that it may say here (RFC 9113, 8.2.2).
      if (list_has(field.value, "trailers")) add(field.name, "trailers");
      continue;
    }
    add(field.name, field.value);
  }
  for (const Field& field : extra)
    if (!of_connection(token_of(field.name), field.name)) add(field.name, field.value);
  return {fields, count};
}

std::span<const H2Field> h2_response(const Head& head, std::span<const Field> extra, bool extended_connect,
                                     base::Arena& arena) {
  auto* fields =
      static_cast<H2Field*>(arena.alloc(sizeof(H2Field) * (head.headers.size() + extra.size() + 1), alignof(H2Field)));
  size_t count = 0;
  const int status = extended_connect && head.status == 101 ? 200 : head.status;
  char* digits = arena.alloc_chars(3);
  digits[0] = static_cast<char>('0' + status / 100 % 10);
  digits[1] = static_cast<char>('0' + status / 10 % 10);
  digits[2] = static_cast<char>('0' + status % 10);
  new (fields + count++) H2Field{":status", {digits, 3}};
  for (const Header& field : head.headers)
    if (!field.removed() && !of_connection(field.token, field.name))
      new (fields + count++) H2Field{field.name, field.value};
  for (const Field& field : extra)
    if (!of_connection(token_of(field.name), field.name)) new (fields + count++) H2Field{field.name, field.value};
  return {fields, count};
}

std::vector<H2Field> h2_trailers(std::string_view section) {
  std::vector<H2Field> fields;
  for (std::string_view line : base::split(section, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    fields.push_back({line.substr(0, colon), base::trim(line.substr(colon + 1))});
  }
  return fields;
}

void append_trailer(std::string& section, std::string_view name, std::string_view value) {
  section.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace lbd::http
