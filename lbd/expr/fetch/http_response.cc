// Samples of the response, and what is kept of both messages until the log line. Manual: 7.3.6.
#include "lbd/expr/http_text.h"
#include "lbd/expr/row.h"
#include "lbd/http/uri.h"

namespace lbd::expr {

namespace {

Found fetch_status(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  int status = transaction.response ? transaction.response->status : transaction.status;
  if (status <= 0) return Found::no;
  out.set_int(status);
  return Found::yes;
}

Found fetch_version(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.response) return Found::no;
  out.set_text(version_text(transaction.response->version));
  return Found::yes;
}

Found fetch_body(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.response) return Found::no;
  out.set_text(transaction.response_payload, Type::binary);
  return Found::yes;
}

Found fetch_body_len(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.response) return Found::no;
  out.set_int(static_cast<int64_t>(transaction.response_payload.size()));
  return Found::yes;
}

Found fetch_body_size(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.response) return Found::no;
  const http::Head& head = *transaction.response;
  bool known = head.body == http::BodyKind::length;
  out.set_int(static_cast<int64_t>(known ? head.content_length : transaction.response_payload.size()));
  return Found::yes;
}

// The first word and the second of the copied request line.
Found fetch_captured_method(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  std::string_view line = transaction.request_line;
  size_t blank = line.find(' ');
  if (blank == std::string_view::npos) return Found::no;
  out.set_text(line.substr(0, blank));
  return Found::yes;
}

Found fetch_captured_uri(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  std::string_view line = transaction.request_line;
  size_t blank = line.find(' ');
  if (blank == std::string_view::npos) return Found::no;
  line.remove_prefix(blank + 1);
  std::string_view path = http::path_and_query_of(line.substr(0, line.find(' ')));
  if (!path.data()) return Found::no;
  out.set_text(path);
  return Found::yes;
}

std::string_view captured_version(http::Version version) {
  return version == http::Version::http_1_0 ? "HTTP/1.0" : "HTTP/1.1";
}

Found fetch_captured_request_version(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.request) return Found::no;
  out.set_text(captured_version(transaction.request->version));
  return Found::yes;
}

Found fetch_captured_response_version(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.response) return Found::no;
  out.set_text(captured_version(transaction.response->version));
  return Found::yes;
}

template <std::span<std::string_view> Transaction::*slots>
Found fetch_slot(const FetchCall& call, Transaction& transaction, Cursor&, Value& out) {
  auto slot = static_cast<size_t>(call.arg(0).number);
  if (slot >= (transaction.*slots).size() || !(transaction.*slots)[slot].data()) return Found::no;
  out.set_text((transaction.*slots)[slot]);
  return Found::yes;
}

bool prepare_slot(Prepare& prepare) {
  if (prepare.args[0].number >= 0) return true;
  prepare.error = "the number of a slot is not negative";
  return false;
}

constexpr ArgSpecs kSlot = {{{ArgKind::number}}};

Found fetch_cache_hit(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  out.set_bool(transaction.cache && transaction.cache->answer);
  return Found::yes;
}

Found fetch_cache_name(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.cache || !transaction.cache->answer) return Found::no;
  out.set_text(transaction.cache->cache.config().name);
  return Found::yes;
}

Found fetch_compressed(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  out.set_bool(!transaction.compression.empty());
  return Found::yes;
}

Found fetch_algorithm(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (transaction.compression.empty()) return Found::no;
  out.set_text(transaction.compression);
  return Found::yes;
}

constexpr FetchRow kRows[] = {
    {.name = "status",
     .doc = "The status of the response.",
     .out = Type::integer,
     .valid = valid::kResponseKept,
     .run = fetch_status},
    {.name = "res.cache_hit",
     .doc = "The response came from a cache.",
     .out = Type::boolean,
     .valid = valid::kResponse,
     .run = fetch_cache_hit},
    {.name = "res.cache_name",
     .doc = "The name of the cache that the response came from.",
     .valid = valid::kResponse,
     .run = fetch_cache_name},
    {.name = "res.ver",
     .doc = "The version of the response, \"1.1\".",
     .valid = valid::kResponse,
     .run = fetch_version},
    {.name = "resp_ver", .doc = "Old name of res.ver.", .valid = valid::kResponse, .run = fetch_version},
    {.name = "res.body",
     .doc = "The part of the response body that is there.",
     .out = Type::binary,
     .valid = valid::kResponse,
     .run = fetch_body},
    {.name = "res.body_len",
     .doc = "How many bytes of the response body are there.",
     .out = Type::integer,
     .valid = valid::kResponse,
     .run = fetch_body_len},
    {.name = "res.body_size",
     .doc = "The announced length of the response body.",
     .out = Type::integer,
     .valid = valid::kResponse,
     .run = fetch_body_size},
    {.name = "res.comp",
     .doc = "Whether the response is compressed here.",
     .out = Type::boolean,
     .valid = valid::kResponseKept,
     .run = fetch_compressed},
    {.name = "res.comp_algo",
     .doc = "The algorithm that it is compressed with.",
     .valid = valid::kResponseKept,
     .run = fetch_algorithm},
    {.name = "capture.req.method",
     .doc = "The method of the request, also in responses and logs.",
     .valid = valid::kRequestKept,
     .run = fetch_captured_method},
    {.name = "capture.req.uri",
     .doc = "Path and query of the request, also in responses and logs.",
     .valid = valid::kRequestKept,
     .run = fetch_captured_uri},
    {.name = "capture.req.ver",
     .doc = "The version of the request, also in responses and logs.",
     .valid = valid::kRequestKept,
     .run = fetch_captured_request_version},
    {.name = "capture.req.hdr",
     .doc = "What was captured into a request slot.",
     .args = kSlot,
     .valid = valid::kRequestKept,
     .run = fetch_slot<&Transaction::request_captures>,
     .prepare = prepare_slot},
    {.name = "capture.res.hdr",
     .doc = "What was captured into a response slot.",
     .args = kSlot,
     .valid = valid::kResponseKept,
     .run = fetch_slot<&Transaction::response_captures>,
     .prepare = prepare_slot},
    {.name = "capture.res.ver",
     .doc = "The version of the response, also in logs.",
     .valid = valid::kRequestKept,
     .run = fetch_captured_response_version},
};
const Fetches kEnrol(kRows);

}  // namespace

}  // namespace lbd::expr
