// What is refused, besides what the grammar does not allow (in brackets: what HAProxy 2.6 does where it differs; the
// cases stand in tests/lbd/http/h1_parser_test.cc, and tests/peers/h1_raw_test.py compares both on the wire):
//
//  - a CR without an LF, anywhere; an LF alone ends a line, as in HAProxy
//  - NUL in a value or reason [passes it on]; other control bytes pass, as in HAProxy
//  - blanks between name and colon, a first field line that begins with a blank; with accept-invalid they are taken off
//    [passes them on as part of the name]
//  - field names that are no token; a target with a byte outside 0x21..0x7e or with '#' (both let by accept-invalid)
//  - HTTP/0.9, with and without version [takes "HTTP/0.9"]; a major version above 1 counts as 1.1, as in HAProxy
//  - Content-Length that is no number, exceeds 64 bits, or differs from another one; equal ones are merged
//  - Transfer-Encoding in which chunked is not the last coding, or stands twice (400); any coding beside chunked (422)
//  - Content-Length beside Transfer-Encoding is dropped, and the connection closed after the message; so is one on
//    which an HTTP/1.0 message with Transfer-Encoding came (RFC 9112, 6.1)
//  - an HTTP/1.0 GET, HEAD or DELETE with a body (413), unless h1-accept-payload-with-any-method
//  - Host fields that differ from each other or from the authority of the target, a default port being no difference
//    (accept-invalid lets the latter by); equal ones are merged. What a Host may hold is not looked at, as in HAProxy.
//    The authority is what stands before the first '/', behind "scheme://" if there is one, be it a URI or not
//  - a URI whose authority has no host, or a port that is no number; with CONNECT an authority without port, with a
//    port above 65535 or a user [all passed on but the missing port]
//  - the method PRI (an HTTP/2 preface is recognised before this parser)
//  - Upgrade: websocket without a key of 24 bytes, or answered without Sec-WebSocket-Accept; 101 without Connection:
//    upgrade and Upgrade [takes it without Upgrade]. Upgrade on a request with a body means nothing
//  - a status that is not three digits from 100 [takes any digits]; a protocol other than HTTP in it [takes RTSP/1.0]
//  - more lines than tune.http.maxhdr, a field name above 255 bytes
//  - in trailers, lengths, codings and hosts that would be refused in a head; names are looked at as in a head [not]
#include "lbd/http/h1_parser.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/strings.h"
#include "lbd/http/scan.h"

namespace lbd::http {
namespace {

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
constexpr bool is_line_end(char c) {
  return c == '\r' || c == '\n';
}

constexpr size_t kMaxName = 255;  // HAProxy keeps its length in a byte

std::string_view view(const char* begin, const char* end) {
  return {begin, static_cast<size_t>(end - begin)};
}

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

}  // namespace

std::string_view text_of(H1Error error) {
  switch (error) {
    case H1Error::none:
      return "no error";
    case H1Error::bad_method:
      return "invalid method";
    case H1Error::bad_target:
      return "invalid request target";
    case H1Error::bad_version:
      return "invalid or unsupported version";
    case H1Error::bad_status:
      return "invalid status";
    case H1Error::bad_header_name:
      return "invalid field name";
    case H1Error::bad_header_value:
      return "NUL in a field value";
    case H1Error::bad_line_end:
      return "CR without LF";
    case H1Error::bad_content_length:
      return "invalid or contradicting Content-Length";
    case H1Error::bad_transfer_encoding:
      return "invalid Transfer-Encoding";
    case H1Error::unsupported_coding:
      return "unsupported transfer coding";
    case H1Error::bad_host:
      return "contradicting Host";
    case H1Error::bad_upgrade:
      return "invalid protocol upgrade";
    case H1Error::too_many_headers:
      return "too many header fields";
    case H1Error::bad_start:
      return "invalid start of message";
    case H1Error::unexpected_body:
      return "body where HTTP/1.0 expects none";
  }
  return "";
}

int status_of(H1Error error) {
  return error == H1Error::unsupported_coding ? 422 : error == H1Error::unexpected_body ? 413 : 400;
}

// The lines of a head. Each function takes one from p on, or leaves p at the offending byte.
struct H1Parser::Reader {
  enum class Step : uint8_t { done, partial, error };

