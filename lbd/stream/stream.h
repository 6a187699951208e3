// Stream: one exchange between a client and a server (or the proxy itself): what mode tcp and mode http share.
//
//   rules ─▶ attach(): server chosen, queued, connected or taken from the pool ─▶ on_attached() ─▶ pump() both ways
//         ─▶ finish(): counters, log line, connections back to where they belong
//
// pump() moves payload from one endpoint into the other as far as there is room; room on one side is credit for the
// other. Every early end goes through fail() with a Reason, from which status and termination state follow.
// Owner: the client's side. Thread: the worker's. Life: ends in the graveyard after finish().
#pragma once

#include <array>
#include <memory>

#include "base/lazy_timer.h"
#include "lbd/compression/compressor.h"
#include "lbd/expr/transaction.h"
#include "lbd/log/trace_log.h"
#include "lbd/net/io.h"
#include "lbd/server/queue.h"
#include "lbd/stream/back_endpoint.h"
#include "lbd/stream/close.h"
#include "lbd/stream/engine.h"
#include "lbd/stream/front_endpoint.h"
#include "lbd/stream/moved.h"
#include "lbd/stream/replay.h"

namespace lbd::stream {

struct StreamFacts;

class ServerConnection;

class Stream : public net::Mortal, public EndpointEvents, protected server::Waiter, private base::Errand::Sender {
 public:
  Stream(Worker& worker, FrontEndpoint& client, Site& site);
  ~Stream() override;
  void kill(Reason reason);  // hard stop, or its server went down
  // False: granted() will still be called; whoever ends the stream keeps it until then.
  bool disposable() const { return !slot_coming_; }
  const expr::Transaction& transaction() const { return txn_; }
  StreamFacts facts() const;
  // The server is not in its backend any more. False: this exchange uses it.
  bool forget(const server::Server& server);

  // --- moving.cc: a tunnel that goes on in another process
  // Null: it cannot.
  virtual ServerConnection* movable() = 0;
  MovedTunnel describe();
  // Nothing of it ended, so nothing is counted or logged.
  void leave_behind();

 protected:
  // --- attach.cc: from the choice of a server to a connection to it
  void attach();
  virtual void on_attached() = 0;
  virtual void fail(Reason reason) = 0;
  void granted(server::Server& server) override;
  void turned_away() override;
  void slot_will_not_come();
  void seek_home();
  // The server that the client's cookie names; `unused`: it is not to be followed.
  virtual server::Server* server_of_cookie(bool /*unused*/, bool /*even_if_down*/) { return nullptr; }
  // The server sends a challenge that makes the connection the client's own.
  void bind_connection();
  // Whether what binds the client to a server has chosen this one.
  bool at_home() const { return at_home_; }
  void connect_to(server::Server& server);
  // strict-maxconn: whether one more connection may be opened; false: that is waited for.
  bool permitted(server::Server& server);
  base::SockAddr destination(const server::Server& server) const;
  std::unique_ptr<BackEndpoint> used_connection(server::Server& server, BackEndpoint::Protocol protocol,
                                                uint64_t name_hash);
  void send_proxy_header(ServerConnection& connection, uint8_t version);
  void append_proxy_v2(std::string& header);
  std::optional<base::IpPort> shown_source(const server::Server& server) const;
  void on_connecting(Endpoint& back);
  void connected();
  void connect_failed(Reason reason);
  void retry_now();
  // A server has failed behind the connection: the request goes to the same, or with redispatch to another.
  void again();
  void count_retry(const server::Server& next);
  void leave_server();
  void release_slot();
  // For `observe` of the server line.
  void observe(Outcome outcome) {
    if (!txn_.server->config().observe.empty()) [[unlikely]]
      tell_observer(outcome);
  }
  // The server connection met its end before an answer began, or the server has not looked at the request; true: it
  // goes out again.
  bool retry_after_race();
  virtual bool replayable() const { return false; }
  // The exchange asks to become a WebSocket.
  virtual bool websocket() const { return false; }
  // The server only says where to go instead: answered.
  virtual bool redirected_by(const server::Server&) { return false; }

  // --- moving.cc
  // Bytes are all that passes, both ways, with nothing that only this process knows.
  ServerConnection* wire_of_tunnel();
  // What was described; the connection to the server is `back_` then. Null: it has no place here.
  bool resume(MovedTunnel& moved);

  // --- forward.cc
  struct Flow {
    uint64_t bytes = 0;
    bool finished = false;  // the end was passed on
  };
  void pump(Endpoint& from, Endpoint& to, Flow& flow);
  // Payload that went another way counts against set-bandwidth-limit, too.
  void charge(const Flow& flow, size_t bytes);
  // Payload of an answer that a cache keeps.
  void keep_for_cache(const base::Buffer& piece) {
    if (txn_.cache && txn_.cache->recording) txn_.cache->recording->append(piece);
  }
  void update_timeouts();
  // option independent-streams: each direction of the server's connection has a time of its own.
  struct Waiting {
    bool waits = false;
    uint64_t bytes = 0;
    base::MonoTime since{};  // the last bytes, or the beginning
    // When it has lasted too long.
    base::MonoTime until(bool waits_now, uint64_t bytes_now, base::MonoTime now, base::Nanos allowed);
  };
  struct Apart {
    Waiting from_server, to_server;
  };
  base::Nanos server_timeout() const {
    return txn_.timeout_server.count() >= 0 ? base::Nanos(txn_.timeout_server) : back_site_->timeouts.server;
  }

