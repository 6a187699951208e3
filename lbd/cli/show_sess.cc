// show sess, shutdown session: the exchanges that are under way. Lines and wording are HAProxy's; what has no meaning
// here is 0. The identifier of an exchange is a number that is never used twice. In `rq` and `rp`, `i` is what was
// received and not passed on, `an` how far the exchange has come (its request's side) and `f` a sum of 1: the end was
// passed on, 2: reading is paused, 4: one stream of HTTP/2, 8: over TLS. Manual: management.txt 9.3.
#include <fmt/format.h>

#include "base/strings.h"
#include "lbd/cli/time_text.h"
#include "lbd/cli/worker_walk.h"
#include "lbd/net/connection.h"
#include "lbd/stream/facts.h"
#include "lbd/stream/worker.h"

namespace lbd::cli {
namespace {

using stream::Phase;
using stream::StreamFacts;

// From 1, because `show sess 0` means all.
uint64_t identifier_of(const expr::Transaction& transaction) {
  return transaction.id + 1;
}

std::string_view protocol_of(const base::IpPort& address) {
  return address.ip.length() == 0 ? "unix_stream" : address.ip.is_v4() ? "tcpv4" : "tcpv6";
}

std::string source_of(const expr::Session& session) {
  return session.src.ip.length() == 0 ? fmt::format("unix:{}", session.bind_index) : session.src.to_string();
}

int flags_of(const StreamFacts::Side& side, bool done) {
  return (done ? 1 : 0) | (side.paused ? 2 : 0) | (side.h2 ? 4 : 0) | (side.tls ? 8 : 0);
}

// The state of the server's side, as HAProxy numbers and names it.
struct BackState {
  int number;
  std::string_view name;
};
BackState back_state_of(const StreamFacts& facts) {
  if (facts.server.fd >= 0 && facts.phase >= Phase::headers) return {8, "EST"};
  switch (facts.phase) {
    case Phase::queue:
      return {2, "QUE"};
    case Phase::connect:
      return {5, "CON"};
    case Phase::headers:
    case Phase::data:
    case Phase::last:
    case Phase::done:
      return {10, "CLO"};
    case Phase::request:
    case Phase::tarpit:
      break;
  }
  return {0, "INI"};
}

base::MonoTime next_deadline(const StreamFacts& facts) {
  return std::min({facts.client.deadline, facts.server.deadline, facts.wait_ends});
}

void append_line(const StreamFacts& facts, base::MonoTime now, std::string& text) {
  const expr::Transaction& txn = facts.transaction;
  const expr::Session& session = txn.session;
  fmt::format_to(
      std::back_inserter(text),
      "{:#x}: proto={} src={} fe={} be={} srv={} ts=00 epoch=0 age={} calls={} rate=0 cpu={} lat={} "
      "rq[f={:02x}h,i={},an={:02x}h,rx={},wx=,ax={}] rp[f={:02x}h,i={},an=00h,rx={},wx=,ax=] scf=[8,0h,fd={}] "
      "scb=[{},0h,fd={}] exp={} rc={} c_exp={}\n",
      identifier_of(txn), protocol_of(session.src), source_of(session), session.frontend->name(),
      txn.backend ? txn.backend->name() : "<NONE>", txn.server ? txn.server->name() : "<none>",
      duration_text(now - txn.at.accepted), txn.turns, txn.spent.count(), txn.waited.count(),
      flags_of(facts.client, facts.request_done), facts.client.unread, static_cast<int>(facts.phase),
      remaining_text(facts.client.deadline, now, ""), remaining_text(facts.wait_ends, now, ""),
      flags_of(facts.server, facts.response_done), facts.server.unread, remaining_text(facts.server.deadline, now, ""),
      facts.client.fd, back_state_of(facts).number, facts.server.fd, remaining_text(next_deadline(facts), now, ""),
      txn.retries, facts.phase == Phase::connect ? remaining_text(facts.server.deadline, now, "") : "");
}

std::string_view multiplexer_of(const StreamFacts& facts, const StreamFacts::Side& side) {
  return side.h2 ? "H2" : facts.http ? "H1" : "PASS";
}

std::string local_address_of(int fd) {
  const base::SockAddr address = base::SockAddr::local_of(fd);
  return address.is_ip() ? address.ip_port().to_string() : "unix";
}

void append_side(const StreamFacts& facts, const StreamFacts::Side& side, std::string_view state,
                 std::string_view connection, const std::string& target, std::string& text) {
  fmt::format_to(std::back_inserter(text), "  {}: state={} flags={:#04x}\n", connection == "co0" ? "scf" : "scb", state,
                 flags_of(side, false));
  if (side.fd < 0) return;
  fmt::format_to(std::back_inserter(text), "      {}: xprt={} mux={} data=STRM target={} fd={} unsent={}\n", connection,
                 side.tls ? "SSL" : "RAW", multiplexer_of(facts, side), target, side.fd, side.unsent);
}

void append_channel(std::string_view name, const StreamFacts::Side& from, uint64_t total, bool done, base::MonoTime now,
                    std::string& text) {
  fmt::format_to(std::back_inserter(text), "  {}: (f={:#x} total={} i={} done={})\n      an_exp=<NEVER> rex={}\n", name,
                 flags_of(from, done), total, from.unread, done ? "yes" : "no",
                 remaining_text(from.deadline, now, "<NEVER>"));
}

void append_details(const StreamFacts& facts, base::MonoTime now, std::string& text) {
  const expr::Transaction& txn = facts.transaction;
  const expr::Session& session = txn.session;
  auto out = std::back_inserter(text);
  fmt::format_to(out, "{:#x}: [{}] id={} proto={} source={}\n", identifier_of(txn), date_text(txn.at.accepted_wall, 6),
                 txn.id, protocol_of(session.src), source_of(session));
  fmt::format_to(out, "  flags=0x0, conn_retries={}, conn_exp={} waiting={} phase={}\n", txn.retries,
                 facts.phase == Phase::connect ? remaining_text(facts.server.deadline, now, "<NEVER>") : "<NEVER>",
                 facts.waits_for_rule ? 1 : 0, stream::letter_of(facts.phase));
  fmt::format_to(out, "  frontend={} (id={} mode={}), listener={} (id={}) addr={}\n", session.frontend->name(),
                 session.frontend->config().id, facts.http ? "http" : "tcp",
                 session.bind && !session.bind->name.empty() ? session.bind->name : "?", session.bind_index,
                 session.dst.ip.length() == 0 ? "unix" : session.dst.to_string());
  if (txn.backend) {
    fmt::format_to(out, "  backend={} (id={} mode={})", txn.backend->name(), txn.backend->config().id,
                   txn.backend->config().mode == config::Mode::http ? "http" : "tcp");
    text += facts.server.fd >= 0 ? " addr=" + local_address_of(facts.server.fd) + "\n" : "\n";
  } else {
    text += "  backend=<NONE> (id=-1 mode=-)\n";
  }
  if (txn.server)
    fmt::format_to(out, "  server={} (id={}) addr={}\n", txn.server->name(), stats::id_of(*txn.server),
                   txn.server->address().is_ip() ? txn.server->address().to_string() : "unix");
  else
    text += "  server=<NONE> (id=-1)\n";
  fmt::format_to(out, "  task: (state=0x00 nice=0 calls={} exp={} tmask={:#x} age={})\n", txn.turns,
                 remaining_text(next_deadline(facts), now, "<NEVER>"), uint64_t{1} << session.worker,
                 duration_text(now - txn.at.accepted));
  if (facts.http)
    fmt::format_to(out, "  txn: status={} line={}\n", txn.status ? static_cast<int>(txn.status) : -1, txn.request_line);
  append_side(facts, facts.client, "EST", "co0", "LISTENER:" + session.frontend->name(), text);
  append_side(facts, facts.server, back_state_of(facts).name, "co1",
              txn.server ? "SERVER:" + txn.backend->name() + "/" + txn.server->name() : "<none>", text);
  append_channel("req", facts.client, facts.request_bytes, facts.request_done, now, text);
  append_channel("res", facts.server, facts.response_bytes, facts.response_done, now, text);
}

// The runtime socket's own clients, who come last. They have no number that `shutdown session` takes.
void append_own_sessions(const Invocation& invocation, std::string& text) {
  const base::MonoTime now = base::mono_now();
  for (const SessionState* session : invocation.services.sessions)
    fmt::format_to(
        std::back_inserter(text),
        "0x0: proto=unix_stream src=unix:1 fe=GLOBAL be=<NONE> srv=<none> ts=00 epoch=0 age={} calls=1 rate=0 "
        "cpu=0 lat=0 rq[f=00h,i=0,an=00h,rx=,wx=,ax=] rp[f=00h,i=0,an=00h,rx=,wx=,ax=] scf=[8,0h,fd={}] "
        "scb=[8,0h,fd=-1] exp= rc=0 c_exp=\n",
        duration_text(now - session->begun), session->socket);
}

// A number as HAProxy reads it: "0x…" or decimal; 0 for what is none.
uint64_t identifier_in(std::string_view word) {
  if (word.starts_with("0x") || word.starts_with("0X"))
    return base::parse_int<uint64_t>(word.substr(2), 16).value_or(0);
  return base::parse_int<uint64_t>(word).value_or(0);
}

// show sess [all | <id>]; anything else lists all, as with HAProxy.
void show_sess(Invocation& invocation) {
  const std::string_view what = invocation.argument(0);
  const uint64_t wanted = identifier_in(what);
  const bool details = what == "all" || wanted != 0;
  if (!invocation.services.engine) return;
  auto walk = std::make_shared<WorkerWalk>(invocation.services, invocation.wake,
                                           [wanted, details](stream::Stream& exchange, std::string& text) {
                                             const StreamFacts facts = exchange.facts();
                                             if (wanted && identifier_of(facts.transaction) != wanted) return false;
                                             const base::MonoTime now = base::mono_now();
                                             details ? append_details(facts, now, text) : append_line(facts, now, text);
                                             return wanted != 0;
                                           });
  std::string own;
  if (!details) append_own_sessions(invocation, own);
  invocation.more = [walk, wanted, own = std::move(own)](std::string& answer) {
    const More more = walk->more(answer);
    if (more != More::done) return more;
    answer += own;
    if (wanted && !walk->found()) answer += "Session not found.\n";
    return more;
  };
}

void shutdown_session(Invocation& invocation) {
  const uint64_t wanted = identifier_in(invocation.argument(0));
  if (!wanted) return invocation.refuse("Session pointer expected (use 'show sess').");
  if (!invocation.services.engine) return;
  auto walk = std::make_shared<WorkerWalk>(
      invocation.services, invocation.wake,
      [wanted](stream::Stream& exchange, std::string&) { return identifier_of(exchange.transaction()) == wanted; });
  walk->end_what_is_found(stream::Reason::killed);
  invocation.more = [walk](std::string& answer) {
    const More more = walk->more(answer);
    if (more == More::done && !walk->found()) answer += "No such session (use 'show sess').\n";
    return more;
  };
}

constexpr CommandRow kRows[] = {
    {.name = "show sess",
     .usage = "[id]",
     .doc = "report the list of current sessions or dump this exact session",
     .level = Level::operator_,
     .run = show_sess},
    {.name = "shutdown session",
     .usage = "[id]",
     .doc = "kill a specific session",
     .level = Level::admin,
     .run = shutdown_session},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