  Reader(std::span<char> bytes, const H1Limits& l)
      : begin(bytes.data()), end(bytes.data() + bytes.size()), p(begin), limits(l) {}

  char* begin;
  char* end;
  char* p;
  const H1Limits& limits;
  H1Error error = H1Error::none;

  Step fail(H1Error why, const char* at) {
    error = why;
    p = begin + (at - begin);
    return Step::error;
  }

  Step line_end(H1Error otherwise) {
    if (p == end) return Step::partial;
    if (*p == '\n') {
      ++p;
      return Step::done;
    }
    if (*p != '\r') return fail(otherwise, p);
    if (end - p < 2) return Step::partial;
    if (p[1] != '\n') return fail(H1Error::bad_line_end, p);
    p += 2;
    return Step::done;
  }

  Step empty_lines() {
    while (p < end && is_line_end(*p))
      if (Step step = line_end(H1Error::bad_start); step != Step::done) return step;
    return p == end ? Step::partial : Step::done;
  }

  void blanks() {
    while (p < end && is_blank(*p)) ++p;
  }

  // "HTTP/1.1", or any version that there may be.
  Step version(Version& out) {
    if (end - p > 8 && std::memcmp(p, "HTTP/1.1", 8) == 0) [[likely]] {
      p += 8;
      out = Version::http_1_1;
      return Step::done;
    }
    if (limits.accept_invalid) return any_version(out);
    constexpr std::string_view kShape = "HTTP/0.0";
    for (size_t i = 0; i < kShape.size(); ++i) {
      if (p + i == end) return Step::partial;
      if (kShape[i] == '0' ? !base::is_digit(p[i]) : p[i] != kShape[i]) return fail(H1Error::bad_version, p + i);
    }
    if (p[5] == '0') return fail(H1Error::bad_version, p + 5);
    out = p[5] == '1' && p[7] == '0' ? Version::http_1_0 : Version::http_1_1;
    p += kShape.size();
    return Step::done;
  }

  // With accept-invalid: four letters of any protocol, or nothing at all; what is not a version above 1.0 counts
  // as 1.0.
  Step any_version(Version& out) {
    char* start = p;
    while (p < end && ((*p >= 'A' && *p <= 'Z') || base::is_digit(*p) || *p == '/' || *p == '.')) ++p;
    if (p == end) return Step::partial;
    std::string_view text = view(start, p);
    out = Version::http_1_0;
    if (text.empty()) return Step::done;
    if (text.find('/') != 4) return fail(H1Error::bad_version, start);
    bool plain = text.size() == 8 && base::is_digit(text[5]) && text[6] == '.' && base::is_digit(text[7]);
    if (plain && (text[5] > '1' || (text[5] == '1' && text[7] > '0'))) out = Version::http_1_1;
    return Step::done;
  }

  Step request_line(Head& head) {
    char* start = p;
    while (p < end && scan::is_token(*p)) ++p;
    if (p == end) return Step::partial;
    if (!is_blank(*p)) return fail(p == start ? H1Error::bad_start : H1Error::bad_method, p);
    if (p == start) return fail(H1Error::bad_start, p);
    head.method_text = view(start, p);
    head.method = method_of(head.method_text);
    blanks();
    char* target = p;
    p = scan::target_end(p, begin, end);
    while (p < end && limits.accept_invalid && (*p == '#' || static_cast<uint8_t>(*p) >= 0x80))
      p = scan::target_end(p + 1, begin, end);
    if (p == end) return Step::partial;
    if (p == target || !(is_blank(*p) || is_line_end(*p))) return fail(H1Error::bad_target, p);
    head.target = view(target, p);
    blanks();
    if (Step step = version(head.version); step != Step::done) return step;
    head.first_line = view(start, p);
    return line_end(H1Error::bad_version);
  }

