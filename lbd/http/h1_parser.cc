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

#include <cstring>

#include "base/strings.h"
#include "lbd/http/h1_meaning.h"
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
  H1Meaning meaning(head, limits);
  if (meaning.request()) return finish(parsed, head);
  return {Parsed::State::error, meaning.error(), static_cast<size_t>(meaning.where() - bytes.data())};
}

Parsed H1Parser::parse_response(std::span<char> bytes, Head& head, const H1Limits& limits, bool to_head,
                                bool to_connect) {
  Reader reader(bytes, limits);
  Parsed parsed = parse(reader, head, [&] { return reader.status_line(head); });
  if (parsed.state != Parsed::State::complete) return parsed;
  H1Meaning meaning(head, limits);
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
  H1Meaning meaning(head, limits);
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
