// Samples of header fields, of either side. hdr splits fields at commas, fhdr takes them whole. As a sample the last
// value is taken unless an occurrence is named; conditions look at each. Manual: 7.3.6.
#include <cstring>

#include "base/strings.h"
#include "lbd/expr/context.h"
#include "lbd/expr/http_text.h"
#include "lbd/expr/row.h"
#include "lbd/http/value_list.h"

namespace lbd::expr {

namespace {

enum class Side { request, response, either };

template <Side side>
const http::Head* head_of(const FetchCall& call, const Transaction& transaction) {
  if constexpr (side == Side::request) return transaction.request;
  if constexpr (side == Side::response) return transaction.response;
  return call.response ? transaction.response : transaction.request;
}

template <Side side>
Found missing(const FetchCall& call, const Transaction& transaction) {
  bool response = side == Side::response || (side == Side::either && call.response);
  bool tcp = transaction.frontend && transaction.frontend->config().mode == config::Mode::tcp;
  bool over = response ? transaction.response_payload_final : transaction.payload_final;
  return tcp && !over ? Found::later : Found::no;
}

// data: the FieldName; null: every field.
bool prepare_name(Prepare& prepare) {
  std::string_view name = prepare.args[0].text;
  if (name.empty()) return true;
  std::string_view lower = prepare.context.storage.copy(base::lower(name));
  *prepare.data = prepare.context.storage.make<FieldName>(lower, http::token_of(lower));
  return true;
}

bool wanted(const FetchCall& call, const http::Header& header) {
  if (header.removed()) return false;
  return !call.data || (*static_cast<const FieldName*>(call.data))(header);
}

// Gives each value to `visit`, which says whether to go on.
template <bool split, typename Visit>
void each_value(const FetchCall& call, const http::Head& head, Visit visit) {
  for (const http::Header& header : head.headers) {
    if (!wanted(call, header)) continue;
    if constexpr (split) {
      std::string_view value;
      for (size_t at = 0; http::next_list_value(header.value, at, value);)
        if (!visit(value)) return;
    } else if (!visit(header.value)) {
      return;
    }
  }
}

template <bool split>
bool nth_value(const FetchCall& call, const http::Head& head, int64_t nth, std::string_view& out) {
  int64_t count = 0;
  if (nth < 0) {
    each_value<split>(call, head, [&](std::string_view) { return ++count, true; });
    nth = count + nth + 1;
    if (nth <= 0) return false;
    count = 0;
  }
  bool found = false;
  each_value<split>(call, head, [&](std::string_view value) {
    if (++count != nth) return true;
    out = value;
    found = true;
    return false;
  });
  return found;
}

template <bool split>
bool last_value(const FetchCall& call, const http::Head& head, std::string_view& out) {
  const http::Header* last = nullptr;
  for (const http::Header& header : head.headers)
    if (wanted(call, header)) last = &header;
  if (!last) return false;
  out = last->value;
  if constexpr (split)
    for (size_t at = 0; http::next_list_value(last->value, at, out);) continue;
  return true;
}

// The next value for a condition; the cursor says in which field and where in it.
template <bool split>
bool following_value(const FetchCall& call, const http::Head& head, Cursor& cursor, std::string_view& out) {
  const http::Header* begin = head.headers.begin();
  for (; begin + cursor.index < head.headers.end(); ++cursor.index, cursor.offset = 0) {
    const http::Header& header = begin[cursor.index];
    if (!wanted(call, header)) continue;
    if constexpr (split) {
      if (http::next_list_value(header.value, cursor.offset, out)) return true;
    } else {
      out = header.value;
      ++cursor.index;
      return true;
    }
  }
  return false;
}

template <Side side, bool split>
Found fetch_value(const FetchCall& call, Transaction& transaction, Cursor& cursor, Value& out) {
  const http::Head* head = head_of<side>(call, transaction);
  if (!head) return missing<side>(call, transaction);
  std::string_view value;
  if (call.arg(1).number != 0) {
    if (!nth_value<split>(call, *head, call.arg(1).number, value)) return Found::no;
  } else if (cursor.iterate) {
    cursor.more = following_value<split>(call, *head, cursor, value);
    if (!cursor.more) return Found::no;
  } else if (!last_value<split>(call, *head, value)) {
    return Found::no;
  }
  out.set_text(value);
  return Found::yes;
}

template <Side side>
Found fetch_int(const FetchCall& call, Transaction& transaction, Cursor& cursor, Value& out) {
  Found found = fetch_value<side, true>(call, transaction, cursor, out);
  if (found == Found::yes) out.set_int(leading_int(out.view()));
  return found;
}

// IPv4 may have a port behind it, IPv6 stands bare or in brackets (RFC 7239).
bool parse_node(std::string_view text, Value& out) {
  if (text.starts_with('[')) {
    size_t close = text.find(']');
    if (close == std::string_view::npos) return false;
    text = text.substr(1, close - 1);
  } else if (size_t colon = text.find(':'); colon != std::string_view::npos && colon == text.rfind(':')) {
    auto port = base::parse_int<uint16_t>(text.substr(colon + 1));
    if (!port) return false;
    text = text.substr(0, colon);
  }
  auto ip = base::IpAddr::parse(text);
  if (!ip) return false;
  out.set_ip(*ip);
  return true;
}

template <Side side>
Found fetch_ip(const FetchCall& call, Transaction& transaction, Cursor& cursor, Value& out) {
  for (;;) {
    Found found = fetch_value<side, true>(call, transaction, cursor, out);
    if (found != Found::yes) return found;
    if (parse_node(out.view(), out)) return Found::yes;
    if (!cursor.iterate || call.arg(1).number != 0) return Found::no;
  }
}

template <Side side, bool split>
Found fetch_count(const FetchCall& call, Transaction& transaction, Cursor&, Value& out) {
  const http::Head* head = head_of<side>(call, transaction);
  if (!head) return missing<side>(call, transaction);
  int64_t count = 0;
  each_value<split>(call, *head, [&](std::string_view) { return ++count, true; });
  out.set_int(count);
  return Found::yes;
}

template <Side side>
Found fetch_names(const FetchCall& call, Transaction& transaction, Cursor&, Value& out) {
  const http::Head* head = head_of<side>(call, transaction);
  if (!head) return missing<side>(call, transaction);
  size_t size = 0;
  for (const http::Header& header : head->headers) size += header.removed() ? 0 : header.name.size() + 1;
  char* to = transaction.arena.alloc_chars(size);
  char* at = to;
  char delimiter = call.arg(0).text.empty() ? ',' : call.arg(0).text.front();
  for (const http::Header& header : head->headers) {
    if (header.removed()) continue;
    if (at != to) *at++ = delimiter;
    std::memcpy(at, header.name.data(), header.name.size());
    at += header.name.size();
  }
  out.set_text({to, static_cast<size_t>(at - to)});
  return Found::yes;
}

// A length as HAProxy writes it for its SPOE: below 240 in one byte, else 4 bits more and then 7 in each byte.
char* put_length(char* to, size_t length) {
  if (length < 240) {
    *to++ = static_cast<char>(length);
    return to;
  }
  *to++ = static_cast<char>(length | 0xf0);
  for (length = (length - 240) >> 4; length >= 128; length = (length - 128) >> 7)
    *to++ = static_cast<char>(length | 0x80);
  *to++ = static_cast<char>(length);
  return to;
}

// Name and value of each field behind their lengths, ended by two of length 0.
template <Side side>
Found fetch_all_binary(const FetchCall& call, Transaction& transaction, Cursor&, Value& out) {
  constexpr size_t kMostLength = 10;
  const http::Head* head = head_of<side>(call, transaction);
  if (!head) return missing<side>(call, transaction);
  size_t size = 2;
  for (const http::Header& header : head->headers) size += header.name.size() + header.value.size() + 2 * kMostLength;
  char* to = transaction.arena.alloc_chars(size);
  char* at = to;
  auto put = [&](std::string_view part) {
    at = put_length(at, part.size());
    if (!part.empty()) std::memcpy(at, part.data(), part.size());
    at += part.size();
  };
  for (const http::Header& header : head->headers) {
    if (header.removed()) continue;
    put(header.name);
    put(header.value);
  }
  put({});
  put({});
  out.set_text({to, static_cast<size_t>(at - to)}, Type::binary);
  return Found::yes;
}

template <Side side>
Found fetch_all(const FetchCall& call, Transaction& transaction, Cursor&, Value& out) {
  const http::Head* head = head_of<side>(call, transaction);
  if (!head) return missing<side>(call, transaction);
  size_t size = 2;
  for (const http::Header& header : head->headers)
    size += header.removed() ? 0 : header.name.size() + header.value.size() + 4;
  char* to = transaction.arena.alloc_chars(size);
  char* at = to;
  auto put = [&](std::string_view part) {
    if (!part.empty()) std::memcpy(at, part.data(), part.size());
    at += part.size();
  };
  for (const http::Header& header : head->headers) {
    if (header.removed()) continue;
    put(header.name);
    put(": ");
    put(header.value);
    put("\r\n");
  }
  put("\r\n");
  out.set_text({to, size}, Type::binary);
  return Found::yes;
}

constexpr ArgSpecs kName = {{{ArgKind::text, true}}};
constexpr ArgSpecs kNameAndOccurrence = {{{ArgKind::text, true}, {ArgKind::number, true}}};
using enum Side;

constexpr FetchRow kRows[] = {
    {.name = "req.hdr",
     .doc = "A comma-separated value of a request header field.",
     .args = kNameAndOccurrence,
     .valid = valid::kRequest,
     .run = fetch_value<request, true>,
     .prepare = prepare_name},
    {.name = "hdr",
     .doc = "req.hdr in request rules, res.hdr in response rules.",
     .args = kNameAndOccurrence,
     .valid = valid::kEither,
     .run = fetch_value<either, true>,
     .prepare = prepare_name},
    {.name = "res.hdr",
     .doc = "A comma-separated value of a response header field.",
     .args = kNameAndOccurrence,
     .valid = valid::kResponse,
     .run = fetch_value<response, true>,
     .prepare = prepare_name},
    {.name = "shdr",
     .doc = "Old name of res.hdr.",
     .args = kNameAndOccurrence,
     .valid = valid::kResponse,
     .run = fetch_value<response, true>,
     .prepare = prepare_name},
    {.name = "req.fhdr",
     .doc = "A whole request header field, commas included.",
     .args = kNameAndOccurrence,
     .valid = valid::kRequest,
     .run = fetch_value<request, false>,
     .prepare = prepare_name},
    {.name = "res.fhdr",
     .doc = "A whole response header field, commas included.",
     .args = kNameAndOccurrence,
     .valid = valid::kResponse,
     .run = fetch_value<response, false>,
     .prepare = prepare_name},
    {.name = "req.hdr_val",
     .doc = "A request header value as an integer.",
     .args = kNameAndOccurrence,
     .out = Type::integer,
     .valid = valid::kRequest,
     .run = fetch_int<request>,
     .prepare = prepare_name},
    {.name = "hdr_val",
     .doc = "Old name of req.hdr_val.",
     .args = kNameAndOccurrence,
     .out = Type::integer,
     .valid = valid::kRequest,
     .run = fetch_int<request>,
     .prepare = prepare_name},
    {.name = "res.hdr_val",
     .doc = "A response header value as an integer.",
     .args = kNameAndOccurrence,
     .out = Type::integer,
     .valid = valid::kResponse,
     .run = fetch_int<response>,
     .prepare = prepare_name},
    {.name = "shdr_val",
     .doc = "Old name of res.hdr_val.",
     .args = kNameAndOccurrence,
     .out = Type::integer,
     .valid = valid::kResponse,
     .run = fetch_int<response>,
     .prepare = prepare_name},
    {.name = "req.hdr_ip",
     .doc = "A request header value as an address.",
     .args = kNameAndOccurrence,
     .out = Type::address,
     .valid = valid::kRequest,
     .run = fetch_ip<request>,
     .prepare = prepare_name},
    {.name = "hdr_ip",
     .doc = "Old name of req.hdr_ip.",
     .args = kNameAndOccurrence,
     .out = Type::address,
     .valid = valid::kRequest,
     .run = fetch_ip<request>,
     .prepare = prepare_name},
    {.name = "res.hdr_ip",
     .doc = "A response header value as an address.",
     .args = kNameAndOccurrence,
     .out = Type::address,
     .valid = valid::kResponse,
     .run = fetch_ip<response>,
     .prepare = prepare_name},
    {.name = "shdr_ip",
     .doc = "Old name of res.hdr_ip.",
     .args = kNameAndOccurrence,
     .out = Type::address,
     .valid = valid::kResponse,
     .run = fetch_ip<response>,
     .prepare = prepare_name},
    {.name = "req.hdr_cnt",
     .doc = "How many comma-separated values a request header field has.",
     .args = kName,
     .out = Type::integer,
     .valid = valid::kRequest,
     .run = fetch_count<request, true>,
     .prepare = prepare_name},
    {.name = "hdr_cnt",
     .doc = "Old name of req.hdr_cnt.",
     .args = kName,
     .out = Type::integer,
     .valid = valid::kRequest,
     .run = fetch_count<request, true>,
     .prepare = prepare_name},
    {.name = "res.hdr_cnt",
     .doc = "How many comma-separated values a response header field has.",
     .args = kName,
     .out = Type::integer,
     .valid = valid::kResponse,
     .run = fetch_count<response, true>,
     .prepare = prepare_name},
    {.name = "shdr_cnt",
     .doc = "Old name of res.hdr_cnt.",
     .args = kName,
     .out = Type::integer,
     .valid = valid::kResponse,
     .run = fetch_count<response, true>,
     .prepare = prepare_name},
    {.name = "req.fhdr_cnt",
     .doc = "How many request header fields have the name.",
     .args = kName,
     .out = Type::integer,
     .valid = valid::kRequest,
     .run = fetch_count<request, false>,
     .prepare = prepare_name},
    {.name = "res.fhdr_cnt",
     .doc = "How many response header fields have the name.",
     .args = kName,
     .out = Type::integer,
     .valid = valid::kResponse,
     .run = fetch_count<response, false>,
     .prepare = prepare_name},
    {.name = "req.hdr_names",
     .doc = "All request header names, joined by a comma or the delimiter given.",
     .args = kName,
     .valid = valid::kRequest,
     .run = fetch_names<request>},
    {.name = "res.hdr_names",
     .doc = "All response header names, joined by a comma or the delimiter given.",
     .args = kName,
     .valid = valid::kResponse,
     .run = fetch_names<response>},
    {.name = "req.hdrs",
     .doc = "The request header block with its last empty line.",
     .out = Type::binary,
     .valid = valid::kRequest,
     .run = fetch_all<request>},
    {.name = "req.hdrs_bin",
     .doc = "The request header fields as binary pairs of texts with their lengths.",
     .out = Type::binary,
     .valid = valid::kRequest,
     .run = fetch_all_binary<request>},
    {.name = "res.hdrs_bin",
     .doc = "The response header fields as binary pairs of texts with their lengths.",
     .out = Type::binary,
     .valid = valid::kResponse,
     .run = fetch_all_binary<response>},
    {.name = "res.hdrs",
     .doc = "The response header block with its last empty line.",
     .out = Type::binary,
     .valid = valid::kResponse,
     .run = fetch_all<response>},
};
const Fetches kEnrol(kRows);

}  // namespace

}  // namespace lbd::expr
