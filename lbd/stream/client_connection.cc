#include "lbd/stream/client_connection.h"

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
    : H1Endpoint(worker, std::move(fd), net::plain_transport()),
      worker_(worker),
      port_(port),
      id_(worker.next_client_id()),
      kept_servers_(port.site().proxy->max_session_srv_conns) {
  session_.src = from.ip_port();
  session_.dst = base::SockAddr::local_of(this->fd()).ip_port();
  session_.frontend = port.site().frontend;
  session_.bind = &port.bind();
  session_.bind_index = port.place().number();
  session_.connection = this;
  session_.worker = worker.index();
  session_.listener = &port.place();
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
  if (port_.bind().accept_proxy) session_.preface = expr::Preface::proxy;
  if (port_.bind().netscaler_cip) session_.preface = expr::Preface::netscaler;
  if (session_.preface != expr::Preface::none) {
    state_ = State::preface;
    set_deadline(io_.loop.now() + (site.timeouts.http_request.count() > 0 ? site.timeouts.http_request
                                                                          : base::Nanos(base::Seconds(10))));
    return;
  }
  begin_session();
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
  count(denied);
  if (verdict == rules::Verdict::silent_drop) vanish(outcome.ttl);
  return false;
}

void ClientConnection::count(server::Counter server::Counters::*what) {
  (worker_.counters(session_.frontend->slot()).*what).add();
  if (server::Counters* listener = worker_.counters(session_.listener)) (listener->*what).add();
}

// The connection is as the client sees it: what mode says.
void ClientConnection::begin_http() {
  session_.handshakes = io_.loop.now() - session_.accepted_mono;
  server::Counters& counters = worker_.counters(session_.frontend->slot());
  counters.sessions.add();
  counters.session_rate.add(worker_.second());
  Site& site = port_.site();
  if (!admitted(site.rules->tcp_session, &server::Counters::denied_sessions)) return gone();
  session_.tracks.count(config::DataEvent::session, 1, io_.loop.now());
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
  if (port_.bind().proto == "h2" || (session_.tls_transport && session_.tls_transport->protocol() == "h2"))
    return begin_h2();
  state_ = State::idle;
  wait_for_request();
  // The request has often come with the connection: one turn of the loop less.
  on_readable();
}

void ClientConnection::wait_for_request() {
  const SiteTimeouts& timeouts = port_.site().timeouts;
  if (timeouts.http_request.count() > 0)
    set_deadline(io_.loop.now() + timeouts.http_request);
  else
    set_timeout(timeouts.client);
}

void ClientConnection::become_http() {
  events_ = nullptr;
  dispose(std::move(stream_));
  leave_tunnel();
  session_.requests = 0;
  state_ = State::idle;
  wait_for_request();
  resume_reading();
  if (!rx_.empty()) read_again();
}

void ClientConnection::send_informational(const http::Head& head, const Writing& writing) {
  tx_.append(io_.chunks, http::write_response(head, writing.arena, writing.extra, writing.names));
}

void ClientConnection::send_response(const http::Head& head, http::BodyKind body, bool close_after,
                                     const Writing& writing) {
  tx_.append(io_.chunks, http::write_response(head, writing.arena, writing.extra, writing.names));
  start_output(body, close_after);
}

// Written as HAProxy writes it, down to the case of the names.
void ClientConnection::send_bare(const http::StoredReply& page, base::Arena& arena) {
  start_output(http::BodyKind::length, false);
  const std::string status = std::to_string(page.status), length = std::to_string(page.body.size());
  tx_.append(io_.chunks,
             arena.concat("HTTP/1.1 ", status, " ", page.reason, "\r\nContent-length: ", length,
                          "\r\nCache-Control: no-cache\r\nConnection: close\r\nContent-Type: text/html\r\n\r\n"));
  tx_.append(io_.chunks, page.body);
}

