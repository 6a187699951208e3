#include "lbd/http/h1_meaning.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "base/strings.h"

namespace lbd::http {
namespace {

// Calls visit(item) for each comma-separated item of the value, blanks off; empty ones too. False as soon as it does.
template <typename Visit>
bool for_each_item(std::string_view value, Visit visit) {
  while (true) {
    size_t comma = value.find(',');
    if (!visit(base::trim(value.substr(0, comma)))) return false;
    if (comma == std::string_view::npos) return true;
    value.remove_prefix(comma + 1);
  }
}

bool is_letter(char c) {
  return base::to_lower(c) >= 'a' && base::to_lower(c) <= 'z';
}

bool is_scheme_mark(char c) {
  return base::is_digit(c) || c == '+' || c == '-' || c == '.';
}

// What stands before "://", if that is a scheme.
std::string_view scheme_of(std::string_view target) {
  size_t size = 0;
  while (size < target.size() && (is_letter(target[size]) || (size && is_scheme_mark(target[size])))) ++size;
  return target.substr(size).starts_with("://") ? target.substr(0, size) : std::string_view();
}

std::string_view without_user(std::string_view authority) {
  return authority.substr(authority.rfind('@') + 1);
}

// [user@]host[:digits], the host not empty, with colons only in brackets.
bool is_authority(std::string_view text) {
  text = without_user(text);
  size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == std::string_view::npos) return false;
  size_t colon = text.find(':', bracket);
  std::string_view host = text.substr(bracket, colon - bracket);
  if (bracket ? host != "]" : host.empty() || host.find_first_of("[]") != std::string_view::npos) return false;
  if (colon == std::string_view::npos) return true;
  for (char c : text.substr(colon + 1))
    if (!base::is_digit(c)) return false;
  return true;
}

// Without the port if it is the scheme's own one, or empty.
std::string_view without_port(std::string_view authority, std::string_view port) {
  if (port.empty()) return authority;
  if (authority.ends_with(port))
    authority.remove_suffix(port.size());
  else if (authority.ends_with(':'))
    authority.remove_suffix(1);
  return authority;
}

bool same_authority(std::string_view authority, std::string_view host, std::string_view default_port) {
  return base::iequals(without_port(without_user(authority), default_port), without_port(host, default_port));
}

// Of TE only "trailers" may pass a proxy that does not understand codings.
void te(Header& field) {
  bool trailers = false;
  for_each_item(field.value, [&](std::string_view item) {
    trailers = trailers || base::iequals(item, "trailers");
    return true;
  });
  if (trailers)
    field.value = "trailers";
  else
    field.name = {};
}

}  // namespace

bool H1Meaning::request() {
  if (!fields()) return false;
  bool has_host = host_ != nullptr;
  if (!target(has_host)) return false;
  if (head_.method == Method::connect) {
    // What follows is the tunnel's, once it is open (RFC 9110, 9.3.6).
    head_.headers.remove(Token::content_length);
    head_.headers.remove(Token::transfer_encoding);
  } else {
    framing();
  }
  if (head_.body != BodyKind::none) {
    if (upgrade_ && head_.connection_upgrade) head_.headers.remove(Token::upgrade);
    return head_.version != Version::http_1_0 || may_have_body() ||
           fail(H1Error::unexpected_body, head_.first_line.data());
  }
  head_.upgrade = head_.connection_upgrade;
  if (head_.upgrade && websocket_ && !websocket_key()) return fail(H1Error::bad_upgrade, upgrade_->value.data());
  return true;
}

bool H1Meaning::response(bool to_head, bool to_connect) {
  if (!fields()) return false;
  head_.upgrade = upgrade_ && head_.connection_upgrade;
  if (head_.status < 200 || head_.status == 204) {
    if (head_.status == 101) {
      if (!head_.upgrade || (websocket_ && !head_.headers.find("sec-websocket-accept")))
        return fail(H1Error::bad_upgrade, head_.first_line.data());
      head_.body = BodyKind::tunnel;
    }
    // Who forwards it takes the fields out of a 204, too; they count in %B [HAProxy].
    if (head_.status != 204) {
      head_.headers.remove(Token::content_length);
      head_.headers.remove(Token::transfer_encoding);
    }
  } else if (to_connect && head_.status < 300) {
    head_.body = BodyKind::tunnel;
  } else if (to_head || head_.status == 304) {
    head_.head_request = to_head;
    framing();
    head_.body = BodyKind::none;
  } else {
    framing();
    if (!length_ && !coded_) {
      head_.body = BodyKind::until_close;
      head_.keep_alive = false;
    }
  }
  return true;
}

