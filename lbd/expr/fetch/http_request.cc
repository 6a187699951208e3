// Samples of the request line and of what it belongs to. Manual: 7.3.6.
#include <cstring>

#include "lbd/expr/hash.h"
#include "lbd/expr/http_text.h"
#include "lbd/expr/row.h"
#include "lbd/http/h1_parser.h"
#include "lbd/http/uri.h"

namespace lbd::expr {

namespace {

// In mode tcp the head may still come; in mode http it is there or never was.
Found missing(const Transaction& transaction) {
  return transaction.frontend && transaction.frontend->config().mode == config::Mode::tcp && !transaction.payload_final
             ? Found::later
             : Found::no;
}

Found text_or_none(std::string_view text, Value& out) {
  if (!text.data()) return Found::no;
  out.set_text(text);
  return Found::yes;
}

Found fetch_method(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.request) return missing(transaction);
  out.set_method(transaction.request->method, transaction.request->method_text);
  return Found::yes;
}

Found fetch_url(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.request) return missing(transaction);
  return text_or_none(transaction.request->target, out);
}

Found fetch_path(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.request) return missing(transaction);
  return text_or_none(http::path_of(transaction.request->target), out);
}

Found fetch_pathq(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.request) return missing(transaction);
  return text_or_none(http::path_and_query_of(transaction.request->target), out);
}

Found fetch_query(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.request) return missing(transaction);
  return text_or_none(http::query_of(transaction.request->target), out);
}

std::string_view host_of(const http::Head& request) {
  const http::Header* host = request.headers.find(http::Token::host);
  return host ? host->value : std::string_view();
}

template <std::string_view (*part)(std::string_view)>
Found fetch_base(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.request) return missing(transaction);
  std::string_view host = host_of(*transaction.request), path = part(transaction.request->target);
  if (!path.data() && host.empty()) return Found::no;
  out.set_text(transaction.arena.concat(host, path));
  return Found::yes;
}

std::string_view whole(std::string_view target) {
  return target;
}

// SDBM over host and path, mixed: what %[base,sdbm(1)] gives.
template <std::string_view (*part)(std::string_view)>
Found fetch_base32(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.request) return missing(transaction);
  uint32_t hash = hash::sdbm(host_of(*transaction.request));
  hash = hash::sdbm(part(transaction.request->target), hash);
  out.set_int(hash::avalanche(hash));
  return Found::yes;
}

template <std::string_view (*part)(std::string_view)>
Found fetch_base32_src(const FetchCall& call, Transaction& transaction, Cursor& cursor, Value& out) {
  Value hash;
  if (Found found = fetch_base32<part>(call, transaction, cursor, hash); found != Found::yes) return found;
  const base::IpAddr& ip = transaction.src.ip;
  if (!ip.length()) return Found::no;
  char* to = transaction.arena.alloc_chars(4 + ip.length());
  for (int i = 0; i < 4; ++i) to[i] = static_cast<char>(hash.integer >> (24 - 8 * i));
  std::memcpy(to + 4, ip.bytes.data(), ip.length());
  out.set_text({to, 4 + ip.length()}, Type::binary);
  return Found::yes;
}

Found fetch_version(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.request) return missing(transaction);
  out.set_text(version_text(transaction.request->version));
  return Found::yes;
}

Found fetch_url_ip(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.request) return missing(transaction);
  std::string_view authority = http::authority_of(transaction.request->target);
  auto ip = base::IpAddr::parse(authority.substr(0, authority.rfind(':')));
  if (!ip || !ip->is_v4()) return Found::no;
  out.set_ip(*ip);
  return Found::yes;
}

Found fetch_url_port(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.request) return missing(transaction);
  std::string_view authority = http::authority_of(transaction.request->target);
  if (authority.empty()) return Found::no;
  size_t colon = authority.rfind(':');
  out.set_int(colon == std::string_view::npos ? 80 : leading_int(authority.substr(colon + 1)));
  return Found::yes;
}

Found fetch_first_request(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  out.set_bool(transaction.first_request);
  return Found::yes;
}

// In mode tcp what has come is tried as a request: until it is whole, or cannot become one.
Found fetch_is_http(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  bool http = transaction.request != nullptr;
  if (!http && missing(transaction) == Found::later) {
    if (transaction.payload.empty()) return Found::later;
    const std::string_view copy = transaction.arena.copy(transaction.payload);  // the parser writes into it
    http::Head head(transaction.arena);
    const auto parsed = http::H1Parser().parse_request({const_cast<char*>(copy.data()), copy.size()}, head, {});
    if (parsed.state == http::Parsed::State::partial) return Found::later;
    http = parsed.state == http::Parsed::State::complete;
  }
  out.set_bool(http);
  return Found::yes;
}

