#include "lbd/stream/server_connection.h"

#include <sys/socket.h>

#include "lbd/http/counted_size.h"
#include "lbd/http/h1_writer.h"
#include "lbd/http/trailers.h"
#include "lbd/http/uri.h"
#include "lbd/net/socket.h"
#include "lbd/stream/h2_back_stream.h"
#include "lbd/stream/kept_servers.h"
#include "lbd/stream/worker.h"

namespace lbd::stream {
namespace {

// For the last frames to a server that does not read.
constexpr base::Nanos kGoodbye = base::Seconds(1);

}  // namespace

base::Result<std::unique_ptr<ServerConnection>> ServerConnection::open(Worker& worker, server::Server& server,
                                                                       const base::SockAddr& to,
                                                                       const config::Proxy& backend, const Wish& wish,
                                                                       EndpointEvents& events) {
  const config::Server& config = server.config();
  const config::Tune& tune = worker.engine().config().global.tune;
  net::ConnectOptions options;
  options.source = source_of(server, backend);
  options.shown = wish.shown ? &*wish.shown : nullptr;
  if (!config.namespace_name.empty()) options.net_namespace = &config.namespace_name;
  if (!config.tcp_md5sig.empty()) options.signature = &config.tcp_md5sig;
  options.tcp_user_timeout = config.tcp_user_timeout;
  options.socket = {backend.has(config::Option::srvtcpka),
                    backend.server_keepalive,
                    tune.rcvbuf_server,
                    tune.sndbuf_server,
                    tune.notsent_lowat_server,
                    backend.has(config::Option::nolinger),
                    wish.mark,
                    wish.tos};
  const bool by_proxy = config.socks4 && to.is_ip() && !worker.stand_in;
  base::Fd fd = worker.stand_in ? TRY(worker.stand_in->connect(server))
                                : TRY(net::start_connect(by_proxy ? base::SockAddr(config.socks4->address) : to, options));
  auto connection = std::make_unique<ServerConnection>(worker, server, std::move(fd), wish);
  if (by_proxy) connection->socks4_ = std::make_unique<net::Socks4>(to.ip_port());
  connection->attach(events);
  return connection;
}

uint64_t ServerConnection::hash_of(std::string_view server_name) {
  return std::hash<std::string_view>()(server_name);
}

ServerConnection::ServerConnection(Worker& worker, server::Server& server, base::Fd fd, const Wish& wish)
    : H1Endpoint(worker, std::move(fd), net::plain_transport()),
      worker_(worker),
      server_(server),
      dialed_(server.address()),
      name_hash_(wish.name_hash),
      protocol_(wish.protocol) {
  if (wish.tls && !worker.stand_in) {
    waiting_tls_ = std::make_unique<tls::TlsTransport>(wish.tls, tls::TlsTransport::Side::server);
    worker.engine().tls.prepare(waiting_tls_->ssl(), server.config(), worker.index(), wish.server_name);
    if (protocol_ == Protocol::http_1 && server.config().tls.alpn) waiting_tls_->offer("http/1.1");
    if (protocol_ == Protocol::http_2) waiting_tls_->offer("h2");
  }
  watch(EV_WRITE | EV_READ);
}

ServerConnection::~ServerConnection() {
  // Before another takes its place.
  if (permit_) close();
  base::ListHook<IdleTag>::unlink();
  base::ListHook<SharedTag>::unlink();
}

void ServerConnection::send_request(const Request& request, http::Head& response) {
  http::Head& head = request.head;
  to_head_ = head.method == http::Method::head;
  to_connect_ = head.method == http::Method::connect;
  to_upgrade_ = head.upgrade;
  response_ = &response;
  answered_ = keep_alive_ = head_bad_ = false;
  ++exchanges_;
  parser_.reset();
  end_exchange();
  start_output(head.body, false);
  // What HTTP/2 says in a field of its own is not repeated.
  const std::string_view target = head.target;
  if (head.version == http::Version::http_2 && !to_connect_ && target != "*")
    head.target = http::path_and_query_of(target);
  tx_.append(io_.chunks, http::write_request(head, request.arena, request.extra, request.names));
  head.target = target;
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

bool ServerConnection::may_be_kept() const {
  const config::Server& config = server_.config();
  const bool room =
      config.pool_max_conn < 0 || worker_.idle(server_).size() < static_cast<size_t>(config.pool_max_conn);
  return room && leads_to_server() && exchanges_ <= config.max_reuse && server_.up() && !worker_.stopping() &&
         !wanted_elsewhere() && worker_.has_sockets_to_keep();
}

void ServerConnection::leave(bool keep, KeptServers* client) {
  std::unique_ptr<ServerConnection> self(this);
  detach();
  if (keep && client && !wanted_elsewhere()) {
    client->put(std::move(self));
  } else if (keep && !client && may_be_kept()) {
    net::Connection::set_timeout(server_.config().pool_purge_delay);
    worker_.idle(server_).put(std::move(self));
  } else {
    close();
    worker_.graveyard.bury(std::move(self));
  }
}

void ServerConnection::on_writable() {
  switch (stage_) {
    case Stage::connected:
      if (!h2_) return H1Endpoint::on_writable();
      if (closed()) return;
      send();
      if (!output_blocked()) flush_later();
      return;
    case Stage::proxy:
      return;  // it is its answer that is waited for
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
  if (!socks4_) return begin_talk();
  stage_ = Stage::proxy;
  hear_proxy(socks4_->send(fd()));
}

void ServerConnection::hear_proxy(net::Socks4::Step step) {
  switch (step) {
    case net::Socks4::Step::wait:
      return;
    case net::Socks4::Step::granted:
      socks4_.reset();
      stage_ = Stage::connecting;
      return begin_talk();
    case net::Socks4::Step::denied:
    case net::Socks4::Step::failed:
      return connect_failed(ECONNREFUSED);
  }
}

// The way to the server is there.
void ServerConnection::begin_talk() {
  if (!waiting_tls_) return connected_now();
  // What goes before TLS (PROXY protocol).
  if (send() == Sent::error) return connect_failed(last_errno());
  if (!tx_.empty()) return;
  tls_ = waiting_tls_.release();
  change_transport(*tls_);
  stage_ = Stage::handshake;
  if (worker_.engine().tls.meter().too_many()) return connect_failed(EMFILE);
  shake_hands();
}

void ServerConnection::shake_hands() {
  const Got got = handshake();
  if (got == Got::nothing) return;
  for (uint32_t slot : {server_.slot(), server_.backend().slot()}) {
    server::Counters& counters = worker_.counters(slot);
    if (got != Got::bytes)
      counters.tls_failures.add();
    else
      (tls_->resumed() ? counters.tls_resumed : counters.tls_sessions).add();
  }
  if (got == Got::bytes) return connected_now();
  connect_failed(got == Got::end ? ECONNRESET : last_errno());
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
  if (stage_ == Stage::proxy) return hear_proxy(socks4_->receive(fd()));
  if (stage_ == Stage::connecting) return;  // an error on the way; on_writable() tells
  if (h2_) return read_h2();
  Got got = receive();
  if (got == Got::nothing) return;
  // The server closed it, or speaks without having been asked: either way it is of no use any more.
  if (idle()) return discard();
  if (!events_) return;
  if (response_) read_response();
  if (events_ && !closed()) events_->on_input(*this);
}

void ServerConnection::on_timeout() {
  if (h2_ && resting_ && io_.loop.now() < purge_at_) {
    if (h2_->unanswered()) return drop();
    h2_->ping();
    return await_use();
  }
  if (h2_) return retiring_ ? drop() : retire();
  if (!idle()) return H1Endpoint::on_timeout();
  discard();
}

void ServerConnection::discard() {
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
    const config::Proxy& proxy = server_.backend().config();
    http::H1Limits limits{worker_.engine().config().global.tune.http_maxhdr,
                          proxy.has(config::Option::accept_invalid_http_response)};
    http::Parsed parsed = parser_.parse_response(rx_.front_mutable(), *response_, limits, to_head_, to_connect_);
    if (parsed.state == http::Parsed::State::partial && rx_.front().size() < rx_.size()) {
      rx_.gather(io_.chunks);
      parsed = parser_.parse_response(rx_.front_mutable(), *response_, limits, to_head_, to_connect_);
    }
    const std::string_view bytes = rx_.front();
    bool too_large = parsed.state == http::Parsed::State::partial && bytes.size() >= io_.chunks.chunk_size();
    if (parsed.state == http::Parsed::State::error || too_large) {
      head_bad_ = true;
      complaint_ = {static_cast<uint32_t>(parsed.length), parsed.error};
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
    head_length_ = static_cast<uint32_t>(parsed.length);
    events_->on_head(*this, head);
    head_length_ = 0;
    if (closed() || !events_) return;
    rx_.consume(parsed.length);
    if (informational) head.headers.clear();
  }
}

size_t ServerConnection::counted_payload() const {
  return rx_.empty() ? 0 : http::counted_body_size(in_, rx_.front().substr(head_length_));
}

// --- HTTP/2

bool ServerConnection::speaks_h2() const {
  if (worker_.stand_in && !worker_.stand_in->speaks_h2()) return false;
  if (server_.backend().config().mode != config::Mode::http) return false;
  if (tls_ && !tls_->protocol().empty()) return tls_->protocol() == "h2";
  return protocol_ == Protocol::http_2 || (protocol_ == Protocol::configured && server_.config().proto == "h2");
}

std::unique_ptr<BackEndpoint> ServerConnection::become_ready(EndpointEvents& events, const Claim& claim) {
  std::unique_ptr<ServerConnection> self(this);
  if (!speaks_h2()) return self;
  events_ = nullptr;
  clear_timeout();
  h2_ = std::make_unique<H2BackSession>(*this);
  worker_.idle(server_).share(*self.release());
  flush_later();
  read_again();  // the server's first frames may have come with the end of the handshake
  return add_stream(events, claim);
}

bool ServerConnection::takes(const Claim& claim) const {
  if (retiring_ || closed() || !leads_to_server() || !h2_->has_room() || exchanges_ > server_.config().max_reuse)
    return false;
  switch (claim_.of) {
    case Claim::Of::anyone:
      return claim.of <= Claim::Of::client_for_now && (claim.of == Claim::Of::anyone || resting());
    case Claim::Of::client_for_now:
    case Claim::Of::client:
      return claim.of == claim_.of && claim.client == claim_.client;
    case Claim::Of::exchange:
      break;
  }
  return false;
}

std::unique_ptr<BackEndpoint> ServerConnection::add_stream(EndpointEvents& events, const Claim& claim) {
  rest(false);
  clear_timeout();
  claim_ = claim;
  ++exchanges_;
  auto stream = std::make_unique<H2BackStream>(*h2_, events);
  h2_->join(*stream);
  return stream;
}

void ServerConnection::read_h2() {
  const Got got = receive();
  if (got == Got::nothing) return;
  if (got == Got::bytes) return h2_->receive(rx_);
  drop();
}

void ServerConnection::before_sleep() {
  if (closed()) return;
  bool more = true;
  while (more && !output_failed() && !output_blocked()) {
    more = h2_->produce(tx_);
    if (!tx_.empty()) send(more);
  }
  h2_->tell_streams();
  if (closed()) return;
  if (output_failed() || (tx_.empty() && (h2_->over() || (retiring_ && h2_->streams() == 0)))) drop();
}

void ServerConnection::h2_stream_over() {
  if (h2_->streams() > 0) return;
  if (closed()) return worker_.graveyard.bury(std::unique_ptr<net::Mortal>(this));
  if (claim_.of == Claim::Of::client_for_now) claim_ = {};
  if (retiring_) {
    set_deadline(io_.loop.now() + kGoodbye);
    return flush_later();
  }
  if (claim_.of == Claim::Of::exchange || !h2_->has_room() || !may_be_kept()) return retire();
  rest(true);
  const config::Server& config = server_.config();
  if (config.idle_ping.count() == 0) return net::Connection::set_timeout(config.pool_purge_delay);
  purge_at_ = config.pool_purge_delay.count() > 0 ? io_.loop.now() + config.pool_purge_delay : base::kNever;
  await_use();
}

void ServerConnection::await_use() {
  set_deadline(std::min(purge_at_, io_.loop.now() + server_.config().idle_ping));
}

void ServerConnection::retire() {
  if (std::exchange(retiring_, true)) return;
  rest(false);
  clear_timeout();
  h2_->say_goodbye();
  if (h2_->streams() == 0) set_deadline(io_.loop.now() + kGoodbye);
}

void ServerConnection::rest(bool resting) {
  if (std::exchange(resting_, resting) == resting) return;
  IdlePool& pool = worker_.idle(server_);
  resting ? pool.rest(*this) : pool.wake(*this);
}

// The connection is at its end: its streams learn it, and the last one that leaves takes it along.
void ServerConnection::drop() {
  if (closed()) return;
  retiring_ = true;
  rest(false);
  base::ListHook<SharedTag>::unlink();
  if (tx_.empty()) say_goodbye();
  close();
  if (h2_->streams() == 0) return worker_.graveyard.bury(std::unique_ptr<net::Mortal>(this));
  h2_->end_streams(Reason::server_abort);
}

}  // namespace lbd::stream
