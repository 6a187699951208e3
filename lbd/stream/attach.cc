// Stream, from the choice of a server to a connection to it: balancing, queueing, the idle pool, connecting, retries
// and redispatch. Manual: retries, option redispatch, timeout queue, timeout connect, http-reuse.
#include "lbd/http/value_list.h"
#include "lbd/net/proxy_header.h"
#include "lbd/stream/server_connection.h"
#include "lbd/stream/stream.h"
#include "lbd/stream/worker.h"

namespace lbd::stream {
namespace {

// A server that refuses gets this long to come back before it is tried once more.
constexpr base::Millis kTurnAround{1000};

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
  balance::Wish wish;
  wish.avoid = avoid_;
  if (!avoid_) {
    if (const config::Server* chosen = back_site_->rules->choose_server(txn_))
      wish.server = back_site_->backend->find_server(chosen->name);
  }
  balance::Assignment assignment = back_site_->balancer->assign(txn_, *this, worker_.index(), wish);
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

void Stream::release_slot() {
  if (slot_of_) std::exchange(slot_of_, nullptr)->give_slot();
}

// The exchange counts for this server from now on.
void Stream::choose(server::Server& server) {
  if (txn_.at.queued_until == base::kNever) txn_.at.queued_until = txn_.now;
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

void Stream::connect_to(server::Server& server) {
  choose(server);
  server::Counters& counters = worker_.counters(server.slot());
  server::Counters& backend_counters = worker_.counters(back_site_->backend->slot());
  const config::Proxy& proxy = *back_site_->proxy;
  if (redirected_by(server)) return;
  reused_ = false;
  SSL_CTX* tls = server.config().ssl ? worker_.engine().tls.of(server.config()) : nullptr;
  const std::string_view name = tls ? back_site_->rules->server_name(server.config(), txn_) : std::string_view();
  const uint64_t name_hash = tls && !worker_.stand_in ? ServerConnection::hash_of(name) : 0;
  if (proxy.mode == config::Mode::http) {
    const config::Source* source = ServerConnection::source_of(server, proxy);
    bool any_request = !source || source->shown != config::Source::Shown::header;
    std::unique_ptr<ServerConnection>& kept = client_.kept_server();
    if (any_request && kept && &kept->server() == &server && kept->name_hash() == name_hash && kept->alive_now()) {
      back_ = std::move(kept);
    } else if (shareable()) {
      // `safe` promises that a first request never fails on a connection that the server was just closing. A request
      // that we can send again keeps that promise on any connection.
      bool any = proxy.http_reuse == config::HttpReuse::always || !txn_.first_request || replayable();
      if (any || proxy.http_reuse == config::HttpReuse::aggressive) back_ = worker_.idle(server).take(!any, name_hash);
    }
  }
  if (back_) {
    reused_ = true;
    counters.reuses.add();
    backend_counters.reuses.add();
    back_->attach(*this);
    phase_ = Phase::connect;
    return connected();
  }
  phase_ = Phase::connect;
  base::SockAddr to = server.address();
  if (&server == server.backend().direct() && proxy.has(config::Option::transparent)) to = base::SockAddr(txn_.dst);
  // A server 0.0.0.0 is where the client wanted to go, or where rules send it (set-dst).
  if (to.is_ip() && to.ip_port().ip == base::IpAddr::any(to.ip_port().ip.family) && txn_.dst.ip.length() > 0)
    to = base::SockAddr(base::IpPort{txn_.dst.ip, to.port()});
  if (to.is_ip() && (server.config().port_map != config::Server::PortMap::fixed || to.port() == 0))
    to.set_port(static_cast<uint16_t>(txn_.dst.port + server.config().port_offset));
  counters.connects.add();
  backend_counters.connects.add();
  std::optional<base::IpPort> shown = shown_source(server);
  auto opened =
      ServerConnection::open(worker_, server, to, proxy, {shown, txn_.server_mark, txn_.server_tos, tls, name}, *this);
  if (!opened) return connect_failed(opened.error().sys == EADDRNOTAVAIL ? Reason::resource : Reason::connect_failed);
  back_ = std::move(*opened);
  if (server.config().send_proxy) send_proxy_header(server.config().send_proxy);
  back_->set_timeout(back_site_->timeouts.connect);
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
  net::Tlv tlvs[1];
  size_t count = 0;
  if (config.proxy_v2_unique_id && !site_.rules->unique_id_format.empty()) {
    if (txn_.unique_id.empty()) txn_.unique_id = site_.rules->unique_id_format.print(txn_);
    tlvs[count++] = {net::Tlv::kUniqueId, txn_.unique_id};
  }
  net::append_proxy_v2(header, txn_.src, txn_.dst, {tlvs, count}, config.proxy_v2_checksum);
}

// What the server is to know of the client comes before everything else.
void Stream::send_proxy_header(uint8_t version) {
  std::string header;
  if (version == 1)
    net::append_proxy_v1(header, txn_.src, txn_.dst);
  else
    append_proxy_v2(header);
  back_->send_preface(header);
}

void Stream::on_connecting(Endpoint& back) {
  if (back.output() == Endpoint::Output::failed) return connect_failed(Reason::connect_failed);
  connected();
}

void Stream::connected() {
  txn_.at.connected = txn_.now;
  txn_.server_tls = back_->tls();
  txn_.server_error = expr::ConnectionError::none;
  if (site_.rules->logs_server_source) txn_.server_source = base::SockAddr::local_of(back_->fd()).ip_port();
  on_attached();
}

void Stream::connect_failed(Reason reason) {
  server::Server* server = txn_.server;
  worker_.counters(server->slot()).failed_connections.add();
  if (back_) {
    txn_.server_error = back_->handshake_error();
    if (back_->tls()) txn_.server_tls_failure = back_->tls()->failure();
    ServerConnection::release(std::move(back_), false);
  }
  if (txn_.retries >= back_site_->proxy->retries) {
    worker_.counters(back_site_->backend->slot()).failed_connections.add();
    release_slot();
    return fail(reason);
  }
  ++txn_.retries;
  // option redispatch N: every Nth retry goes elsewhere; a negative N counts from the last one; 0 never.
  int interval = back_site_->proxy->redispatch.value_or(0);
  auto retries = static_cast<int>(back_site_->proxy->retries);
  auto done = static_cast<int>(txn_.retries);
  bool elsewhere = interval > 0 ? done % interval == 0 : interval < 0 && (retries + 1 - done) % interval == 0;
  elsewhere = elsewhere || !server->up();
  if (elsewhere) {
    txn_.redispatched = true;
    avoid_ = server;
    release_slot();
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

bool Stream::retry_after_race() {
  if (!reused_ || !back_ || back_->answered() || !replayable()) return false;
  ServerConnection::release(std::move(back_), false);
  response_ = request_ = {};
  connect_to(*txn_.server);
  return true;
}

}  // namespace lbd::stream
