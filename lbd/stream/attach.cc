// Stream, from the choice of a server to a connection to it: balancing, queueing, the idle pool, connecting, retries
// and redispatch. Manual: retries, option redispatch, timeout queue, timeout connect, http-reuse.
#include "lbd/http/value_list.h"
#include "lbd/net/proxy_header.h"
#include "lbd/stream/kept_servers.h"
#include "lbd/stream/server_connection.h"
#include "lbd/stream/stream.h"
#include "lbd/stream/worker.h"
#include "lbd/tls/proxy_tlv.h"

namespace lbd::stream {
namespace {

// A server that refuses gets this long to come back before it is tried once more.
constexpr base::Millis kTurnAround{1000};

// The length of a PROXY header has 16 bits, and others want some, too.
constexpr size_t kMostOfTlvs = 48 << 10;

using Protocol = BackEndpoint::Protocol;

// The word `ws` may want another version of HTTP for WebSockets; by itself ALPN steps back to HTTP/1 for them, if it
// may.
Protocol protocol_for(const config::Server& server, bool websocket) {
  if (!websocket) return Protocol::configured;
  if (server.ws == "h1") return Protocol::http_1;
  if (server.ws == "h2") return Protocol::http_2;
  const bool offered = server.tls.alpn && server.tls.alpn->text.find("http/1.1") != std::string::npos;
  return server.proto.empty() && offered ? Protocol::http_1 : Protocol::configured;
}

// The occurrence-th value of all fields of a name, from the end if negative; "" when there are not so many.
std::string_view value_of(const http::Headers& headers, std::string_view name, int32_t occurrence) {
  std::string_view found;
  auto values = [&](int32_t stop) {
    int32_t count = 0;
    for (const http::Header& field : headers) {
      if (field.removed() || field.name != name) continue;
      for (size_t at = 0; count != stop && http::next_list_value(field.value, at, found);) ++count;
    }
    return count;
  };
  const int32_t wanted = occurrence < 0 ? values(-1) + occurrence + 1 : occurrence;
  return wanted > 0 && values(wanted) == wanted ? found : std::string_view();
}

}  // namespace

void Stream::attach() {
  phase_ = Phase::queue;
  // However long a server takes: the client has done its part.
  if (client_.input() == Endpoint::Input::complete) client_.clear_timeout();
  if (server::Server* direct = back_site_->backend->direct()) return connect_to(*direct);
  // By class, then by time: a class is worth more than any time.
  constexpr int64_t kClass = int64_t{1} << 48;
  set_rank(txn_.priority_class * kClass + base::to_millis(txn_.now.time_since_epoch()) + txn_.priority_offset);
  if (!home_) seek_home();
  const balance::Wish wish = avoid_ ? balance::Wish{nullptr, false, avoid_} : *home_;
  balance::Assignment assignment = back_site_->balancer->assign(txn_, *this, worker_.index(), wish);
  at_home_ = wish.server && !by_habit_ &&
             (assignment.outcome == balance::Outcome::queued ? queued_in() == &wish.server->queue()
                                                             : assignment.server == wish.server);
  // Its server could not be had after all.
  if (!at_home_ && txn_.termination.cookie_request == 'V') txn_.termination.cookie_request = 'D';
  switch (assignment.outcome) {
    case balance::Outcome::assigned:
      slot_of_ = assignment.server;
      return connect_to(*assignment.server);
    case balance::Outcome::queued:
      queue_before_ =
          queued_in() == &back_site_->backend->queue() ? &txn_.queue_before_backend : &txn_.queue_before_server;
      if (back_site_->timeouts.queue.count() > 0) timer_.set_after(back_site_->timeouts.queue);
      if (txn_.trace) trace_queue();
      return;
    case balance::Outcome::no_server:
      break;
  }
  fail(Reason::no_server);
}

// The server that use-server, the client's cookie or a stick table names, in this order.
void Stream::seek_home() {
  const rules::ProxyRules& rules = *back_site_->rules;
  const rules::Persistence persistence = rules.persistence(txn_);
  forced_ = persistence == rules::Persistence::forced;
  home_.emplace();
  home_->even_if_down = forced_ || back_site_->proxy->has(config::Option::persist);
  auto may_be_used = [&](const server::Server* server) { return server && (server->up() || home_->even_if_down); };
  if (const config::Server* chosen = rules.choose_server(txn_))
    home_->server = back_site_->backend->find_server(chosen->name);
  const bool chosen = may_be_used(home_->server);
  const bool ignored = persistence == rules::Persistence::ignored;
  server::Server* by_cookie = server_of_cookie(chosen || ignored, home_->even_if_down);
  server::Server* sticky = rules.stick.empty() ? nullptr : rules.stick.choose(txn_, *back_site_->backend);
  if (!chosen) home_->server = by_cookie ? by_cookie : sticky;
  if (!home_->server) {
    home_->server = last_server();
    by_habit_ = home_->server != nullptr;
  }
}

// The one to which the client still has a connection of its own: option prefer-last-server, or because the server has
// authenticated that connection. Not where a hash decides.
server::Server* Stream::last_server() const {
  const ServerConnection* kept = client_.kept_servers().first_of(*back_site_->backend);
  const config::Proxy& proxy = *back_site_->proxy;
  if (!kept || (!kept->bound() && !proxy.has(config::Option::prefer_last_server))) return nullptr;
  server::Server& server = kept->server();
  if (back_site_->balancer->by_key()) return nullptr;
  const int64_t most = kept->bound() ? -1 : proxy.max_keep_alive_queue;
  if (most >= 0 && !server.has_room() && server.queue().size() >= most) return nullptr;
  return &server;
}

void Stream::bind_connection() {
  back_->bind_to_client();
  bound_ = true;
}

// The place in the queue, known when it is left. HAProxy counts from one, and adds up when a request queues again.
void Stream::note_place() {
  if (auto* place = std::exchange(queue_before_, nullptr)) *place += 1 + granted_before();
}

void Stream::turned_away() {
  if (finished_) return slot_will_not_come();
  note_place();
  txn_.now = worker_.loop.now();
  timer_.clear();
  attach();
}

void Stream::granted(server::Server& server) {
  if (std::exchange(awaits_permit_, false))
    permit_ = server::Permit(*server.permits());
  else
    slot_of_ = &server;
  if (finished_) {
    release_slot();
    return slot_will_not_come();
  }
  note_place();
  txn_.now = worker_.loop.now();
  timer_.clear();
  connect_to(server);
}

void Stream::slot_will_not_come() {
  slot_coming_ = false;
  worker_.stream_disposable(*this);
}

bool Stream::forget(const server::Server& server) {
  if (avoid_ == &server) avoid_ = nullptr;
  if (home_ && home_->server == &server) home_->server = nullptr;
  return txn_.server != &server && slot_of_ != &server && queued_in() != &server.queue();
}

void Stream::release_slot() {
  permit_ = {};
  if (slot_of_) std::exchange(slot_of_, nullptr)->give_slot();
}

// The exchange counts for this server from now on.
void Stream::choose(server::Server& server) {
  if (txn_.at.queued_until == base::kNever) txn_.at.queued_until = txn_.now;
  if (std::exchange(tried_, false)) count_retry(server);
  if (txn_.server == &server) return;
  if (txn_.server) worker_.counters(txn_.server->slot()).sessions_now.sub();
  txn_.server = &server;
  if (txn_.trace) trace_server(server);
  server::Counters& counters = worker_.counters(server.slot());
  counters.sessions.add();
  counters.sessions_now.add();
  counters.session_rate.add(worker_.second());
  counters.chosen.add();
  worker_.counters(back_site_->backend->slot()).chosen.add();
}

// The server before has failed: it is tried again, or another is.
void Stream::count_retry(const server::Server& next) {
  const bool same = txn_.server == &next;
  for (const uint32_t slot : {txn_.server->slot(), back_site_->backend->slot()}) {
    server::Counters& counters = worker_.counters(slot);
    (same ? counters.retries : counters.redispatches).add();
  }
  if (same)
    worker_.counters(next.slot()).sessions.add();
  else
    txn_.redispatched = true;
}

void Stream::connect_to(server::Server& server) {
  choose(server);
  server::Counters& counters = worker_.counters(server.slot());
  server::Counters& backend_counters = worker_.counters(back_site_->backend->slot());
  const config::Proxy& proxy = *back_site_->proxy;
  if (redirected_by(server)) return;
  SSL_CTX* tls = server.config().ssl ? worker_.engine().tls.of(server.config()) : nullptr;
  const std::string_view name = tls ? back_site_->rules->server_name(server.config(), txn_) : std::string_view();
  const base::SockAddr to = destination(server);
  const std::string_view pool_name = back_site_->rules->connection_name(server.config(), name, txn_);
  const bool told_apart = (tls || !pool_name.empty()) && !worker_.stand_in;
  uint64_t name_hash = told_apart ? ServerConnection::hash_of(pool_name) : 0;
  // Those that lead elsewhere are for those who want to go there.
  if (to.is_ip() && to.ip_port() != server.address().ip_port()) name_hash ^= ServerConnection::hash_of(to.to_string());
  const Protocol protocol = protocol_for(server.config(), websocket());
  back_ = proxy.mode == config::Mode::http ? used_connection(server, protocol, name_hash) : nullptr;
  reused_ = back_ != nullptr;
  if (reused_) {
    permit_ = {};
    counters.reuses.add();
    backend_counters.reuses.add();
    phase_ = Phase::connect;
    return connected();
  }
  if (!permitted(server)) return;
  phase_ = Phase::connect;
  counters.connects.add();
  backend_counters.connects.add();
  std::optional<base::IpPort> shown = shown_source(server);
  worker_.spare_socket();
  auto opened = ServerConnection::open(
      worker_, server, to, proxy, {shown, txn_.server_mark, txn_.server_tos, tls, name, name_hash, protocol}, *this);
  if (!opened) return connect_failed(opened.error().sys == EADDRNOTAVAIL ? Reason::resource : Reason::connect_failed);
  (*opened)->hold(std::move(permit_));
  if (server.config().send_proxy) send_proxy_header(**opened, server.config().send_proxy);
  back_ = std::move(*opened);
  back_->set_timeout(back_site_->timeouts.connect);
}

bool Stream::permitted(server::Server& server) {
  server::Permits* permits = server.permits();
  if (!permits || permit_ || worker_.stand_in) [[likely]]
    return true;
  if (permits->take()) {
    permit_ = server::Permit(*permits);
    return true;
  }
  phase_ = Phase::queue;
  txn_.at.queued_until = base::kNever;
  awaits_permit_ = true;
  permits->queue().push(*this);
  permits->fill();
  if (back_site_->timeouts.queue.count() > 0) timer_.set_after(back_site_->timeouts.queue);
  for (const auto& worker : worker_.engine().workers) worker->post([&w = *worker, &server] { w.make_room(server); });
  return false;
}

// Nearly always the server's address.
base::SockAddr Stream::destination(const server::Server& server) const {
  base::SockAddr to = server.address();
  if (&server == server.backend().direct() && back_site_->proxy->has(config::Option::transparent))
    to = base::SockAddr(txn_.dst);
  // A server 0.0.0.0 is where the client wanted to go, or where rules send it (set-dst).
  if (to.is_ip() && to.ip_port().ip == base::IpAddr::any(to.ip_port().ip.family) && txn_.dst.ip.length() > 0)
    to = base::SockAddr(base::IpPort{txn_.dst.ip, to.port()});
  if (to.is_ip() && (server.config().port_map != config::Server::PortMap::fixed || to.port() == 0))
    to.set_port(static_cast<uint16_t>(txn_.dst.port + server.config().port_offset));
  return to;
}

// One that is there already: the client's own, one of HTTP/2 that has room, or an idle one.
std::unique_ptr<BackEndpoint> Stream::used_connection(server::Server& server, Protocol protocol, uint64_t name_hash) {
  const config::Proxy& proxy = *back_site_->proxy;
  const BackEndpoint::Claim claim = this->claim();
  if (claim.of == BackEndpoint::Claim::Of::exchange) return nullptr;
  if (std::unique_ptr<ServerConnection> kept = client_.kept_servers().take(server, name_hash)) {
    kept->attach(*this);
    bound_ = kept->bound();
    return kept;
  }
  // `safe` promises that a first request never fails on a connection that the server was just closing. A request that
  // we can send again keeps that promise on any connection.
  const bool any = claim.of == BackEndpoint::Claim::Of::client || proxy.http_reuse == config::HttpReuse::always ||
                   !txn_.first_request || replayable();
  if (!any && proxy.http_reuse != config::HttpReuse::aggressive) return nullptr;
  IdlePool& pool = worker_.idle(server);
  if (protocol != Protocol::http_1)
    if (ServerConnection* shared = pool.find_shared(claim, !any, name_hash)) return shared->add_stream(*this, claim);
  if (claim.of == BackEndpoint::Claim::Of::client || protocol == Protocol::http_2) return nullptr;
  std::unique_ptr<ServerConnection> idle = pool.take(!any, name_hash);
  if (idle) idle->attach(*this);
  return idle;
}

// The address that the server is to see in place of ours; nothing: ours.
std::optional<base::IpPort> Stream::shown_source(const server::Server& server) const {
  const config::Source* source = ServerConnection::source_of(server, *back_site_->proxy);
  if (!source) return std::nullopt;
  switch (source->shown) {
    case config::Source::Shown::own:
      break;
    case config::Source::Shown::address:
      return source->shown_address;
    case config::Source::Shown::client:
      return txn_.src;
    case config::Source::Shown::client_ip:
      return base::IpPort{txn_.src.ip, 0};
    case config::Source::Shown::header:
      if (!txn_.request) break;
      if (auto ip = base::IpAddr::parse(value_of(txn_.request->headers, source->header, source->occurrence)))
        return base::IpPort{*ip, 0};
      break;
  }
  return std::nullopt;
}

void Stream::append_proxy_v2(std::string& header) {
  const config::Server& config = txn_.server->config();
  const tls::TlsTransport* front = txn_.session.tls_transport;
  SSL* ssl = front ? front->ssl() : nullptr;
  std::string told;
  std::vector<net::Tlv> tlvs;
  if (const std::string_view protocol = front ? front->protocol() : std::string_view(); !protocol.empty())
    tlvs.push_back({net::Tlv::kAlpn, protocol});
  if (const char* name =
          ssl && config.proxy_v2_authority ? SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) : nullptr)
    tlvs.push_back({net::Tlv::kAuthority, name});
  if (config.proxy_v2_unique_id && !site_.rules->unique_id_format.empty()) {
    if (txn_.unique_id.empty()) txn_.unique_id = site_.rules->unique_id_format.print(txn_);
    tlvs.push_back({net::Tlv::kUniqueId, txn_.unique_id});
  }
  if (config.proxy_v2_tls) {
    told = tls::proxy_tlv_value(ssl, config.proxy_v2_tls);
    tlvs.push_back({net::Tlv::kTls, told});
  }
  size_t room = kMostOfTlvs;
  for (const auto& [server, type, format] : back_site_->rules->server_tlvs()) {
    if (server != &config) continue;
    const std::string_view value = format->print(txn_);
    if (value.size() > room) continue;
    room -= value.size();
    tlvs.push_back({type, value});
  }
  net::append_proxy_v2(header, txn_.src, txn_.dst, tlvs, config.proxy_v2_checksum);
}