  base::Nanos client_timeout() const {
    return txn_.timeout_client.count() >= 0 ? base::Nanos(txn_.timeout_client) : site_.timeouts.client;
  }
  base::Nanos tunnel_timeout() const {
    return txn_.timeout_tunnel.count() >= 0 ? base::Nanos(txn_.timeout_tunnel) : back_site_->timeouts.tunnel;
  }

  // The end: termination state, counters, log line; then the client connection goes on or ends.
  void finish(Reason reason, bool keep_client, bool keep_server);
  void enter_backend(Site& site);
  BackEndpoint::Claim claim() const;
  void release_back(bool keep);
  // Null where there is none.
  struct Counted {
    server::Counters *frontend, *backend, *server, *listener;
  };
  Counted counted();
  // What a rule did: of everything that the exchange is part of by now.
  void count_everywhere(server::Counter server::Counters::*what);
  // Bytes without messages: mode tcp, and HTTP after an upgrade or CONNECT.
  virtual bool tunnelling() const = 0;
  virtual void count_bytes() = 0;  // bytes_in and bytes_out of the transaction
  void tell_bytes();               // what the counters do not know of them
  void note_load();
  void note_termination(Reason reason);
  void log_now();                      // before the end: option logasap
  bool aborted_while_waiting() const;  // option abortonclose and the client is gone

  // While the worker does something for this exchange: counted, and measured with profiling.tasks. Those within
  // another are part of it.
  class Turn {
   public:
    explicit Turn(Stream& stream);
    ~Turn();

   private:
    Stream* stream_;  // null: within another
    base::MonoTime begun_ = base::kNever;
  };

  Worker& worker_;
  FrontEndpoint& client_;
  Site& site_;       // of the frontend
  Site* back_site_;  // of the backend, null until it is known
  base::Arena arena_;
  expr::Transaction txn_;
  log::TraceLog log_trace_;
  std::unique_ptr<BackEndpoint> back_;
  Flow request_, response_;
  std::unique_ptr<Apart> apart_;  // null: what passes in one direction renews the timeout of the other
  Replay replay_;
  std::unique_ptr<compression::Compressor> compressor_;          // null: answers go as they come
  std::unique_ptr<compression::Compressor> request_compressor_;  // likewise
  bool bypasses_compression_ = false;                            // it should be compressed, but is not
  Phase phase_ = Phase::request;
  bool finished_ = false;
  bool logged_ = false;  // option logasap
  uint64_t told_in_ = 0, told_out_ = 0;
  bool rules_waiting_ = false;
  bool client_speaks_h2_ = false, server_speaks_h2_ = false;
  bool in_turn_ = false;

  void on_timer();
  base::LazyTimer timer_;  // queue, turn-around, tarpit: one at a time

 private:
  bool keeps_trailers(const Flow& flow) const;
  size_t allowance(const Flow& flow);
  void on_allowance();
  void count_end(Reason reason);
  void count_compression();
  void count_times(server::Counters& counters);
  void count_for_tracks(Reason reason);
  void choose(server::Server& server);
  void tell_observer(Outcome outcome);
  server::Server* last_server() const;
  server::Server* queue_owner() const;
  // --- trace.cc: what a listener is told
  void trace_backend() const;
  void trace_server(const server::Server& server);
  void trace_queue();
  void trace_end(Reason reason) const;
  void note_place();
  std::unique_ptr<base::LazyTimer> allowance_timer_;  // while set-bandwidth-limit holds something back
  uint32_t* queue_before_ = nullptr;                  // what the queue waited in counts for
  server::Server* slot_of_ = nullptr;                 // whose slot we hold
  server::Permit permit_;                             // for the connection that is to be opened
  bool awaits_permit_ = false;                        // queued for it, not for a slot
  server::Server* avoid_ = nullptr;                   // failed before: another one if there is one
  std::optional<balance::Wish> home_;                 // where the client belongs; set when that was asked
  bool at_home_ = false;
  bool by_habit_ = false;  // `home_` is only where the client was before
  bool bound_ = false;     // nobody else may have the server connection any more
  bool forced_ = false;    // force-persist
  bool reused_ = false;
  bool tried_ = false;  // the server has failed, and is to be tried again, or another
  bool waiting_retry_ = false;
  bool slot_coming_ = false;  // ended while a slot was being granted
  virtual void on_tarpit_over() {}
  virtual void on_rules_due() = 0;  // a rule has waited long enough
  void errand_done() override;
  virtual void on_errand_done() = 0;  // a rule waits for an errand, and may go on
};

}  // namespace lbd::stream
