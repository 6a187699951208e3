// ServerConnection: a connection to a server: connecting, carrying one exchange, or idle in the pool.
//
//   connecting ─▶ (TLS handshake) ──connected──▶ busy ──release()──▶ idle ──take()──▶ busy
//        └─failed         └─failed      │           └─ends                └─the server closes, or pool-purge-delay:
//                                       │                                 gone
//                                       └─HTTP/2─▶ shared: its streams are exchanges, until it has none and is not kept
//
// Owner: the stream that uses it, the IdlePool while it is idle; with HTTP/2 itself: the IdlePool lists it as long as
// it is open, and it stays until the last stream has left. Thread: the worker's. Errors: states of Endpoint;
// connecting that fails is output() == failed before connected().
#pragma once

#include "base/intrusive.h"
#include "lbd/expr/transaction.h"
#include "lbd/net/socks4.h"
#include "lbd/server/server.h"
#include "lbd/stream/back_endpoint.h"
#include "lbd/stream/h1_endpoint.h"
#include "lbd/stream/h2_back_session.h"
#include "lbd/stream/moved.h"
#include "lbd/tls/transport.h"

namespace lbd::stream {

class Worker;
struct IdleTag;
struct SharedTag;

class ServerConnection final : public H1Endpoint<BackEndpoint>,
                               public base::ListHook<IdleTag>,
                               public base::ListHook<SharedTag>,
                               private net::Deferred {
 public:
  // Where connections to a server come from; null: wherever the system likes.
  static const config::Source* source_of(const server::Server& server, const config::Proxy& backend) {
    const std::optional<config::Source>& own = server.config().source;
    return own ? &*own : backend.source ? &*backend.source : nullptr;
  }
  // What an exchange wants of its connection.
  struct Wish {
    std::optional<base::IpPort> shown;  // the address that the server is to see (usesrc)
    std::optional<uint32_t> mark, tos;  // of its packets
    SSL_CTX* tls = nullptr;             // null: in clear
    std::string_view server_name;       // in the handshake
    uint64_t name_hash = 0;             // of it, and of where this leads if that is not the server's address
    Protocol protocol = Protocol::configured;
  };
  // Starts to connect. The Error is that of connect(2).
  static base::Result<std::unique_ptr<ServerConnection>> open(Worker& worker, server::Server& server,
                                                              const base::SockAddr& to, const config::Proxy& backend,
                                                              const Wish& wish, EndpointEvents& events);
  ServerConnection(Worker& worker, server::Server& server, base::Fd fd, const Wish& wish);
  ~ServerConnection() override;

  int socket() const override { return fd(); }
  ServerConnection* own_wire() override { return h2_ || tls_ ? nullptr : this; }
  // For another process, and what that one goes on with: a tunnel.
  MovedWire move_away();
  void go_on(const MovedWire& moved);
  const tls::TlsTransport* tls() const override { return tls_; }
  expr::ConnectionError handshake_error() const override;
  // Requests that want another name in the handshake, or to go elsewhere, need another connection.
  uint64_t name_hash() const { return name_hash_; }
  static uint64_t hash_of(std::string_view server_name);
  uint32_t exchanges() const { return exchanges_; }
  // False: the server has moved since.
  bool leads_to_server() const { return &server_.address() == &dialed_; }
  server::Server& server() const { return server_; }
  Worker& worker() const { return worker_; }

  // What strict-maxconn permitted; it is given back when the connection is gone.
  void hold(server::Permit permit) { permit_ = std::move(permit); }

  // A new user; the connection is idle or just opened.
  void attach(EndpointEvents& events) { events_ = &events; }
  // Still open and silent, as an unused connection must be.
  bool alive() const override { return !closed() && wire_input() == Wire::open && rx_.empty() && !output_failed(); }
  // The same, asked of the kernel if the connection got free in this turn of the loop, in which nobody has looked yet.
  bool alive_now() const;
  // Bytes that go before everything else (PROXY protocol); before send_request().
  void send_preface(std::string_view bytes) { tx_.append(io_.chunks, bytes); }
  void send_request(const Request& request, http::Head& response) override;
  void start_tunnel() override;
  void bind_to_client() override { bound_ = true; }
  bool bound() const { return bound_; }
  bool reusable() const override;
  bool answered() const override { return answered_; }
  bool refused() const override { return false; }
  bool hung_up() const override { return wire_input() != Wire::open; }
  bool paused() const override { return net::Connection::paused(); }
  size_t unread() const override { return rx_.size(); }
  size_t counted_payload() const override;
  size_t unsent() const override { return tx_.size(); }
  std::string_view peek() override { return H1Endpoint::peek(); }
  void become_tunnel() override { H1Endpoint::become_tunnel(); }
  Complaint complaint() const override { return complaint_; }
  Input input() const override { return head_bad_ ? Input::bad : H1Endpoint::input(); }

  // Idle in the pool, it is not needed any more.
  void discard();

  // --- with HTTP/2
  // Whether an exchange with this claim may join.
  bool takes(const Claim& claim) const;
  std::unique_ptr<BackEndpoint> add_stream(EndpointEvents& events, const Claim& claim);
  bool resting() const { return resting_; }  // counted as idle
  void flush_later() { io_.defer(*this); }
  void h2_stream_over();
  // Nothing more joins; it closes when it has no streams.
  void retire();
  // It closes now.
  void drop();

 private:
  void on_readable() override;
  void on_writable() override;
  void on_timeout() override;
  bool end_is_meant() const override { return !tls_ || !tls_->cut_off(); }
  void read_response();
  bool begins_well(const http::Head& head, std::string_view behind) const;
  std::unique_ptr<BackEndpoint> become_ready(EndpointEvents& events, const Claim& claim) override;
  void leave(bool keep, KeptServers* client) override;
  void detach();
  bool wanted_elsewhere() const { return server_.permits() && server_.permits()->wanted(); }
  bool may_be_kept() const;
  bool speaks_h2() const;
  void read_h2();
  void before_sleep() override;
  void rest(bool resting);
  void await_use();
  bool idle() const { return base::ListHook<IdleTag>::linked(); }
  void begin_talk();
  void hear_proxy(net::Socks4::Step step);
  void shake_hands();
  void connected_now();
  void connect_failed(int error);

  Worker& worker_;
  server::Server& server_;
  server::Permit permit_;
  const base::SockAddr& dialed_;  // the server's address when this was opened
  http::H1Parser parser_;
  http::Head* response_ = nullptr;  // what is waited for
  uint32_t exchanges_ = 0;
  base::MonoTime free_since_{};
  base::MonoTime purge_at_ = base::kNever;  // at rest, with idle-ping
  enum class Stage : uint8_t { connecting, proxy, handshake, connected } stage_ = Stage::connecting;
  tls::TlsTransport* tls_ = nullptr;                // the transport, from the beginning of the handshake on
  std::unique_ptr<tls::TlsTransport> waiting_tls_;  // until the connection is made
  std::unique_ptr<net::Socks4> socks4_;             // until the proxy has led to the server
  uint64_t name_hash_ = 0;
  std::unique_ptr<H2BackSession> h2_;
  Claim claim_;  // of those that use it
  Protocol protocol_;
  bool retiring_ = false, resting_ = false;
  bool to_head_ = false, to_connect_ = false, to_upgrade_ = false;
  bool keep_alive_ = false, answered_ = false;
  bool head_bad_ = false, bound_ = false;
  Complaint complaint_;       // with head_bad_
  uint32_t head_length_ = 0;  // of the answer's head while it is looked at
};

}  // namespace lbd::stream