// What the server is to know of the client comes before everything else.
void Stream::send_proxy_header(ServerConnection& connection, uint8_t version) {
  std::string header;
  if (version == 1)
    net::append_proxy_v1(header, txn_.src, txn_.dst);
  else
    append_proxy_v2(header);
  connection.send_preface(header);
}

void Stream::on_connecting(Endpoint& back) {
  if (back.output() == Endpoint::Output::failed) return connect_failed(Reason::connect_failed);
  connected();
}

// Who only asks what would become of a request says nothing of servers.
void Stream::tell_observer(Outcome outcome) {
  if (!worker_.stand_in) worker_.engine().observer.note(*txn_.server, outcome);
}

void Stream::connected() {
  if (!reused_) observe(Outcome::connected);
  if (!reused_) back_ = BackEndpoint::ready(std::move(back_), *this, claim());
  txn_.at.connected = txn_.now;
  txn_.server_tls = back_->tls();
  txn_.server_error = expr::ConnectionError::none;
  if (site_.rules->logs_server_source) txn_.server_source = base::SockAddr::local_of(back_->socket()).ip_port();
  on_attached();
}

void Stream::connect_failed(Reason reason) {
  server::Server* server = txn_.server;
  if (back_) {
    txn_.server_error = back_->handshake_error();
    if (back_->tls()) txn_.server_tls_failure = back_->tls()->failure();
    release_back(false);
  }
  if (reason != Reason::resource) observe(Outcome::no_connection);
  if (txn_.retries >= back_site_->proxy->retries ||
      !back_site_->proxy->retry_on.has(config::RetryCause::conn_failure)) {
    for (const uint32_t slot : {server->slot(), back_site_->backend->slot()})
      worker_.counters(slot).failed_connections.add();
    release_slot();
    return fail(reason);
  }
  ++txn_.retries;
  // option redispatch N: every Nth retry goes elsewhere; a negative N counts from the last one; 0 never.
  int interval = back_site_->proxy->redispatch.value_or(0);
  auto retries = static_cast<int>(back_site_->proxy->retries);
  auto done = static_cast<int>(txn_.retries);
  bool elsewhere = interval > 0 ? done % interval == 0 : interval < 0 && (retries + 1 - done) % interval == 0;
  elsewhere = !forced_ && (elsewhere || !server->up());
  tried_ = true;
  if (elsewhere) {
    leave_server();
    if (back_site_->backend->servers().size() > 1) return attach();
  }
  waiting_retry_ = true;
  base::Nanos pause = kTurnAround;
  if (back_site_->timeouts.connect.count() > 0) pause = std::min(pause, back_site_->timeouts.connect);
  // After a connect that took its whole timeout nobody needs to wait any more.
  if (reason == Reason::server_timeout) pause = base::Nanos::zero();
  timer_.set_after(pause);
}

void Stream::retry_now() {
  if (slot_of_) return connect_to(*slot_of_);
  attach();
}

// For another one, if there is one.
void Stream::leave_server() {
  avoid_ = txn_.server;
  txn_.at.queued_until = base::kNever;
  release_slot();
}

void Stream::again() {
  tried_ = true;
  server::Server& server = *txn_.server;
  if (forced_ || (!back_site_->proxy->redispatch && server.up())) return connect_to(server);
  leave_server();
  attach();
}

bool Stream::retry_after_race() {
  if (!back_ || back_->answered() || !replayable()) return false;
  if (back_->refused()) {
    if (txn_.retries >= back_site_->proxy->retries) return false;
    ++txn_.retries;
    tried_ = true;
  } else if (!reused_) {
    return false;
  }
  release_back(false);
  response_ = request_ = {};
  connect_to(*txn_.server);
  return true;
}

}  // namespace lbd::stream