// All that the fields say; of trailers, only whether that contradicts itself.
bool H1Meaning::fields() {
  for (Header& field : head_.headers) {
    switch (field.token) {
      case Token::connection:
        for_each_item(field.value, [&](std::string_view item) {
          if (base::iequals(item, "close"))
            close_ = true;
          else if (base::iequals(item, "keep-alive"))
            keep_alive_ = true;
          else if (base::iequals(item, "upgrade"))
            head_.connection_upgrade = true;
          return true;
        });
        break;
      case Token::content_length:
        if (!content_length(field)) return fail(H1Error::bad_content_length, field.value.data());
        break;
      case Token::transfer_encoding:
        if (!transfer_encoding(field)) return fail(H1Error::bad_transfer_encoding, field.value.data());
        break;
      case Token::host:
        if (!host_)
          host_ = &field;
        else if (base::iequals(host_->value, field.value))
          field.name = {};
        else
          return fail(H1Error::bad_host, field.value.data());
        break;
      case Token::upgrade:
        upgrade_ = &field;
        websocket_ = false;  // the last field decides, as in HAProxy
        for_each_item(field.value, [&](std::string_view item) {
          websocket_ = websocket_ || base::iequals(item, "websocket");
          return true;
        });
        break;
      case Token::expect:
        if (base::iequals(field.value, "100-continue")) head_.expect_continue = head_.version != Version::http_1_0;
        break;
      case Token::te:
        te(field);
        break;
      default:
        break;
    }
  }
  if (coded_ && !chunked_) return fail(H1Error::bad_transfer_encoding, coded_->value.data());
  if (other_coding_) return fail(H1Error::unsupported_coding, coded_->value.data());
  head_.keep_alive = !close_ && (keep_alive_ || head_.version != Version::http_1_0);
  return true;
}

bool H1Meaning::content_length(Header& field) {
  std::string_view first;
  bool good = for_each_item(field.value, [&](std::string_view item) {
    if (item.empty()) return false;
    uint64_t value = 0;
    for (char c : item) {
      auto digit = static_cast<uint64_t>(c - '0');
      if (!base::is_digit(c) || value > (std::numeric_limits<uint64_t>::max() - digit) / 10) return false;
      value = value * 10 + digit;
    }
    if ((length_ || !first.empty()) && value != head_.content_length) return false;
    head_.content_length = value;
    if (first.empty()) first = item;
    return true;
  });
  if (!good) return false;
  if (length_) {
    field.name = {};
  } else {
    field.value = first;
    length_ = &field;
  }
  return true;
}

bool H1Meaning::transfer_encoding(Header& field) {
  coded_ = &field;
  return for_each_item(field.value, [&](std::string_view item) {
    if (item.empty()) {
      other_coding_ = true;
    } else {
      if (chunked_) return false;
      if (base::iequals(item, "chunked"))
        chunked_ = true;
      else
        other_coding_ = true;
    }
    return true;
  });
}

// Old intermediaries do not look for a body here, so that it may be taken for the next request.
bool H1Meaning::may_have_body() const {
  return limits_.body_with_any_method ||
         (head_.method != Method::get && head_.method != Method::head && head_.method != Method::delete_);
}

// RFC 6455, 4.1: sixteen bytes in base64.
bool H1Meaning::websocket_key() const {
  return std::any_of(head_.headers.begin(), head_.headers.end(), [](const Header& field) {
    return field.token == Token::sec_websocket_key && field.value.size() == 24;
  });
}

void H1Meaning::framing() {
  if (coded_) {
    if (length_ || head_.version == Version::http_1_0) head_.keep_alive = false;
    head_.headers.remove(Token::content_length);
    head_.body = BodyKind::chunked;
  } else if (length_ && head_.content_length > 0) {
    head_.body = BodyKind::length;
  }
}

bool H1Meaning::target(bool has_host) {
  std::string_view target = head_.target;
  if (head_.method == Method::connect) return authority_form(has_host);
  if (target[0] == '/') [[likely]] {
    return true;
  }
  if (target[0] == '*') return head_.method_text != "PRI" || fail(H1Error::bad_method, head_.first_line.data());
  std::string_view scheme = scheme_of(target);
  size_t start = scheme.empty() ? 0 : scheme.size() + 3;
  std::string_view authority = target.substr(start, target.find('/', start) - start);
  bool well_formed = is_authority(authority.substr(0, authority.find('?')));
  if (!scheme.empty() && !well_formed && !limits_.accept_invalid) return fail_target();
  std::string_view port = base::iequals(scheme, "http") ? ":80" : base::iequals(scheme, "https") ? ":443" : "";
  bool same = has_host && same_authority(authority, host_->value, port);
  if (has_host && !same && !limits_.accept_invalid) return fail(H1Error::bad_host, host_->value.data());
  // As HAProxy does, so that the server and the rules see one form of a name.
  std::string_view bare = without_port(authority, port);
  if (!well_formed || bare.size() == authority.size() || authority.find('?') != std::string_view::npos) return true;
  head_.target = head_.headers.arena().concat(target.substr(0, start), bare, target.substr(start + authority.size()));
  if (same) host_->value = without_user(bare);
  return true;
}

bool H1Meaning::authority_form(bool has_host) {
  if (limits_.accept_invalid) return true;
  std::string_view target = head_.target;
  size_t colon = target.rfind(':');
  if (!is_authority(target) || target.find_first_of("/?@") != std::string_view::npos) return fail_target();
  if (!base::parse_int<uint16_t>(target.substr(colon + 1))) return fail_target();
  if (!has_host) return true;
  std::string_view port = target.ends_with(":443") ? ":443" : ":80";
  if (!same_authority(target, host_->value, port)) return fail(H1Error::bad_host, host_->value.data());
  host_->value = without_port(host_->value, port);
  return true;
}

}  // namespace lbd::http
