// ServerConnection: a connection to a server: connecting, carrying one exchange, or idle in the pool.
//
//   connecting ─▶ (TLS handshake) ──connected──▶ busy ──release()──▶ idle ──take()──▶ busy
//        └─failed         └─failed                  └─ends                └─the server closes, or pool-purge-delay:
//        gone
//
// Owner: the stream that uses it, the IdlePool while it is idle. Thread: the worker's. Errors: states of Endpoint;
// connecting that fails is output() == failed before connected().
#pragma once

#include "base/intrusive.h"
#include "lbd/expr/transaction.h"
#include "lbd/server/server.h"
#include "lbd/stream/h1_endpoint.h"
#include "lbd/tls/transport.h"

namespace lbd::stream {

class Worker;
struct IdleTag;

class ServerConnection final : public H1Endpoint<Endpoint>, public base::ListHook<IdleTag> {
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
  };
  // Starts to connect. The Error is that of connect(2).
  static base::Result<std::unique_ptr<ServerConnection>> open(Worker& worker, server::Server& server,
                                                              const base::SockAddr& to, const config::Proxy& backend,
                                                              const Wish& wish, EndpointEvents& events);
  ServerConnection(Worker& worker, server::Server& server, base::Fd fd, const Wish& wish);
  ~ServerConnection() override;

  bool connected() const { return stage_ == Stage::connected; }
  // Null: in clear.
  const tls::TlsTransport* tls() const { return tls_; }
  // Why the handshake failed, if it was that.
  expr::ConnectionError handshake_error() const;
  // Requests that want another name in the handshake need another connection.
  uint64_t name_hash() const { return name_hash_; }
  static uint64_t hash_of(std::string_view server_name);
  uint32_t exchanges() const { return exchanges_; }
  server::Server& server() const { return server_; }

  // A new user; the connection is idle or just opened.
  void attach(EndpointEvents& events) { events_ = &events; }
  void detach();
  // Still open and silent, as an unused connection must be.
  bool alive() const { return !closed() && wire_input() == Wire::open && rx_.empty() && !output_failed(); }
  // The same, asked of the kernel if the connection got free in this turn of the loop, in which nobody has looked yet.
  bool alive_now() const;
  // Bytes that go before everything else (PROXY protocol); before send_request().
  void send_preface(std::string_view bytes) { tx_.append(io_.chunks, bytes); }
  // The request head; its body follows through put(). `response` is filled when the answer's head has come.
  void send_request(std::string_view head, http::BodyKind body, const http::Head& request, http::Head& response);
  void start_tunnel();  // mode tcp
  // The exchange is over: back to the pool if it may be used again, otherwise closed. Null `events_` from then on.
  bool reusable() const;
  static void release(std::unique_ptr<ServerConnection> connection, bool keep);
  void end(bool reset = false) { close(reset); }
  // Whether anything of an answer has come: a request that met a closing idle connection may be sent again if not.
  bool answered() const { return answered_; }
  Input input() const override { return head_bad_ ? Input::bad : H1Endpoint::input(); }

 private:
  void on_readable() override;
  void on_writable() override;
  void on_timeout() override;
  void read_response();
  bool begins_well(const http::Head& head, std::string_view behind) const;
  bool idle() const { return base::ListHook<IdleTag>::linked(); }
  void shake_hands();
  void connected_now();
  void connect_failed(int error);

  Worker& worker_;
  server::Server& server_;
  http::H1Parser parser_;
  http::Head* response_ = nullptr;  // what is waited for
  uint32_t exchanges_ = 0;
  base::MonoTime free_since_{};
  enum class Stage : uint8_t { connecting, handshake, connected } stage_ = Stage::connecting;
  tls::TlsTransport* tls_ = nullptr;                // the transport, from the beginning of the handshake on
  std::unique_ptr<tls::TlsTransport> waiting_tls_;  // until the connection is made
  uint64_t name_hash_ = 0;
  bool to_head_ = false, to_connect_ = false, to_upgrade_ = false;
  bool keep_alive_ = false, answered_ = false;
  bool head_bad_ = false;
};

}  // namespace lbd::stream
