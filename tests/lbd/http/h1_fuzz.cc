// A connection's bytes: head and body of a request or response. Two bytes of circumstances, then the message.
//
// Fed in one piece and in small ones the outcome must be the same; and what is written for an accepted head must be
// accepted again and mean the same, or a peer could understand another message than we did.
#include <algorithm>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "lbd/http/connection.h"
#include "lbd/http/h1_body.h"
#include "lbd/http/h1_parser.h"
#include "lbd/http/h1_writer.h"
#include "lbd/http/value_list.h"

namespace {

using namespace lbd::http;

struct Circumstances {
  bool request, to_head, to_connect;
  H1Limits limits;
};

Parsed parse(H1Parser& parser, std::span<char> bytes, Head& head, const Circumstances& how) {
  return how.request ? parser.parse_request(bytes, head, how.limits)
                     : parser.parse_response(bytes, head, how.limits, how.to_head, how.to_connect);
}

std::string written(const Head& head, base::Arena& arena, bool request) {
  return std::string(request ? write_request(head, arena) : write_response(head, arena));
}

// Everything that the proxy would act on.
std::string meaning(const Head& head, base::Arena& arena, bool request) {
  return written(head, arena, request) + char('0' + int(head.body)) + std::to_string(head.content_length) +
         (head.keep_alive ? "k" : "") + (head.upgrade ? "u" : "") + (head.expect_continue ? "e" : "") +
         char('0' + int(head.version));
}

std::string body_of(const Head& head, std::string_view bytes, size_t step) {
  H1Body body;
  body.start(head.body, head.content_length);
  std::string out;
  size_t begin = 0, have = std::min(step, bytes.size());
  while (true) {
    H1Body::Step got = body.feed(bytes.substr(begin, have - begin));
    CHECK(got.bytes <= have - begin);
    switch (got.kind) {
      case H1Body::Kind::need_more:
        if (have == bytes.size()) return out + (body.on_close() ? "|closed" : "|cut");
        have = std::min(have + step, bytes.size());
        break;
      case H1Body::Kind::data:
        CHECK(got.bytes > 0);
        out += bytes.substr(begin, got.bytes);
        begin += got.bytes;
        break;
      case H1Body::Kind::framing:
        CHECK(got.bytes > 0);
        begin += got.bytes;
        break;
      case H1Body::Kind::trailers: {
        std::string section(bytes.substr(begin, got.bytes));
        base::BlockPool pool(4096, 1);
        base::Arena arena(pool);
        Headers trailers(arena);
        Parsed parsed = parse_trailers(section, trailers, {});
        CHECK(parsed.state != Parsed::State::partial);
        out += "|" + section;
        begin += got.bytes;
        break;
      }
      case H1Body::Kind::end:
        return out + "|end" + std::to_string(bytes.size() - begin);
      case H1Body::Kind::error:
        return out + "|error";
    }
  }
}

struct Outcome {
  Parsed parsed;
  std::string meaning, body;
};

Outcome run(std::string_view message, size_t step, const Circumstances& how) {
  base::BlockPool pool(4096, 4);
  base::Arena arena(pool);
  Head head(arena);
  H1Parser parser;
  Outcome outcome;
  std::string bytes(message.size(), '\0');
  for (size_t have = 0; have < message.size() && outcome.parsed.state == Parsed::State::partial;) {
    size_t n = std::min(step, message.size() - have);
    message.copy(bytes.data() + have, n, have);
    have += n;
    outcome.parsed = parse(parser, std::span(bytes.data(), have), head, how);
  }
  if (outcome.parsed.state != Parsed::State::complete) return outcome;
  CHECK(outcome.parsed.length <= message.size());
  outcome.meaning = meaning(head, arena, how.request);
  outcome.body = body_of(head, message.substr(outcome.parsed.length), step);

  std::string again = written(head, arena, how.request);
  CHECK(again.size() == (how.request ? request_size(head) : response_size(head)));
  Head second(arena);
  H1Parser fresh;
  Parsed parsed = parse(fresh, again, second, how);
  CHECK(parsed.state == Parsed::State::complete);
  CHECK(parsed.length == again.size());
  // That both lengths were there, or that a 1.0 message was chunked, can be told from the first one only.
  second.keep_alive = head.keep_alive;
  CHECK(meaning(second, arena, how.request) == outcome.meaning);
  strip_connection(head.headers);
  for (const Header& field : head.headers)
    if (field.token == Token::connection && !field.removed())
      CHECK(!list_has(field.value, "close") && !list_has(field.value, "keep-alive"));
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  Circumstances how{.request = (data[0] & 1) == 0,
                    .to_head = (data[0] & 2) != 0,
                    .to_connect = (data[0] & 4) != 0,
                    .limits = {.max_headers = data[0] & 8 ? 4u : 101u, .accept_invalid = (data[0] & 16) != 0}};
  size_t step = 1 + data[1] % 32;
  std::string_view message(reinterpret_cast<const char*>(data) + 2, size - 2);
  Outcome whole = run(message, message.size() + 1, how), pieces = run(message, step, how);
  CHECK(whole.parsed.state == pieces.parsed.state);
  CHECK(whole.parsed.error == pieces.parsed.error);
  CHECK(whole.parsed.length == pieces.parsed.length);
  CHECK(whole.meaning == pieces.meaning);
  CHECK(whole.body == pieces.body);
  return 0;
}
