// Samples of raw bytes: lengths, blocks, the end of the wait. They may still come while the wait lasts. Manual: 7.3.5.
#include "lbd/expr/row.h"
#include "lbd/http/counted_size.h"

namespace lbd::expr {

namespace {

enum class Side { request, response, either };

struct Bytes {
  std::string_view data;
  bool final;
};

template <Side side>
Bytes bytes_of(const FetchCall& call, const Transaction& transaction) {
  bool response = side == Side::response || (side == Side::either && call.response);
  if (response) return {transaction.response_payload, transaction.response_payload_final};
  return {transaction.payload, transaction.payload_final};
}

template <Side side>
Found fetch_length(const FetchCall& call, Transaction& transaction, Cursor& cursor, Value& out) {
  Bytes bytes = bytes_of<side>(call, transaction);
  // In mode http the head has been taken from the bytes, but counts among them.
  size_t head_size = 0;
  if (!transaction.frontend || transaction.frontend->config().mode == config::Mode::http) {
    if (side == Side::response && transaction.response)
      head_size = http::counted_response_size(*transaction.response);
    else if (side == Side::request && transaction.request)
      head_size = http::counted_request_size(*transaction.request);
  }
  out.set_int(static_cast<int64_t>(head_size + bytes.data.size()));
  cursor.may_change = !bytes.final;
  return Found::yes;
}

Found block(const Bytes& bytes, size_t offset, size_t length, Value& out) {
  bool rest = length == 0;
  if (offset > bytes.data.size() || (!rest && bytes.data.size() - offset < length) ||
      (rest && offset >= bytes.data.size()))
    return bytes.final ? Found::no : Found::later;
  out.set_text(bytes.data.substr(offset, rest ? std::string_view::npos : length), Type::binary);
  return Found::yes;
}

bool prepare_payload(Prepare& prepare) {
  if (prepare.args[0].number >= 0 && prepare.args[1].number >= 0) return true;
  prepare.error = "offset and length are not negative";
  return false;
}

template <Side side>
Found fetch_payload(const FetchCall& call, Transaction& transaction, Cursor& cursor, Value& out) {
  Bytes bytes = bytes_of<side>(call, transaction);
  cursor.may_change = call.arg(1).number == 0 && !bytes.final;
  return block(bytes, static_cast<size_t>(call.arg(0).number), static_cast<size_t>(call.arg(1).number), out);
}

// A third argument with a sign is relative to the end of the length field.
bool prepare_payload_lv(Prepare& prepare) {
  if (prepare.args[0].number < 0 || prepare.args[1].number < 1 || prepare.args[1].number > 8) {
    prepare.error = "the length field has 1 to 8 bytes";
    return false;
  }
  Arg& where = prepare.args[2];
  int64_t after = prepare.args[0].number + prepare.args[1].number;
  where.number = after;
  if (!where.given()) return true;
  int64_t offset = leading_int(where.text);
  bool relative = where.text.starts_with('+') || where.text.starts_with('-');
  where.number = relative ? after + offset : offset;
  if (where.number >= 0) return true;
  prepare.error = "the block would begin before the data";
  return false;
}

template <Side side>
Found fetch_payload_lv(const FetchCall& call, Transaction& transaction, Cursor&, Value& out) {
  Bytes bytes = bytes_of<side>(call, transaction);
  auto offset = static_cast<size_t>(call.arg(0).number), size = static_cast<size_t>(call.arg(1).number);
  if (bytes.data.size() < offset + size) return bytes.final ? Found::no : Found::later;
  uint64_t length = 0;
  for (size_t i = 0; i < size; ++i) length = length << 8 | static_cast<uint8_t>(bytes.data[offset + i]);
  if (length == 0 || length > (1u << 30)) return Found::no;
  return block(bytes, static_cast<size_t>(call.arg(2).number), length, out);
}

// There only when nothing more will come.
Found fetch_wait_end(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  if (!transaction.payload_final) return Found::later;
  out.set_bool(true);
  return Found::yes;
}

constexpr ArgSpecs kBlock = {{{ArgKind::number}, {ArgKind::number}}};
constexpr ArgSpecs kLengthValue = {{{ArgKind::number}, {ArgKind::number}, {ArgKind::text, true}}};
using enum Side;

constexpr FetchRow kRows[] = {
    {.name = "req.len",
     .doc = "How many bytes of the request are there.",
     .out = Type::integer,
     .valid = valid::kRequest,
     .run = fetch_length<request>,
     .raw = true},
    {.name = "req_len",
     .doc = "Old name of req.len.",
     .out = Type::integer,
     .valid = valid::kRequest,
     .run = fetch_length<request>,
     .raw = true},
    {.name = "res.len",
     .doc = "How many bytes of the response are there.",
     .out = Type::integer,
     .valid = valid::kResponse,
     .run = fetch_length<response>,
     .raw = true},
    {.name = "req.payload",
     .doc = "A block of the request's bytes: offset, length (0: the rest).",
     .args = kBlock,
     .out = Type::binary,
     .valid = valid::kRequest,
     .run = fetch_payload<request>,
     .prepare = prepare_payload,
     .raw = true},
    {.name = "res.payload",
     .doc = "A block of the response's bytes: offset, length (0: the rest).",
     .args = kBlock,
     .out = Type::binary,
     .valid = valid::kResponse,
     .run = fetch_payload<response>,
     .prepare = prepare_payload,
     .raw = true},
    {.name = "payload",
     .doc = "req.payload or res.payload, after where it stands.",
     .args = kBlock,
     .out = Type::binary,
     .valid = valid::kEither,
     .run = fetch_payload<either>,
     .prepare = prepare_payload,
     .raw = true},
    {.name = "req.payload_lv",
     .doc = "A block whose length stands in the request's bytes.",
     .args = kLengthValue,
     .out = Type::binary,
     .valid = valid::kRequest,
     .run = fetch_payload_lv<request>,
     .prepare = prepare_payload_lv,
     .raw = true},
    {.name = "res.payload_lv",
     .doc = "A block whose length stands in the response's bytes.",
     .args = kLengthValue,
     .out = Type::binary,
     .valid = valid::kResponse,
     .run = fetch_payload_lv<response>,
     .prepare = prepare_payload_lv,
     .raw = true},
    {.name = "payload_lv",
     .doc = "req.payload_lv or res.payload_lv, after where it stands.",
     .args = kLengthValue,
     .out = Type::binary,
     .valid = valid::kEither,
     .run = fetch_payload_lv<either>,
     .prepare = prepare_payload_lv,
     .raw = true},
    {.name = "wait_end",
     .doc = "True when the inspection period is over.",
     .out = Type::boolean,
     .valid = valid::kAll,
     .run = fetch_wait_end},
};
const Fetches kEnrol(kRows);

}  // namespace

}  // namespace lbd::expr