Found fetch_unique_id(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  return text_or_none(transaction.unique_id, out);
}

Found fetch_body(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.request) return missing(transaction);
  out.set_text(transaction.payload, Type::binary);
  return Found::yes;
}

Found fetch_body_len(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.request) return missing(transaction);
  out.set_int(static_cast<int64_t>(transaction.payload.size()));
  return Found::yes;
}

Found fetch_body_size(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.request) return missing(transaction);
  const http::Head& head = *transaction.request;
  bool known = head.body == http::BodyKind::length;
  out.set_int(static_cast<int64_t>(known ? head.content_length : transaction.payload.size()));
  return Found::yes;
}

constexpr FetchRow kRows[] = {
    {.name = "method",
     .doc = "The method of the request.",
     .out = Type::method,
     .valid = valid::kRequestKept,
     .run = fetch_method},
    {.name = "url", .doc = "The request target as it stands.", .valid = valid::kRequest, .run = fetch_url},
    {.name = "path", .doc = "The path, without the query string.", .valid = valid::kRequest, .run = fetch_path},
    {.name = "pathq", .doc = "The path with the query string.", .valid = valid::kRequest, .run = fetch_pathq},
    {.name = "query", .doc = "What follows the first question mark.", .valid = valid::kRequest, .run = fetch_query},
    {.name = "base", .doc = "Host and path together.", .valid = valid::kRequest, .run = fetch_base<http::path_of>},
    {.name = "baseq",
     .doc = "Host, path and query string together.",
     .valid = valid::kRequest,
     .run = fetch_base<http::path_and_query_of>},
    {.name = "base32",
     .doc = "A 32-bit hash of base.",
     .out = Type::integer,
     .valid = valid::kRequest,
     .run = fetch_base32<http::path_of>},
    {.name = "base32+src",
     .doc = "base32 and the source address together.",
     .out = Type::binary,
     .valid = valid::kRequest,
     .run = fetch_base32_src<http::path_of>},
    {.name = "url32",
     .doc = "A 32-bit hash of host and url.",
     .out = Type::integer,
     .valid = valid::kRequest,
     .run = fetch_base32<whole>},
    {.name = "url32+src",
     .doc = "url32 and the source address together.",
     .out = Type::binary,
     .valid = valid::kRequest,
     .run = fetch_base32_src<whole>},
    {.name = "url_ip",
     .doc = "The IPv4 address in an absolute target.",
     .out = Type::ipv4,
     .valid = valid::kRequest,
     .run = fetch_url_ip},
    {.name = "url_port",
     .doc = "The port in an absolute target.",
     .out = Type::integer,
     .valid = valid::kRequest,
     .run = fetch_url_port},
    {.name = "req.ver", .doc = "The version of the request, \"1.1\".", .valid = valid::kRequest, .run = fetch_version},
    {.name = "req_ver", .doc = "Old name of req.ver.", .valid = valid::kRequest, .run = fetch_version},
    {.name = "http_first_req",
     .doc = "Whether this is the first request of its connection.",
     .out = Type::boolean,
     .valid = valid::kRequestKept,
     .run = fetch_first_request},
    {.name = "req.proto_http",
     .doc = "Whether what came is HTTP.",
     .out = Type::boolean,
     .valid = valid::kRequestKept,
     .run = fetch_is_http},
    {.name = "req_proto_http",
     .doc = "Old name of req.proto_http.",
     .out = Type::boolean,
     .valid = valid::kRequestKept,
     .run = fetch_is_http},
    {.name = "unique-id",
     .doc = "The unique id that unique-id-format made.",
     .valid = valid::kFrontend,
     .run = fetch_unique_id},
    {.name = "req.body",
     .doc = "The part of the request body that is there.",
     .out = Type::binary,
     .valid = valid::kRequest,
     .run = fetch_body},
    {.name = "req.body_len",
     .doc = "How many bytes of the request body are there.",
     .out = Type::integer,
     .valid = valid::kRequest,
     .run = fetch_body_len},
    {.name = "req.body_size",
     .doc = "The announced length of the request body.",
     .out = Type::integer,
     .valid = valid::kRequest,
     .run = fetch_body_size},
};
const Fetches kEnrol(kRows);

}  // namespace

}  // namespace lbd::expr
