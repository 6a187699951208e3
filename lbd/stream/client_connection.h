// ClientConnection: a connection from a client, from accept to close. In mode http it reads one request after the
// other and gives each to an HttpStream; in mode tcp it is one TcpStream's front for its whole life.
//
//   (PROXY header) ─▶ idle ──first byte──▶ head ──complete──▶ exchange ──kept──▶ idle
//                      └─ timeout, close      └─ bad, timeout       └─ not kept ─▶ lingering ─▶ gone
//
// Idle it holds neither buffers nor a stream. Lingering: our direction is shut and what the client still sends is
// dropped for a while, so that the answer is not lost in a reset. Owner: the worker's list. Thread: the worker's.
#pragma once

#include "base/intrusive.h"
#include "lbd/expr/transaction.h"
#include "lbd/rules/ruleset.h"
#include "lbd/stream/close.h"
#include "lbd/stream/h1_endpoint.h"

namespace lbd::stream {

class HttpStream;
class Port;
class ServerConnection;
class Stream;
class Worker;

class ClientConnection final : public H1Endpoint, public base::ListHook<> {
 public:
  ClientConnection(Worker& worker, Port& port, base::Fd fd, const base::SockAddr& from);
  ~ClientConnection() override;
  void start();

  Worker& worker() const { return worker_; }
  Port& port() const { return port_; }
  expr::Session& session() { return session_; }

  // --- for the stream
  bool input_complete() const { return in_.done(); }
  void send_head(std::string_view head);
  void begin_body(http::BodyKind body, bool close_after) { start_output(body, close_after); }
  // The exchange is over and logged. `keep`: the connection may carry another.
  void exchange_over(bool keep);
  void vanish(std::optional<uint8_t> ttl = {});  // without telling the client (silent-drop)
  // Mode tcp: what has come and will come is HTTP. The stream is gone then, without a trace.
  void become_http();
  // A server connection that only this client may use again: http-reuse never, send-proxy.
  std::unique_ptr<ServerConnection> kept_server;

  // --- for the worker: nothing is under way here.
  bool idle() const { return state_ == State::idle; }
  void stop(bool hard);
  void end_exchange_on(const server::Server& server, Reason reason);

 private:
  enum class State : uint8_t { proxy_header, idle, head, exchange, lingering, closed };
  void on_readable() override;
  void on_timeout() override;
  bool admitted(const rules::RuleSet& rules, server::Counter server::Counters::*denied);
  void read_proxy_header();
  void refuse(expr::ConnectionError error);
  void begin_http();
  void read_request();
  void read_during_exchange();
  void dispose_stream();
  void linger();
  void gone();

  Worker& worker_;
  Port& port_;
  expr::Session session_;
  std::unique_ptr<Stream> stream_;
  http::H1Parser parser_;
  State state_ = State::idle;
};

}  // namespace lbd::stream
