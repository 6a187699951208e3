#include "lbd/stream/server_connection.h"

#include <sys/socket.h>

#include "lbd/http/trailers.h"
#include "lbd/net/socket.h"
#include "lbd/stream/worker.h"

namespace lbd::stream {

base::Result<std::unique_ptr<ServerConnection>> ServerConnection::open(Worker& worker, server::Server& server,
                                                                       const base::SockAddr& to,
                                                                       const config::Proxy& backend, const Wish& wish,
                                                                       EndpointEvents& events) {
  const config::Server& config = server.config();
  const config::Tune& tune = worker.engine().config().global.tune;
  net::ConnectOptions options;
  options.source = source_of(server, backend);
  options.shown = wish.shown ? &*wish.shown : nullptr;
  options.tcp_user_timeout = config.tcp_user_timeout;
  options.socket = {backend.has(config::Option::srvtcpka),
                    backend.server_keepalive,
                    tune.rcvbuf_server,
                    tune.sndbuf_server,
                    tune.notsent_lowat_server,
                    backend.has(config::Option::nolinger),
                    wish.mark,
                    wish.tos};
  base::Fd fd = worker.stand_in ? TRY(worker.stand_in->connect(server)) : TRY(net::start_connect(to, options));
  auto connection = std::make_unique<ServerConnection>(worker, server, std::move(fd), wish);
  connection->attach(events);
  return connection;
}

uint64_t ServerConnection::hash_of(std::string_view server_name) {
  return std::hash<std::string_view>()(server_name);
}

ServerConnection::ServerConnection(Worker& worker, server::Server& server, base::Fd fd, const Wish& wish)
    : H1Endpoint(worker, std::move(fd), net::plain_transport()), worker_(worker), server_(server) {
  if (wish.tls && !worker.stand_in) {
    waiting_tls_ = std::make_unique<tls::TlsTransport>(wish.tls, tls::TlsTransport::Side::server);
    worker.engine().tls.prepare(waiting_tls_->ssl(), server.config(), worker.index(), wish.server_name);
    // HTTP/2 is not spoken to servers: one that could choose it would not be understood.
    if (server.backend().config().mode == config::Mode::http && server.config().tls.alpn)
      waiting_tls_->offer("http/1.1");
    name_hash_ = hash_of(wish.server_name);
  }
  watch(EV_WRITE | EV_READ);
}

ServerConnection::~ServerConnection() {
  base::ListHook<IdleTag>::unlink();
}

void ServerConnection::send_request(std::string_view head, http::BodyKind body, const http::Head& request,
                                    http::Head& response) {
  to_head_ = request.method == http::Method::head;
  to_connect_ = request.method == http::Method::connect;
  to_upgrade_ = request.upgrade;
  response_ = &response;
  answered_ = keep_alive_ = head_bad_ = false;
  ++exchanges_;
  parser_.reset();
  end_exchange();
  start_output(body, false);
  tx_.append(io_.chunks, head);
}

void ServerConnection::start_tunnel() {
  ++exchanges_;
  become_tunnel();
}

bool ServerConnection::reusable() const {
  return keep_alive_ && !tunnel() && !closed() && !output_failed() && input_reusable() && rx_.empty() &&
         output() == Output::drained;
}

bool ServerConnection::alive_now() const {
  // A TLS server may send tickets at any time: what the kernel has says nothing.
  if (!alive() || tls_ || free_since_ != io_.loop.now()) return alive();
  char byte;
  return ::recv(fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

void ServerConnection::detach() {
  events_ = nullptr;
  free_since_ = io_.loop.now();
  response_ = nullptr;
  clear_timeout();
  end_exchange();
  resume_reading();
}

void ServerConnection::release(std::unique_ptr<ServerConnection> connection, bool keep) {
  ServerConnection& self = *connection;
  self.detach();
  Worker& worker = self.worker_;
  const config::Server& config = self.server_.config();
  IdlePool& pool = worker.idle(self.server_);
  bool room = config.pool_max_conn < 0 || pool.size() < static_cast<size_t>(config.pool_max_conn);
  if (keep && room && self.exchanges_ <= config.max_reuse && self.server_.up() && !worker.stopping()) {
    self.net::Connection::set_timeout(config.pool_purge_delay);
    pool.put(std::move(connection));
    return;
  }
  self.close();
  worker.graveyard.bury(std::move(connection));
}

void ServerConnection::on_writable() {
  switch (stage_) {
    case Stage::connected:
      return H1Endpoint::on_writable();
    case Stage::handshake:
      return shake_hands();
    case Stage::connecting:
      break;
  }
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error) return connect_failed(error);
  watch(EV_READ);
  if (!waiting_tls_) return connected_now();
  // What goes before TLS (PROXY protocol).
  if (send() == Sent::error) return connect_failed(last_errno());
  if (!tx_.empty()) return;
  tls_ = waiting_tls_.release();
  change_transport(*tls_);
  stage_ = Stage::handshake;
  shake_hands();
}

void ServerConnection::shake_hands() {
  switch (handshake()) {
    case Got::bytes:
      return connected_now();
    case Got::nothing:
      return;
    case Got::end:
      return connect_failed(ECONNRESET);
    case Got::error:
      return connect_failed(last_errno());
  }
}

expr::ConnectionError ServerConnection::handshake_error() const {
  if (stage_ != Stage::handshake || !output_failed()) return expr::ConnectionError::none;
  const long verified = SSL_get_verify_result(tls_->ssl());
  if (verified != X509_V_ERR_HOSTNAME_MISMATCH && verified != X509_V_ERR_IP_ADDRESS_MISMATCH)
    return expr::ConnectionError::tls_handshake;
  return SSL_get_servername(tls_->ssl(), TLSEXT_NAMETYPE_host_name) ? expr::ConnectionError::tls_server_name
                                                                    : expr::ConnectionError::tls_server_certificate;
}

void ServerConnection::connected_now() {
  stage_ = Stage::connected;
  if (events_) events_->on_output(*this);
}

void ServerConnection::connect_failed(int error) {
  note_output_failed(error);
  watch(0);
  if (events_) events_->on_output(*this);
}

void ServerConnection::on_readable() {
  if (stage_ == Stage::handshake) return shake_hands();
  if (stage_ == Stage::connecting) return;  // an error on the way; on_writable() tells
  Got got = receive();
  if (got == Got::nothing) return;
  if (idle()) {
    // The server closed it, or speaks without having been asked: either way it is of no use any more.
    std::unique_ptr<ServerConnection> self = worker_.idle(server_).remove(*this);
    close();
    worker_.graveyard.bury(std::move(self));
    return;
  }
  if (!events_) return;
  if (response_) read_response();
  if (events_ && !closed()) events_->on_input(*this);
}

void ServerConnection::on_timeout() {
  if (!idle()) return H1Endpoint::on_timeout();
  std::unique_ptr<ServerConnection> self = worker_.idle(server_).remove(*this);
  close();
  worker_.graveyard.bury(std::move(self));
}

// What is wrong with an answer beyond its head, as far as it is here: the client can still be told so.
bool ServerConnection::begins_well(const http::Head& head, std::string_view behind) const {
  if (head.status == 101) return to_upgrade_;
  if (head.body != http::BodyKind::chunked) return true;
  http::H1Body body;
  body.start(head.body, 0);
  while (true) {
    http::H1Body::Step step = body.feed(behind);
    switch (step.kind) {
      case http::H1Body::Kind::error:
        return false;
      case http::H1Body::Kind::trailers:
        return http::forward_trailers(std::string(behind.substr(0, step.bytes))).has_value();
      case http::H1Body::Kind::need_more:
        return !body.in_trailers() || !http::malformed_trailers(std::string(behind));
      case http::H1Body::Kind::end:
        return true;
      case http::H1Body::Kind::data:
      case http::H1Body::Kind::framing:
        behind.remove_prefix(step.bytes);
    }
  }
}

void ServerConnection::read_response() {
  while (response_ && !rx_.empty()) {
    answered_ = true;
    std::string_view bytes = rx_.flatten(io_.chunks);
    std::span<char> room = rx_.front_mutable();
    const config::Proxy& proxy = server_.backend().config();
    http::H1Limits limits{worker_.engine().config().global.tune.http_maxhdr,
                          proxy.has(config::Option::accept_invalid_http_response)};
    http::Parsed parsed = parser_.parse_response(room, *response_, limits, to_head_, to_connect_);
    bool too_large =
        bytes.empty() || (parsed.state == http::Parsed::State::partial && room.size() >= io_.chunks.chunk_size());
    if (parsed.state == http::Parsed::State::error || too_large) {
      head_bad_ = true;
      response_ = nullptr;
      return;
    }
    if (parsed.state == http::Parsed::State::partial) return;
    parser_.reset();
    http::Head& head = *response_;
    if (!begins_well(head, bytes.substr(parsed.length))) {
      head_bad_ = true;
      response_ = nullptr;
      return;
    }
    bool informational = head.status >= 100 && head.status < 200 && head.status != 101;
    if (!informational) {
      response_ = nullptr;
      keep_alive_ = head.keep_alive;
      if (head.body == http::BodyKind::tunnel)
        start_input(http::BodyKind::tunnel, 0);
      else
        start_input(head.body, head.content_length);
    }
    events_->on_head(*this, head);
    if (closed() || !events_) return;
    rx_.consume(parsed.length);
    if (informational) head.headers.clear();
  }
}

}  // namespace lbd::stream