void ClientConnection::on_readable() {
  switch (state_) {
    case State::preface:
      return read_preface();
    case State::handshake:
      // What waits is told of again in the next turn.
      return worker_.may_shake_hands() ? shake_hands() : void();
    case State::exchange:
      return read_during_exchange();
    case State::h2:
      return read_h2();
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
    if (session_.requests == 0)
      for (config::DataEvent event : {config::DataEvent::request, config::DataEvent::error})
        session_.tracks.count(event, 1, io_.loop.now());
    return gone();
  }
  read_request();
}

void ClientConnection::on_writable() {
  if (state_ != State::h2) return H1Endpoint::on_writable();
  if (closed()) return;
  send();
  if (!output_blocked()) flush_later();
}

void ClientConnection::read_request() {
  auto& stream = static_cast<HttpStream&>(*stream_);
  const Site& site = port_.site();
  size_t most = io_.chunks.chunk_size() - worker_.engine().config().global.tune.maxrewrite;
  std::string_view bytes = rx_.front();
  http::H1Limits limits{worker_.engine().config().global.tune.http_maxhdr,
                        site.proxy->has(config::Option::accept_invalid_http_request),
                        worker_.engine().config().global.h1_accept_payload_with_any_method};
  // Who speaks HTTP/2 without having asked (RFC 9113, 3.3).
  if (session_.requests == 0 && bytes.starts_with("PRI * HTTP/2")) {
    dispose(std::move(stream_));
    return begin_h2();
  }
  http::Parsed parsed = parser_.parse_request(rx_.front_mutable(), stream.request(), limits);
  if (parsed.state == http::Parsed::State::partial && bytes.size() < rx_.size()) {
    bytes = rx_.gather(io_.chunks);
    parsed = parser_.parse_request(rx_.front_mutable(), stream.request(), limits);
  }
  bool too_large = (parsed.state == http::Parsed::State::complete ? parsed.length : bytes.size()) > most;
  if (too_large || (parsed.state == http::Parsed::State::partial && bytes.size() == most))
    parsed.state = http::Parsed::State::error;
  if (parsed.state == http::Parsed::State::partial) {
    if (wire_input() == Wire::open) return;
    events_ = &stream;
    state_ = State::exchange;
    return stream.refuse(Reason::client_abort);
  }
  parser_.reset();
  if (parsed.state == http::Parsed::State::complete && stream.request().upgrade)
    if (const auto settings = settings_of_upgrade(stream.request()))
      return upgrade_to_h2(stream.request(), *settings, parsed.length);
  state_ = State::exchange;
  events_ = &stream;
  ++session_.requests;
  if (parsed.state == http::Parsed::State::error) {
    worker_.engine().captured_errors.keep({.when = base::wall_now(),
                                           .frontend = site.proxy,
                                           .source = session_.src,
                                           .bytes = std::string(bytes),
                                           .position = parsed.length,
                                           .error = parsed.error});
    return stream.refuse(Reason::bad_request, http::status_of(parsed.error));
  }

  // The chunk that the head views goes to the stream; what came behind the head goes on as body or next request.
  base::Chunk* chunk = rx_.take_front();
  std::string_view behind(chunk->head() + parsed.length, chunk->size() - parsed.length);
  if (!behind.empty()) rx_.prepend(io_.chunks, behind);
  chunk->end = chunk->begin + static_cast<uint32_t>(parsed.length);
  http::Head& head = stream.request();
  start_input(head.body, head.content_length);
  stream.begin(chunk);
}

void ClientConnection::read_during_exchange() {
  // The next request waits for this one, but not the end of a handshake.
  const bool next_waits = in_.done() && rx_.size() > 0;
  if (next_waits && !early_) return pause_reading();
  const Got got = next_waits ? handshake() : receive();
  const bool news = handshake_ended();
  if (got == Got::nothing && !news) return;
  if (in_.done() && got == Got::bytes && !news) return;
  if (events_) events_->on_input(*this);
}