  Step status_line(Head& head) {
    char* start = p;
    if (Step step = version(head.version); step != Step::done) return step;
    if (p == end) return Step::partial;
    if (!is_blank(*p)) return fail(H1Error::bad_version, p);
    blanks();
    for (int i = 0; i < 3; ++i) {
      if (p + i == end) return Step::partial;
      if (!base::is_digit(p[i]) || *p == '0') return fail(H1Error::bad_status, p + i);
    }
    head.status = static_cast<uint16_t>((p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0'));
    p += 3;
    if (p == end) return Step::partial;
    if (!is_blank(*p) && !is_line_end(*p)) return fail(H1Error::bad_status, p);
    blanks();
    char* reason = p;
    if (Step step = text_end(); step != Step::done) return step;
    head.reason = view(reason, p);
    head.first_line = view(start, p);
    return line_end(H1Error::bad_line_end);
  }

  // To the line end, over all that may stand in a value.
  Step text_end() {
    p = scan::value_end(p, begin, end);
    if (p == end) return Step::partial;
    return is_line_end(*p) ? Step::done : fail(H1Error::bad_header_value, p);
  }

  // A name up to its colon, lower-cased; p is behind the colon then.
  Step field_name(std::string_view& name) {
    char* start = p;
    p = scan::name_end(p, begin, end);
    if (p == end) return Step::partial;
    if (*p != ':' && limits.accept_invalid) {
      while (p < end && *p != ':' && (static_cast<uint8_t>(*p) >= ' ' || *p == '\t'))
        p = scan::name_end(p + 1, begin, end);
      if (p == end) return Step::partial;
    }
    if (*p != ':') return fail(H1Error::bad_header_name, p);
    name = view(start, p);
    if (limits.accept_invalid) name = base::trim(name);
    if (name.empty() || name.size() > kMaxName) return fail(H1Error::bad_header_name, p);
    ++p;
    return Step::done;
  }

  // A value with its line end, and with the lines that obs-fold adds to it. Whether there are any is known only when
  // the byte behind the line end is there.
  Step field_value(std::string_view& value) {
    blanks();
    char* start = p;
    while (true) {
      if (Step step = text_end(); step != Step::done) return step;
      char* stop = p;
      if (Step step = line_end(H1Error::bad_line_end); step != Step::done) return step;
      if (p == end) return Step::partial;
      if (!is_blank(*p)) [[likely]] {
        while (stop > start && is_blank(stop[-1])) --stop;
        value = view(start, stop);
        return Step::done;
      }
      // RFC 9112, 5.2: one or more blanks instead of the fold.
      while (stop < p) *stop++ = ' ';
      while (start < end && is_blank(*start)) ++start;
    }
  }

  // All fields and the empty line behind them; `line` is kept at the beginning of the one at work.
  Step fields(Head& head, char*& line) {
    while (true) {
      plain_fields(head);
      line = p;
      if (p == end) return Step::partial;
      if (is_line_end(*p)) return line_end(H1Error::bad_line_end);
      std::string_view name, value;
      if (Step step = field_name(name); step != Step::done) return step;
      if (Step step = field_value(value); step != Step::done) return step;
      // The first line counts, too.
      if (head.headers.size() + 1 >= limits.max_headers) return fail(H1Error::too_many_headers, line);
      head.headers.add(name, value);
    }
  }

  // The lines of the usual form "name: value CR LF" that are there as a whole; the first other one is left to the
  // functions above. All in local variables: a store into the head might change a member, as far as the compiler knows.
  void plain_fields(Head& head) {
    char* const first = begin;
    char* const last = end;
    char* at = p;
    size_t left = limits.max_headers - std::min(limits.max_headers, head.headers.size() + 1);
    for (; left > 0; --left) {
      if (last - at < 16 || is_line_end(*at)) break;
      char* colon = scan::name_end(at, first, last);
      if (last - colon < 5 || colon == at || colon[0] != ':' || colon[1] != ' ' || is_blank(colon[2])) break;
      if (static_cast<size_t>(colon - at) > kMaxName) break;
      char* value = colon + 2;
      char* stop = scan::value_end(value, first, last);
      if (last - stop < 3 || stop[0] != '\r' || stop[1] != '\n' || is_blank(stop[2]) || is_blank(stop[-1])) break;
      head.headers.add(view(at, colon), view(value, stop));
      at = stop + 2;
    }
    p = at;
  }
};

namespace {

// What the fields of a head say about framing and connection, beyond each single one's syntax.
class Meaning {
 public:
  Meaning(Head& head, const H1Limits& limits) : head_(head), limits_(limits) {}

  bool request() {
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

  bool response(bool to_head, bool to_connect) {
    if (!fields()) return false;
    head_.upgrade = upgrade_ && head_.connection_upgrade;
    if (head_.status < 200 || head_.status == 204) {
      if (head_.status == 101) {
        if (!head_.upgrade || (websocket_ && !head_.headers.find("sec-websocket-accept")))
          return fail(H1Error::bad_upgrade, head_.first_line.data());
        head_.body = BodyKind::tunnel;
      }
      head_.headers.remove(Token::content_length);
      head_.headers.remove(Token::transfer_encoding);
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
  bool fields() {
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

  H1Error error() const { return error_; }
  const char* where() const { return where_; }

 private:
  bool fail(H1Error error, const char* where) {
    error_ = error;
    where_ = where;
    return false;
  }

  bool content_length(Header& field) {
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

  bool transfer_encoding(Header& field) {
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

  // Of TE only "trailers" may pass a proxy that does not understand codings.
  static void te(Header& field) {
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

  // Old intermediaries do not look for a body here, so that it may be taken for the next request.
  bool may_have_body() const {
    return limits_.body_with_any_method ||
           (head_.method != Method::get && head_.method != Method::head && head_.method != Method::delete_);
  }

  // RFC 6455, 4.1: sixteen bytes in base64.
  bool websocket_key() const {
    return std::any_of(head_.headers.begin(), head_.headers.end(), [](const Header& field) {
      return field.token == Token::sec_websocket_key && field.value.size() == 24;
    });
  }

  void framing() {
    if (coded_) {
      if (length_ || head_.version == Version::http_1_0) head_.keep_alive = false;
      head_.headers.remove(Token::content_length);
      head_.body = BodyKind::chunked;
    } else if (length_ && head_.content_length > 0) {
      head_.body = BodyKind::length;
    }
  }

  bool target(bool has_host) {
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

  bool authority_form(bool has_host) {
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

  bool fail_target() { return fail(H1Error::bad_target, head_.target.data()); }

  // What stands before "://", if that is a scheme.
  static std::string_view scheme_of(std::string_view target) {
    size_t size = 0;
    while (size < target.size() && (is_letter(target[size]) || (size && is_scheme_mark(target[size])))) ++size;
    return target.substr(size).starts_with("://") ? target.substr(0, size) : std::string_view();
  }
  static bool is_scheme_mark(char c) { return base::is_digit(c) || c == '+' || c == '-' || c == '.'; }
  // [user@]host[:digits], the host not empty, with colons only in brackets.
  static bool is_authority(std::string_view text) {
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
  static bool is_letter(char c) { return base::to_lower(c) >= 'a' && base::to_lower(c) <= 'z'; }

  static std::string_view without_user(std::string_view authority) {
    return authority.substr(authority.rfind('@') + 1);
  }

  // Without the port if it is the scheme's own one, or empty.
  static std::string_view without_port(std::string_view authority, std::string_view port) {
    if (port.empty()) return authority;
    if (authority.ends_with(port))
      authority.remove_suffix(port.size());
    else if (authority.ends_with(':'))
      authority.remove_suffix(1);
    return authority;
  }

  static bool same_authority(std::string_view authority, std::string_view host, std::string_view default_port) {
    return base::iequals(without_port(without_user(authority), default_port), without_port(host, default_port));
  }

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

// A length that does not frame the body must not be believed by anybody.
Parsed finish(Parsed parsed, Head& head) {
  if (head.body != BodyKind::length) head.content_length = 0;
  return parsed;
}

void clear(Head& head) {
  head.headers.clear();
  head.method = Method::other;
  head.method_text = head.target = head.reason = head.first_line = {};
  head.status = 0;
  head.body = BodyKind::none;
  head.content_length = 0;
  head.upgrade = head.connection_upgrade = head.expect_continue = head.head_request = false;
}

}  // namespace

template <typename FirstLine>
Parsed H1Parser::parse(Reader& reader, Head& head, FirstLine first_line) {
  using Step = Reader::Step;
  auto report = [&](Step step) -> Parsed {
    auto at = static_cast<size_t>(reader.p - reader.begin);
    bytes_ = nullptr;
    if (step == Step::error) return {Parsed::State::error, reader.error, at};
    if (step == Step::done) return {Parsed::State::complete, H1Error::none, at};
    bytes_ = reader.begin;
    head_ = &head;
    fields_ = head.headers.size();
    return {};
  };
  bool same = bytes_ == reader.begin && head_ == &head && fields_ == head.headers.size() &&
              line_ <= static_cast<size_t>(reader.end - reader.begin);
  if (!same) {
    reset();
    clear(head);
  }
  reader.p += line_;
  if (!first_line_done_) {
    if (Step step = reader.empty_lines(); step != Step::done) return report(step);
    begun_ = true;
    line_ = static_cast<size_t>(reader.p - reader.begin);
    if (Step step = first_line(); step != Step::done) return report(step);
    first_line_done_ = true;
  }
  char* line = reader.p;
  Step step = reader.fields(head, line);
  line_ = static_cast<size_t>(line - reader.begin);
  return report(step);
}

Parsed H1Parser::parse_request(std::span<char> bytes, Head& head, const H1Limits& limits) {
  Reader reader(bytes, limits);
  Parsed parsed = parse(reader, head, [&] { return reader.request_line(head); });
  if (parsed.state != Parsed::State::complete) return parsed;
  Meaning meaning(head, limits);
  if (meaning.request()) return finish(parsed, head);
  return {Parsed::State::error, meaning.error(), static_cast<size_t>(meaning.where() - bytes.data())};
}

Parsed H1Parser::parse_response(std::span<char> bytes, Head& head, const H1Limits& limits, bool to_head,
                                bool to_connect) {
  Reader reader(bytes, limits);
  Parsed parsed = parse(reader, head, [&] { return reader.status_line(head); });
  if (parsed.state != Parsed::State::complete) return parsed;
  Meaning meaning(head, limits);
  if (meaning.response(to_head, to_connect)) return finish(parsed, head);
  return {Parsed::State::error, meaning.error(), static_cast<size_t>(meaning.where() - bytes.data())};
}

Parsed parse_trailers(std::span<char> bytes, Headers& trailers, const H1Limits& limits) {
  H1Parser::Reader reader(bytes, limits);
  Head head(trailers.arena());
  char* line = reader.p;
  auto step = reader.fields(head, line);
  auto at = static_cast<size_t>(reader.p - reader.begin);
  using Step = H1Parser::Reader::Step;
  if (step == Step::partial) return {};
  if (step == Step::error) return {Parsed::State::error, reader.error, at};
  Meaning meaning(head, limits);
  if (!meaning.fields())
    return {Parsed::State::error, meaning.error(), static_cast<size_t>(meaning.where() - bytes.data())};
  for (const Header& field : head.headers) {
    switch (field.token) {
      // RFC 9110, 6.5.1: these must not be there, and what they say must not be believed.
      case Token::connection:
      case Token::content_length:
      case Token::host:
      case Token::transfer_encoding:
      case Token::te:
      case Token::upgrade:
        break;
      default:
        trailers.add(field.name, field.value, field.token);
    }
  }
  return {Parsed::State::complete, H1Error::none, at};
}

}  // namespace lbd::http
