// Session and Transaction: the facts about a client connection and about one exchange on it, that fetches, rules,
// balancing and log tags read and actions change. Plain data, owned by the stream; no behaviour.
//
// Life: a Session as long as the client connection, a Transaction as long as one exchange (mode tcp: the whole
// connection). Thread: that of the worker. Views point into `arena` or the chunk of the head unless said otherwise.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/addr.h"
#include "base/arena.h"
#include "base/errand.h"
#include "base/rate_window.h"
#include "base/time.h"
#include "lbd/cache/visit.h"
#include "lbd/expr/connection_error.h"
#include "lbd/expr/vars.h"
#include "lbd/http/head.h"
#include "lbd/server/server.h"
#include "lbd/table/tracks.h"

namespace lbd::net {
class Connection;
}
namespace lbd::tls {
class TlsTransport;
}

namespace lbd::expr {

struct Process;
class Trace;

// What a PROXY protocol header told, beyond addresses.
struct ProxyTold {
  std::string authority, unique_id;  // empty: not told
};

// What comes before everything else on a connection.
enum class Preface : uint8_t { none, proxy, netscaler };

struct Session {
  base::IpPort src, dst;  // what rules and logs see (PROXY protocol and set-src change them)
  server::Frontend* frontend = nullptr;
  const config::Bind* bind = nullptr;
  uint32_t bind_index = 0;  // number of the listener (so_id)
  // Where the times of an exchange begin: when it was accepted; later, when the exchange before it was over (of HTTP/2:
  // when it began).
  base::WallTime accepted;
  base::MonoTime accepted_mono;
  base::Nanos handshakes{0};                    // behind that moment: PROXY protocol and TLS, before the first exchange
  const net::Connection* connection = nullptr;  // null: none, when a request is only explained
  uint32_t worker = 0;                          // the number of the thread that carries it
  std::unique_ptr<const ProxyTold> proxy;       // null: no PROXY header came
  Preface preface = Preface::none;              // as a rule says
  ConnectionError error = ConnectionError::none;
  const server::Listener* listener = nullptr;  // it came through; null: none
  bool tls = false;
  const tls::TlsTransport* tls_transport = nullptr;  // null: in clear, or only explained
  std::string_view explained_name;                   // then: the server that its TLS asks for
  uint32_t requests = 0;                             // exchanges begun on it
  Vars vars;                                         // sess.
  table::Tracks tracks;                              // of tcp-request connection and session
  Trace* trace = nullptr;                            // told of every exchange on it

  // The next exchange is waited for from now on.
  void start_over(base::MonoTime now) {
    accepted += std::chrono::duration_cast<base::Micros>(now - accepted_mono);
    accepted_mono = now;
    handshakes = {};
  }
};

// Termination state: HAProxy's two letters, and the two for cookies (manual 8.5).
struct Termination {
  char cause = '-';  // C S P L R I D U K c s -
  char phase = '-';  // R Q C H D L T -
  char cookie_request = '-', cookie_response = '-';
};

// Moments of one exchange; kNever: not reached. The log's durations are differences (manual 8.4).
struct Moments {
  base::WallTime accepted_wall;                 // %t: as the session says when the exchange begins
  base::WallTime request_wall;                  // %tr
  base::Nanos handshakes{0};                    // %Th
  base::MonoTime accepted = base::kNever;       // the same moment as accepted_wall
  base::MonoTime request_start = base::kNever;  // first byte
  base::MonoTime request_done = base::kNever;   // head complete
  base::MonoTime queued_until = base::kNever;   // a server was assigned
  base::MonoTime connected = base::kNever;
  base::MonoTime response_head = base::kNever;
  base::MonoTime end = base::kNever;
};

// What set-bandwidth-limit switched on for this exchange; in its arena.
struct BandwidthLimit {
  const config::BandwidthFilter* filter = nullptr;
  uint64_t bytes = 0;  // a period
  base::Millis period{0};
  base::RateWindow spent;         // of this stream, when the limit is its own
  table::Table* table = nullptr;  // of a limit that streams share, and which entry
  std::string_view key;
  BandwidthLimit* next = nullptr;
};

// A key under which `stick` rules enter the server of this exchange; in its arena.
struct StickStore {
  const config::StickTable* table = nullptr;
  std::string_view key;
  StickStore* next = nullptr;
};

// What logs show for a request that could not be read, or that there is none of.
inline constexpr std::string_view kBadRequest = "<BADREQ>";

struct Transaction {
  Transaction(Session& s, base::Arena& a) : session(s), arena(a), src(s.src), dst(s.dst), trace(s.trace) {
    at.accepted_wall = s.accepted;
    at.accepted = s.accepted_mono;
    at.handshakes = s.handshakes;
  }