void ClientConnection::exchange_over(bool keep) {
  events_ = nullptr;
  dispose(std::move(stream_));
  if (closed()) return gone();
  // A client between two exchanges can go on in the process after us.
  const bool stays = !worker_.stopping() || worker_.engine().successor.load(std::memory_order_relaxed);
  keep = keep && input_reusable() && !output_failed() && stays;
  // The end of a handshake that is still to come would reset a connection that is closed.
  const bool unread = !in_.done() || !rx_.empty() || (early_ && session_.tls_transport->early());
  if (!keep && output() == Output::drained) say_goodbye();
  // An end like any other would look as if the answer were whole.
  if (cut_short()) close(true);
  end_exchange();
  if (closed()) return gone();
  if (!keep) return unread && wire_input() == Wire::open && !output_failed() ? linger() : gone();
  state_ = State::idle;
  session_.start_over(io_.loop.now());
  resume_reading();
  const SiteTimeouts& timeouts = port_.site().timeouts;
  if (timeouts.http_keep_alive.count() > 0)
    set_deadline(io_.loop.now() + timeouts.http_keep_alive);
  else
    set_timeout(timeouts.client);
  if (!rx_.empty()) read_again();
}

void ClientConnection::dispose(std::unique_ptr<Stream> stream) {
  if (stream->disposable())
    io_.graveyard.bury(std::move(stream));
  else
    worker_.keep_until_disposable(std::move(stream));
}

void ClientConnection::linger() {
  state_ = State::lingering;
  session_.tracks.end(io_.loop.now());
  rx_.clear();
  shutdown_write();
  resume_reading();
  set_deadline(io_.loop.now() + kLinger);
}

void ClientConnection::on_timeout() {
  switch (state_) {
    case State::exchange:
      return H1Endpoint::on_timeout();
    case State::h2:
      h2_->say_goodbye();
      before_sleep();
      return gone();
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
    case State::handshake:
      return refuse(expr::ConnectionError::tls_timeout);
    case State::preface:
      return refuse(session_.preface == expr::Preface::proxy ? expr::ConnectionError::proxy_timeout
                                                             : expr::ConnectionError::netscaler_timeout);
    case State::lingering:
    case State::closed:
      return gone();
  }
}

void ClientConnection::stop(bool hard) {
  if (state_ == State::h2) return hard ? end_h2(Reason::killed) : h2_->say_goodbye();
  if (Successor* successor = worker_.engine().successor.load(std::memory_order_acquire);
      !hard && successor && move_to(*successor))
    return;
  // A client that was accepted and has not yet spoken is served; one between two requests may be sent away.
  if (!hard && (state_ != State::idle || session_.requests == 0)) return;
  if (!hard && port_.site().proxy->has(config::Option::idle_close_on_response)) return;
  if (const auto& spread = worker_.engine().config().global.close_spread_time; !hard && spread && spread->count() > 0)
    return set_deadline(io_.loop.now() +
                        base::Nanos(*spread) * (static_cast<uint32_t>(fd()) * 2654435761u >> 22) / 1024);
  if (hard && stream_ && events_) return stream_->kill(Reason::killed);
  gone();
}

// HTTP/1 says it with its next answer: one that is closed while its request is under way would be a failure.
void ClientConnection::see_off() {
  if (state_ == State::h2) h2_->say_goodbye();
}

void ClientConnection::end_exchange_on(const server::Server& server, Reason reason) {
  if (h2_) return h2_->end_exchanges_on(server, reason);
  if (stream_ && events_ && stream_->transaction().server == &server) stream_->kill(reason);
}

void ClientConnection::for_each_exchange(const std::function<void(Stream&)>& visit) {
  if (h2_) return h2_->for_each_exchange(visit);
  if (stream_ && events_) visit(*stream_);
}

void ClientConnection::vanish(std::optional<uint8_t> ttl) {
  if (closed()) return;
  net::make_silent(fd(), ttl);
  close(true);
}

void ClientConnection::gone() {
  if (state_ == State::closed) return;
  if (state_ == State::idle || (state_ == State::h2 && tx_.empty())) say_goodbye();
  state_ = State::closed;
  if (h2_) h2_->end_streams(Reason::client_abort);
  session_.tracks.end(io_.loop.now());
  close();
  kept_servers_.clear();
  if (stream_) dispose(std::move(stream_));
  worker_.connection_closed(*this);
}

}  // namespace lbd::stream
