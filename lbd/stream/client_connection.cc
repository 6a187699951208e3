#include "lbd/stream/client_connection.h"

#include "lbd/net/proxy_header.h"
#include "lbd/net/socket.h"
#include "lbd/stream/http_stream.h"
#include "lbd/stream/server_connection.h"
#include "lbd/stream/tcp_stream.h"
#include "lbd/stream/worker.h"

namespace lbd::stream {
namespace {

// How long a client may take to see our answer and close, when it still had something to say.
constexpr base::Seconds kLinger{2};

}  // namespace

ClientConnection::ClientConnection(Worker& worker, Port& port, base::Fd fd, const base::SockAddr& from)
    : H1Endpoint(worker, std::move(fd), net::plain_transport()), worker_(worker), port_(port) {
  session_.src = from.ip_port();
  session_.dst = base::SockAddr::local_of(this->fd()).ip_port();
  session_.frontend = port.site().frontend;
  session_.bind = &port.bind();
  session_.bind_index = port.number();
  session_.connection = this;
  session_.worker = worker.index();
  session_.same_socket = &port.connections();
  session_.accepted = base::wall_now();
  session_.accepted_mono = io_.loop.now();
}

ClientConnection::~ClientConnection() = default;

void ClientConnection::start() {
  const Site& site = port_.site();
  const config::Global& global = worker_.engine().config().global;
  // Where a reply to a spoofed packet would be believed (harden.reject-privileged-ports).
  if (global.reject_privileged_ports && session_.src.port > 0 && session_.src.port < 1024) return gone();
  const config::Tune& tune = global.tune;
  net::tune_accepted(fd(), {site.proxy->has(config::Option::clitcpka), site.proxy->client_keepalive, tune.rcvbuf_client,
                            tune.sndbuf_client, tune.notsent_lowat_client, site.proxy->has(config::Option::nolinger)});
  if (!admitted(site.rules->tcp_connection, &server::Counters::denied_connections)) return gone();
  watch(EV_READ);
  if (port_.bind().accept_proxy || session_.expect_proxy) {
    state_ = State::proxy_header;
    set_deadline(io_.loop.now() + (site.timeouts.http_request.count() > 0 ? site.timeouts.http_request
                                                                          : base::Nanos(base::Seconds(10))));
    return;
  }
  begin_http();
}

// tcp-request connection and tcp-request session: they see addresses only.
bool ClientConnection::admitted(const rules::RuleSet& rules, server::Counter server::Counters::*denied) {
  if (rules.empty()) return true;
  base::Arena arena(worker_.blocks);
  expr::Transaction transaction(session_, arena);
  transaction.process = &worker_.engine().facts;
  transaction.frontend = session_.frontend;
  transaction.now = io_.loop.now();
  rules::Outcome outcome;
  size_t at = 0;
  rules::Verdict verdict = rules::evaluate(rules, transaction, outcome, at);
  session_.src = transaction.src;
  session_.dst = transaction.dst;
  if (verdict == rules::Verdict::next || verdict == rules::Verdict::accept) return true;
  (worker_.counters(session_.frontend->slot()).*denied).add();
  if (verdict == rules::Verdict::silent_drop) vanish(outcome.ttl);
  return false;
}

// The PROXY header is over, or there is none: what mode says.
void ClientConnection::begin_http() {
  Site& site = port_.site();
  if (!admitted(site.rules->tcp_session, &server::Counters::denied_sessions)) return gone();
  if (site.proxy->mode == config::Mode::tcp) {
    state_ = State::exchange;
    become_tunnel();
    auto stream = std::make_unique<TcpStream>(worker_, *this, site);
    TcpStream& running = *stream;
    events_ = stream.get();
    stream_ = std::move(stream);
    running.start();
    return;
  }
  state_ = State::idle;
  if (site.timeouts.http_request.count() > 0)
    set_deadline(io_.loop.now() + site.timeouts.http_request);
  else
    set_timeout(site.timeouts.client);
  // The request has often come with the connection: one turn of the loop less.
  on_readable();
}

void ClientConnection::become_http() {
  events_ = nullptr;
  dispose_stream();
  leave_tunnel();
  session_.requests = 0;
  state_ = State::idle;
  const SiteTimeouts& timeouts = port_.site().timeouts;
  if (timeouts.http_request.count() > 0)
    set_deadline(io_.loop.now() + timeouts.http_request);
  else
    set_timeout(timeouts.client);
  resume_reading();
  if (!rx_.empty()) read_again();
}

void ClientConnection::send_head(std::string_view head) {
  tx_.append(io_.chunks, head);
}

void ClientConnection::on_readable() {
  switch (state_) {
    case State::proxy_header:
      return read_proxy_header();
    case State::exchange:
      return read_during_exchange();
    case State::lingering:
      if (receive() == Got::nothing) return;
      rx_.clear();
      if (wire_input() != Wire::open) gone();
      return;
    case State::closed:
      return;
    case State::idle:
    case State::head:
      break;
  }
  if (rx_.empty() || state_ == State::head) {
    Got got = receive();
    if (got == Got::nothing) return;
  }
  if (!rx_.empty() && state_ == State::idle) {
    state_ = State::head;
    auto stream = std::make_unique<HttpStream>(worker_, *this, port_.site());
    stream_ = std::move(stream);
    const SiteTimeouts& timeouts = port_.site().timeouts;
    // The first request's time counts from accept.
    if (session_.requests > 0 && timeouts.http_request.count() > 0)
      set_deadline(io_.loop.now() + timeouts.http_request);
  }
  if (state_ == State::idle) {
    // Closed before a request began. On a first request that is worth a line, unless dontlognull says otherwise.
    if (session_.requests == 0 && !port_.site().proxy->has(config::Option::dontlognull) &&
        !port_.site().proxy->has(config::Option::http_ignore_probes)) {
      stream_ = std::make_unique<HttpStream>(worker_, *this, port_.site());
      state_ = State::exchange;
      static_cast<HttpStream&>(*stream_).refuse(Reason::client_abort);
      return;
    }
    return gone();
  }
  read_request();
}

void ClientConnection::read_request() {
  auto& stream = static_cast<HttpStream&>(*stream_);
  const Site& site = port_.site();
  size_t most = io_.chunks.chunk_size() - worker_.engine().config().global.tune.maxrewrite;
  std::string_view bytes = rx_.flatten(io_.chunks);
  http::H1Limits limits{worker_.engine().config().global.tune.http_maxhdr,
                        site.proxy->has(config::Option::accept_invalid_http_request),
                        worker_.engine().config().global.h1_accept_payload_with_any_method};
  http::Parsed parsed = parser_.parse_request(rx_.front_mutable(), stream.request(), limits);
  bool too_large =
      bytes.empty() || (parsed.state == http::Parsed::State::complete ? parsed.length : bytes.size()) > most;
  if (too_large || (parsed.state == http::Parsed::State::partial && bytes.size() == most))
    parsed.state = http::Parsed::State::error;
  if (parsed.state == http::Parsed::State::partial) {
    if (wire_input() == Wire::open) return;
    events_ = &stream;
    state_ = State::exchange;
    return stream.refuse(Reason::client_abort);
  }
  parser_.reset();
  state_ = State::exchange;
  events_ = &stream;
  ++session_.requests;
  if (parsed.state == http::Parsed::State::error)
    return stream.refuse(Reason::bad_request, http::status_of(parsed.error));

  // The chunk that the head views goes to the stream; what came behind the head goes on as body or next request.
  base::Chunk* chunk = rx_.take_front();
  std::string_view behind(chunk->head() + parsed.length, chunk->size() - parsed.length);
  if (!behind.empty()) rx_.append(io_.chunks, behind);
  chunk->end = chunk->begin + static_cast<uint32_t>(parsed.length);
  http::Head& head = stream.request();
  start_input(head.body, head.content_length);
  stream.begin(chunk);
}

void ClientConnection::read_during_exchange() {
  if (in_.done() && rx_.size() > 0) return pause_reading();  // the next request waits for this one
  Got got = receive();
  if (got == Got::nothing) return;
  if (in_.done() && got == Got::bytes) return;
  if (events_) events_->on_input(*this);
}

void ClientConnection::exchange_over(bool keep) {
  events_ = nullptr;
  dispose_stream();
  if (closed()) return gone();
  keep = keep && input_reusable() && !output_failed() && !worker_.stopping();
  bool unread = !in_.done() || !rx_.empty();
  end_exchange();
  if (!keep) return unread && wire_input() == Wire::open && !output_failed() ? linger() : gone();
  state_ = State::idle;
  resume_reading();
  const SiteTimeouts& timeouts = port_.site().timeouts;
  if (timeouts.http_keep_alive.count() > 0)
    set_deadline(io_.loop.now() + timeouts.http_keep_alive);
  else
    set_timeout(timeouts.client);
  if (!rx_.empty()) read_again();
}

void ClientConnection::dispose_stream() {
  if (stream_->disposable())
    io_.graveyard.bury(std::move(stream_));
  else
    worker_.keep_until_disposable(std::move(stream_));
}

void ClientConnection::linger() {
  state_ = State::lingering;
  rx_.clear();
  shutdown_write();
  resume_reading();
  set_deadline(io_.loop.now() + kLinger);
}

void ClientConnection::on_timeout() {
  switch (state_) {
    case State::exchange:
      return H1Endpoint::on_timeout();
    case State::idle:
      if (session_.requests > 0 || port_.site().proxy->has(config::Option::http_ignore_probes)) return gone();
      stream_ = std::make_unique<HttpStream>(worker_, *this, port_.site());
      [[fallthrough]];
    case State::head: {
      state_ = State::exchange;
      auto& stream = static_cast<HttpStream&>(*stream_);
      events_ = &stream;
      return stream.refuse(Reason::client_timeout);
    }
    case State::proxy_header:
      return refuse(expr::ConnectionError::proxy_timeout);
    case State::lingering:
    case State::closed:
      return gone();
  }
}

void ClientConnection::read_proxy_header() {
  if (receive() == Got::nothing) return;
  std::string_view bytes = rx_.flatten(io_.chunks);
  net::ProxyHeader header;
  net::ProxyDecoded decoded = net::decode_proxy_header(bytes, header);
  if (decoded.state == net::ProxyDecoded::State::partial && wire_input() == Wire::open) return;
  if (decoded.state == net::ProxyDecoded::State::partial)
    return refuse(bytes.empty()                  ? expr::ConnectionError::proxy_closed
                  : wire_input() == Wire::failed ? expr::ConnectionError::proxy_failed
                                                 : expr::ConnectionError::proxy_truncated);
  if (decoded.state == net::ProxyDecoded::State::error)
    return refuse(decoded.error == net::ProxyError::bad_signature ? expr::ConnectionError::proxy_absent
                  : decoded.error == net::ProxyError::bad_family  ? expr::ConnectionError::proxy_unhandled
                                                                  : expr::ConnectionError::proxy_invalid);
  if (header.addressed) {
    session_.src = header.src;
    session_.dst = header.dst;
  }
  std::string_view authority = net::find_tlv(header.tlvs, net::Tlv::kAuthority),
                   id = net::find_tlv(header.tlvs, net::Tlv::kUniqueId);
  session_.proxy = std::make_unique<expr::ProxyTold>(expr::ProxyTold{std::string(authority), std::string(id)});
  rx_.consume(decoded.length);
  begin_http();
}

// It ends before any exchange began, which is worth a line.
void ClientConnection::refuse(expr::ConnectionError error) {
  worker_.counters(session_.frontend->slot()).failed_requests.add();
  session_.error = error;
  base::Arena arena(worker_.blocks);
  expr::Transaction transaction(session_, arena);
  transaction.process = &worker_.engine().facts;
  transaction.frontend = session_.frontend;
  transaction.now = io_.loop.now();
  const config::Proxy& proxy = *port_.site().proxy;
  const bool probe = error == expr::ConnectionError::proxy_closed;
  if (!probe || !(proxy.has(config::Option::dontlognull) || proxy.has(config::Option::http_ignore_probes)))
    port_.site().log->connection_error(transaction, expr::text_of(error));
  gone();
}

void ClientConnection::stop(bool hard) {
  // A client that was accepted and has not yet spoken is served; one between two requests may be sent away.
  if (!hard && (state_ != State::idle || session_.requests == 0)) return;
  if (!hard && port_.site().proxy->has(config::Option::idle_close_on_response)) return;
  if (const auto& spread = worker_.engine().config().global.close_spread_time; !hard && spread && spread->count() > 0)
    return set_deadline(io_.loop.now() +
                        base::Nanos(*spread) * (static_cast<uint32_t>(fd()) * 2654435761u >> 22) / 1024);
  if (hard && stream_ && events_) return stream_->kill(Reason::killed);
  gone();
}

void ClientConnection::end_exchange_on(const server::Server& server, Reason reason) {
  if (stream_ && events_ && stream_->transaction().server == &server) stream_->kill(reason);
}

void ClientConnection::vanish(std::optional<uint8_t> ttl) {
  if (closed()) return;
  net::make_silent(fd(), ttl);
  close(true);
}

void ClientConnection::gone() {
  if (state_ == State::closed) return;
  state_ = State::closed;
  close();
  kept_server.reset();
  if (stream_) dispose_stream();
  worker_.connection_closed(*this);
}

}  // namespace lbd::stream