  // For what no client began: a health check, a line of the global section, a command. `name` stands for the names of
  // its proxies: "CHECKS-FE", "CFG", "CLI".
  void begin_inside(std::string_view name) {
    inside = name;
    at.accepted_wall = at.request_wall = base::wall_now();
    at.accepted = at.request_start = at.end = base::mono_now();
    termination = {'P', 'R'};
  }

  Session& session;
  base::Arena& arena;
  const Process* process = nullptr;  // set by whoever begins the exchange
  base::IpPort src, dst;             // those of the session, or what set-src and set-dst made of them for this exchange
  Trace* trace;                      // told what is decided; null: nobody listens
  Trace* log_trace = nullptr;        // who listens from `http-request trace` on
  http::Head* request = nullptr;     // null in mode tcp and before the head is there
  http::Head* response = nullptr;    // null before the response and in request phases
  std::string_view payload;          // mode tcp, or the body (without framing): what has been received so far
  bool payload_final = false;        // no more of it will come before the rules end: full, ended, or waited enough
  std::string_view response_payload;  // the same of the server's side
  bool response_payload_final = false;

  std::string_view inside;                        // see begin_inside(); empty: a client began it
  server::Frontend* frontend = nullptr;           // null: inside
  server::Backend* backend = nullptr;             // the frontend's own (listen) or what was switched to; null: none yet
  server::Server* server = nullptr;               // null: <NOSRV>
  const tls::TlsTransport* server_tls = nullptr;  // null: the connection to it is in clear, or there is none
  ConnectionError server_error = ConnectionError::none;
  unsigned long server_tls_failure = 0;  // OpenSSL's code, of a connection that is gone
  bool answered_by_proxy = false;        // <STATS>, errors, return: what the log shows for the server
  std::string_view service;              // "STATS", "PROMEX" … when a service answered

  Moments at;
  Termination termination;
  uint16_t status = 0;
  uint64_t bytes_in = 0, bytes_out = 0;  // from the client, to the client
  uint32_t retries = 0;
  bool redispatched = false;
  uint32_t queue_before_server = 0, queue_before_backend = 0;
  // as they were when the log line is written
  uint32_t connections_now = 0, frontend_now = 0, backend_now = 0, server_now = 0;

  std::string_view request_line;                 // copied, at most tune.http.logurilen
  base::IpPort server_source;                    // %bi %bp
  std::span<std::string_view> request_captures;  // slots declared by capture lines
  std::span<std::string_view> response_captures;
  std::span<const uint32_t> request_capture_lengths, response_capture_lengths;
  std::string_view request_cookie, response_cookie;  // capture cookie: %CC, %CS
  std::string_view unique_id;
  std::string_view compression;  // the algorithm that the answer is compressed with, "" for none
  int log_level = -2;            // http-request set-log-level: -1 silent, -2 as configured
  bool first_request = false;    // of its connection
  bool strict_rewrites = true;   // a rewrite that does not fit is an internal error
  bool may_retry = true;         // disable-l7-retry; failed connections are tried again anyway
  // http-request set-timeout; -1: as configured
  base::Millis timeout_server{-1}, timeout_tunnel{-1}, timeout_client{-1};
  int priority_class = 0, priority_offset = 0;      // set-priority-*: order in the queue
  std::optional<uint32_t> server_mark, server_tos;  // of the connection to the server: set-bc-mark, set-bc-tos
  bool body_whole = false;                          // no more of the body will be shown to rules
  BandwidthLimit* bandwidth = nullptr;              // the first of them
  base::MonoTime rule_waits_until = base::kNever;   // of the rule that waits for a while, or for a body
  base::PendingErrand errand;                       // what a rule waits for that another thread finds out
  base::Mailbox* home = nullptr;                    // of the loop that carries it; null: rules cannot send errands
  base::Errand::Sender* waits = nullptr;            // whom an errand wakes
  const cfg::Location* last_rule = nullptr;         // the rule that ended the last set that one ended
  base::MonoTime now;                               // of this evaluation
  // What the worker has spent on it: turns, and with profiling.tasks their time, and how long they waited before.
  uint32_t turns = 0;
  base::Nanos spent{0}, waited{0};
  uint64_t id = 0;
  std::unique_ptr<cache::Visit> cache;  // null: no rule asked one
  bool health_check = false;            // of a server: nobody has asked for it
  Vars vars;                            // txn. req. res., or check.
  StickStore* stick_stores = nullptr;   // the last of them
  table::Tracks tracks;
  void count(config::DataEvent event, uint64_t amount = 1) {  // for all that it and its session track
    tracks.count(event, amount, now);
    session.tracks.count(event, amount, now, &tracks);
  }
};

}  // namespace lbd::expr
