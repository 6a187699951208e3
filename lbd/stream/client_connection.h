// ClientConnection: a connection from a client, from accept to close. In mode http it reads one request after the
// other and gives each to an HttpStream; in mode tcp it is one TcpStream's front for its whole life.
//
//   (PROXY header) ─▶ (TLS handshake) ─▶ idle ──first byte──▶ head ──complete──▶ exchange ──kept──▶ idle
//                  │                      └─ timeout, close      └─ bad, timeout       └─ not kept ─▶ lingering ─▶ gone
//
//                  └─ HTTP/2: all is with the H2FrontSession
//
// Idle it holds neither buffers nor a stream. Lingering: our direction is shut and what the client still sends is
// dropped for a while, so that the answer is not lost in a reset. Owner: the worker's list. Thread: the worker's.
#pragma once

#include <functional>

#include "base/intrusive.h"
#include "lbd/expr/transaction.h"
#include "lbd/rules/ruleset.h"
#include "lbd/stream/close.h"
#include "lbd/stream/front_endpoint.h"
#include "lbd/stream/h1_endpoint.h"
#include "lbd/stream/h2_front_session.h"
#include "lbd/stream/kept_servers.h"
#include "lbd/stream/moved.h"

namespace lbd::stream {

class HttpStream;
class Port;
class ServerConnection;
class Stream;
class Worker;

class ClientConnection final : public H1Endpoint<FrontEndpoint>, public base::ListHook<>, private net::Deferred {
 public:
  ClientConnection(Worker& worker, Port& port, base::Fd fd, const base::SockAddr& from);
  ~ClientConnection() override;
  void start();

  Worker& worker() const { return worker_; }
  Port& port() const { return port_; }

  // --- for the stream
  expr::Session& session() override { return session_; }
  uint64_t client_id() const override { return id_; }
  bool input_complete() const override { return in_.done(); }
  bool hung_up() const override { return wire_input() != Wire::open; }
  size_t unread() const override { return rx_.size(); }
  bool paused() const override { return net::Connection::paused(); }
  void send_informational(const http::Head& head, const Writing& writing) override;
  void send_response(const http::Head& head, http::BodyKind body, bool close_after, const Writing& writing) override;
  void send_bare(const http::StoredReply& page, base::Arena& arena) override;
  void put_text(std::string_view payload) override { tx_.append(io_.chunks, payload); }
  size_t unsent() const override { return tx_.size(); }
  void become_tunnel() override { H1Endpoint::become_tunnel(); }
  void exchange_over(bool keep) override;
  void vanish(std::optional<uint8_t> ttl = {}) override;
  KeptServers& kept_servers() override { return kept_servers_; }
  // Mode tcp: what has come and will come is HTTP. The stream is gone then, without a trace.
  void become_http();
  // --- for its HTTP/2 session
  void flush_later() { io_.defer(*this); }
  void h2_stream_begins();
  void h2_stream_over();
  void dispose(std::unique_ptr<Stream> stream);

  // --- for the worker: nothing is under way here.
  bool idle() const { return state_ == State::idle; }
  // To the process after us, if it can go on there: between two exchanges, or as a tunnel. False: it stays.
  bool move_to(Successor& successor);
  void go_on(MovedConnection& moved);
  void stop(bool hard);
  void see_off();
  void end_exchange_on(const server::Server& server, Reason reason);
  // Those that are under way.
  void for_each_exchange(const std::function<void(Stream&)>& visit);

 private:
  enum class State : uint8_t { preface, handshake, idle, head, exchange, h2, lingering, closed };
  void on_readable() override;
  void on_writable() override;
  void on_timeout() override;
  bool admitted(const rules::RuleSet& rules, server::Counter server::Counters::*denied);
  // For the frontend and the listener.
  void count(server::Counter server::Counters::*what);
  void read_preface();
  void read_proxy_header();
  void read_netscaler_header();
  void refuse(expr::ConnectionError error);
  void begin_session();
  void shake_hands();
  bool handshake_ended();
  void begin_http();
  // --- client_h2.cc
  void begin_h2();
  std::optional<std::string_view> settings_of_upgrade(const http::Head& request) const;
  void upgrade_to_h2(const http::Head& request, std::string_view settings, size_t length);  // bytes of its head
  void read_h2();
  void before_sleep() override;
  void end_h2(Reason reason);
  void wait_for_request();
  void read_request();
  void read_during_exchange();
  void linger();
  void gone();

  Worker& worker_;
  Port& port_;
  expr::Session session_;
  uint64_t id_;
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<H2FrontSession> h2_;
  KeptServers kept_servers_;
  http::H1Parser parser_;
  State state_ = State::idle;
  bool early_ = false;  // it speaks before its handshake is over
};

}  // namespace lbd::stream
