// Samples of when things happened in an exchange, how long they took, and how it ended: what log lines tell, as
// samples. What has not happened yet is not there. Manual: 7.3.3 of HAProxy 3 (accept_date, request_date, txn.*,
// *.timer.*).
#include <algorithm>

#include "lbd/expr/row.h"

namespace lbd::expr {
namespace {

bool prepare_unit(Prepare& prepare) {
  std::string_view unit = prepare.args[0].text;
  prepare.args[0].number = unit == "us" ? 1 : unit == "ms" ? 1000 : 1'000'000;
  if (unit.empty() || unit == "s" || unit == "ms" || unit == "us") return true;
  prepare.error = "the unit must be s, ms or us";
  return false;
}
Found date(const FetchCall& call, base::WallTime time, Value& out) {
  if (time.time_since_epoch().count() == 0) return Found::no;
  out.set_int(time.time_since_epoch().count() / call.arg(0).number);
  return Found::yes;
}
Found accept_date(const FetchCall& call, Transaction& t, Cursor&, Value& out) {
  return date(call, t.at.accepted_wall, out);
}
Found request_date(const FetchCall& call, Transaction& t, Cursor&, Value& out) {
  return date(call, t.at.request_wall, out);
}

// Milliseconds from one moment to another.
template <base::MonoTime Moments::*from, base::MonoTime Moments::*to>
Found between(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  if (t.at.*from == base::kNever || t.at.*to == base::kNever) return Found::no;
  out.set_int(base::to_millis(t.at.*to - t.at.*from));
  return Found::yes;
}

Found handshakes(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  out.set_int(base::to_millis(t.at.handshakes));
  return Found::yes;
}
Found idle(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  if (t.at.request_start == base::kNever) return Found::no;
  out.set_int(std::max<int64_t>(0, base::to_millis(t.at.request_start - t.at.accepted - t.at.handshakes)));
  return Found::yes;
}
Found user_time(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  if (t.at.request_start == base::kNever || t.at.end == base::kNever) return Found::no;
  out.set_int(base::to_millis(t.at.end - t.at.request_start + t.at.handshakes));
  return Found::yes;
}

// Of what is over; a turn that goes on is counted, its time not yet.
Found turns(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  out.set_int(t.turns);
  return Found::yes;
}
template <base::Nanos Transaction::*time, bool average>
Found nanoseconds(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  const int64_t total = (t.*time).count();
  out.set_int(!average ? total : t.turns ? total / t.turns : 0);
  return Found::yes;
}

Found retries(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  out.set_int(t.retries);
  return Found::yes;
}
Found redispatched(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  out.set_bool(t.redispatched);
  return Found::yes;
}
Found termination(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  char* to = t.arena.alloc_chars(2);
  to[0] = t.termination.cause;
  to[1] = t.termination.phase;
  out.set_text({to, 2});
  return Found::yes;
}
template <uint64_t Transaction::*count>
Found bytes(const FetchCall&, Transaction& t, Cursor&, Value& out) {
  out.set_int(static_cast<int64_t>(t.*count));
  return Found::yes;
}

constexpr ArgSpecs kUnit = {{{ArgKind::text, true}}};
constexpr Type kInt = Type::integer;
using M = Moments;
constexpr FetchRow kRows[] = {
    {.name = "cpu_calls",
     .doc = "How often the worker has done something for the exchange.",
     .out = kInt,
     .valid = valid::kInternal,
     .run = turns},
    {.name = "cpu_ns_avg",
     .doc = "Nanoseconds that each of these took, with profiling.tasks on.",
     .out = kInt,
     .valid = valid::kInternal,
     .run = nanoseconds<&Transaction::spent, true>},
    {.name = "cpu_ns_tot",
     .doc = "Nanoseconds that all of these took, with profiling.tasks on.",
     .out = kInt,
     .valid = valid::kInternal,
     .run = nanoseconds<&Transaction::spent, false>},
    {.name = "lat_ns_avg",
     .doc = "Nanoseconds that each of these waited for others, with profiling.tasks on.",
     .out = kInt,
     .valid = valid::kInternal,
     .run = nanoseconds<&Transaction::waited, true>},
    {.name = "lat_ns_tot",
     .doc = "Nanoseconds that all of these waited for others, with profiling.tasks on.",
     .out = kInt,
     .valid = valid::kInternal,
     .run = nanoseconds<&Transaction::waited, false>},
    {.name = "accept_date",
     .doc = "When the connection was accepted, in s (or ms, us) since 1970.",
     .args = kUnit,
     .out = kInt,
     .valid = valid::kClient,
     .run = accept_date,
     .prepare = prepare_unit},
    {.name = "request_date",
     .doc = "When the request's first byte came, in s (or ms, us) since 1970.",
     .args = kUnit,
     .out = kInt,
     .valid = valid::kRequestKept,
     .run = request_date,
     .prepare = prepare_unit},
    {.name = "fc.timer.handshake",
     .doc = "Milliseconds of the PROXY protocol and of TLS before the first request, as %Th.",
     .out = kInt,
     .valid = valid::kClient,
     .run = handshakes},
    {.name = "fc.timer.total",
     .doc = "Milliseconds from the accept to the end, as %Tt.",
     .out = kInt,
     .valid = phase::kLog,
     .run = between<&M::accepted, &M::end>},
    {.name = "req.timer.idle",
     .doc = "Milliseconds without a request before this one, as %Ti.",
     .out = kInt,
     .valid = valid::kRequestKept,
     .run = idle},
    {.name = "req.timer.tq",
     .doc = "Milliseconds of handshakes, without a request and of its head, as %Tq.",
     .out = kInt,
     .valid = valid::kRequestKept,
     .run = between<&M::accepted, &M::request_done>},
    {.name = "req.timer.hdr",
     .doc = "Milliseconds that the request head took, as %TR.",
     .out = kInt,
     .valid = valid::kRequestKept,
     .run = between<&M::request_start, &M::request_done>},
    {.name = "req.timer.queue",
     .doc = "Milliseconds in queues, as %Tw.",
     .out = kInt,
     .valid = valid::kResponseKept,
     .run = between<&M::request_done, &M::queued_until>},
    {.name = "bc.timer.connect",
     .doc = "Milliseconds until the server was connected, as %Tc.",
     .out = kInt,
     .valid = valid::kResponseKept,
     .run = between<&M::queued_until, &M::connected>},
    {.name = "res.timer.hdr",
     .doc = "Milliseconds until the server's answer began, as %Tr.",
     .out = kInt,
     .valid = valid::kResponseKept,
     .run = between<&M::connected, &M::response_head>},
    {.name = "res.timer.data",
     .doc = "Milliseconds of the data, as %Td.",
     .out = kInt,
     .valid = phase::kLog,
     .run = between<&M::response_head, &M::end>},
    {.name = "txn.timer.total",
     .doc = "Milliseconds from the request's first byte to the end, as %Ta.",
     .out = kInt,
     .valid = phase::kLog,
     .run = between<&M::request_start, &M::end>},
    {.name = "txn.timer.user",
     .doc = "Milliseconds as the client sees them: handshakes and the active time, as %Tu.",
     .out = kInt,
     .valid = phase::kLog,
     .run = user_time},
    {.name = "txn.conn_retries",
     .doc = "How often the connection to a server was tried again, as %rc.",
     .out = kInt,
     .valid = valid::kResponseKept,
     .run = retries},
    {.name = "txn.redispatched",
     .doc = "Whether another server was tried than the one chosen first.",
     .out = Type::boolean,
     .valid = valid::kResponseKept,
     .run = redispatched},
    {.name = "txn.sess_term_state",
     .doc = "The two letters that say how the exchange ended, as %ts.",
     .valid = valid::kInternal,
     .run = termination},
    {.name = "bytes_in",
     .doc = "Bytes received from the client, as %U.",
     .out = kInt,
     .valid = valid::kRequestKept,
     .run = bytes<&Transaction::bytes_in>},
    {.name = "bytes_out",
     .doc = "Bytes sent to the client, as %B.",
     .out = kInt,
     .valid = valid::kRequestKept,
     .run = bytes<&Transaction::bytes_out>},
};
const Fetches kEnrol(kRows);

}  // namespace
}  // namespace lbd::expr
