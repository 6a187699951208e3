// Connections that go on in another process: how they are described there, and how they go on here. Of Worker,
// ClientConnection, ServerConnection, Stream and TcpStream.
#include <algorithm>

#include "lbd/stream/client_connection.h"
#include "lbd/stream/server_connection.h"
#include "lbd/stream/tcp_stream.h"
#include "lbd/stream/worker.h"

namespace lbd::stream {
namespace {

// Of each side and direction, what waits for a peer that does not read: more than an exchange takes in before it
// pauses, and four of it fit into a frame.
constexpr size_t kMostWaiting = 3 * base::ChunkPool::kLarge;

std::vector<MovedTrack> described(const table::Tracks& tracks) {
  std::vector<MovedTrack> all;
  for (const table::Tracked* one = tracks.last(); one; one = one->next)
    if (one->held) all.push_back({one->number, std::string(one->table->name()), std::string(one->key)});
  std::reverse(all.begin(), all.end());
  return all;
}

std::vector<MovedVariable> described(const expr::Vars& vars) {
  std::vector<MovedVariable> all;
  vars.for_each([&](expr::VarName name, const expr::Value& value) {
    all.push_back({name, value, value.is_text() ? std::string(value.view()) : std::string()});
  });
  return all;
}

std::vector<std::string> texts(std::span<const std::string_view> views) {
  return {views.begin(), views.end()};
}

void go_on(table::Tracks& tracks, const std::vector<MovedTrack>& moved, const table::Tables& tables, base::MonoTime now,
           base::Arena* arena) {
  for (const MovedTrack& one : moved) {
    table::Table* table = tables.find(one.table);
    if (table && table->key_size_of(one.key.size()) == one.key.size())
      tracks.go_on(one.number, *table, one.key, now, arena);
  }
}

void go_on(expr::Vars& vars, const std::vector<MovedVariable>& moved, base::Arena* arena) {
  for (const MovedVariable& one : moved) {
    expr::Value value = one.value;
    if (value.is_text()) value.text = {one.text.data(), one.text.size()};
    vars.set(one.name, value, arena);
  }
}

void fill(std::span<std::string_view> slots, const std::vector<std::string>& texts, base::Arena& arena) {
  for (size_t i = 0; i < std::min(slots.size(), texts.size()); ++i) slots[i] = arena.copy(texts[i]);
}

}  // namespace

// --- Stream

ServerConnection* Stream::wire_of_tunnel() {
  const bool quiet = !finished_ && phase_ == Phase::data && back_ && !rules_waiting_ && !txn_.bandwidth &&
                     !txn_.cache && !slot_coming_ && !in_turn_ && !txn_.trace && client_.unread() <= kMostWaiting &&
                     client_.unsent() <= kMostWaiting;
  ServerConnection* wire = quiet ? back_->own_wire() : nullptr;
  return wire && wire->unread() <= kMostWaiting && wire->unsent() <= kMostWaiting ? wire : nullptr;
}

MovedTunnel Stream::describe() {
  count_bytes();
  MovedTunnel moved;
  moved.backend = txn_.backend->name();
  moved.server = txn_.server->name();
  moved.holds_slot = slot_of_ != nullptr;
  moved.logged = logged_;
  moved.src = txn_.src;
  moved.dst = txn_.dst;
  moved.at = txn_.at;
  moved.termination = txn_.termination;
  moved.status = txn_.status;
  moved.bytes_in = txn_.bytes_in;
  moved.bytes_out = txn_.bytes_out;
  moved.retries = txn_.retries;
  moved.redispatched = txn_.redispatched;
  moved.first_request = txn_.first_request;
  moved.queue_before_server = txn_.queue_before_server;
  moved.queue_before_backend = txn_.queue_before_backend;
  moved.request_line = txn_.request_line;
  moved.request_cookie = txn_.request_cookie;
  moved.response_cookie = txn_.response_cookie;
  moved.unique_id = txn_.unique_id;
  moved.server_source = txn_.server_source;
  moved.request_captures = texts(txn_.request_captures);
  moved.response_captures = texts(txn_.response_captures);
  moved.log_level = txn_.log_level;
  moved.timeout_server = txn_.timeout_server;
  moved.timeout_tunnel = txn_.timeout_tunnel;
  moved.timeout_client = txn_.timeout_client;
  moved.tracks = described(txn_.tracks);
  moved.variables = described(txn_.vars);
  return moved;
}

void Stream::leave_behind() {
  finished_ = true;
  txn_.errand.reset();
  timer_.clear();
  allowance_timer_.reset();
  worker_.counters(txn_.server->slot()).sessions_now.sub();
  release_back(false);
  release_slot();
  back_site_->backend->streams.fetch_sub(1, std::memory_order_relaxed);
  txn_.tracks.end(worker_.loop.now());
}

bool Stream::resume(MovedTunnel& moved) {
  const auto& sites = worker_.engine().sites();
  for (size_t i = 0; i < sites.size() && !back_site_; ++i)
    if (sites[i].backend && sites[i].backend->name() == moved.backend) back_site_ = &worker_.engine().site(i);
  if (!back_site_) return false;
  server::Backend& backend = *back_site_->backend;
  server::Server* server = backend.direct() ? backend.direct() : backend.find_server(moved.server);
  if (!server) {
    back_site_ = nullptr;
    return false;
  }
  txn_.backend = &backend;
  txn_.server = server;
  server::raise_peak(backend.streams_peak, backend.streams.fetch_add(1, std::memory_order_relaxed) + 1);
  worker_.counters(server->slot()).sessions_now.add();
  if (moved.holds_slot) {
    server->take_over_slot();
    slot_of_ = server;
  }
  txn_.src = moved.src;
  txn_.dst = moved.dst;
  txn_.at = moved.at;
  txn_.termination = moved.termination;
  txn_.status = moved.status;
  txn_.retries = moved.retries;
  txn_.redispatched = moved.redispatched;
  txn_.first_request = moved.first_request;
  txn_.queue_before_server = moved.queue_before_server;
  txn_.queue_before_backend = moved.queue_before_backend;
  txn_.request_line = arena_.copy(moved.request_line);
  txn_.request_cookie = arena_.copy(moved.request_cookie);
  txn_.response_cookie = arena_.copy(moved.response_cookie);
  txn_.unique_id = arena_.copy(moved.unique_id);
  txn_.server_source = moved.server_source;
  txn_.log_level = moved.log_level;
  txn_.timeout_server = moved.timeout_server;
  txn_.timeout_tunnel = moved.timeout_tunnel;
  txn_.timeout_client = moved.timeout_client;
  site_.rules->open_captures(txn_);
  fill(txn_.request_captures, moved.request_captures, arena_);
  fill(txn_.response_captures, moved.response_captures, arena_);
  stream::go_on(txn_.tracks, moved.tracks, worker_.engine().tables, txn_.now, &arena_);
  stream::go_on(txn_.vars, moved.variables, &arena_);
  logged_ = moved.logged;
  request_.bytes = moved.bytes_in;
  response_.bytes = moved.bytes_out;
  if (site_.proxy->has(config::Option::contstats)) {
    told_in_ = moved.bytes_in;
    told_out_ = moved.bytes_out;
  }
  auto wire = std::make_unique<ServerConnection>(worker_, *server, std::move(moved.wire.fd), ServerConnection::Wish());
  if (server::Permits* permits = server->permits()) {
    permits->take_over();
    wire->hold(server::Permit(*permits));
  }
  wire->attach(*this);
  wire->go_on(moved.wire);
  back_ = std::move(wire);
  return true;
}

// --- TcpStream

ServerConnection* TcpStream::movable() {
  const bool admitted = !back_site_ || response_seen_ || back_site_->rules->tcp_response_content.empty();
  return attached_ && admitted ? wire_of_tunnel() : nullptr;
}

bool TcpStream::go_on(MovedTunnel& moved) {
  const Turn turn(*this);
  if (!resume(moved)) return false;
  attached_ = request_sought_ = response_seen_ = true;
  phase_ = Phase::data;
  pump(client_, *back_, request_);
  pump(*back_, client_, response_);
  progress();
  return true;
}

// --- ServerConnection

MovedWire ServerConnection::move_away() {
  MovedWire moved;
  moved.received = rx_.to_string();
  moved.unsent = tx_.to_string();
  moved.fd = give_away();
  return moved;
}

void ServerConnection::go_on(const MovedWire& moved) {
  stage_ = Stage::connected;
  start_tunnel();
  rx_.append(io_.chunks, moved.received);
  tx_.append(io_.chunks, moved.unsent);
}

// --- ClientConnection

bool ClientConnection::move_to(Successor& successor) {
  if (closed() || h2_ || session_.tls || early_ || session_.trace) return false;
  ServerConnection* wire = nullptr;
  if (state_ == State::exchange) {
    wire = stream_ && events_ ? stream_->movable() : nullptr;
    const expr::Transaction* txn = wire ? &stream_->transaction() : nullptr;
    if (!wire || !successor.takes(*session_.frontend, txn->backend, txn->server)) return false;
  } else if (state_ != State::idle || !tx_.empty() || wire_input() != Wire::open ||
             !successor.takes(*session_.frontend, nullptr, nullptr)) {
    return false;
  }
  MovedConnection moved;
  moved.frontend = session_.frontend->name();
  moved.listener = session_.bind_index;
  moved.deadline = deadline();
  moved.src = session_.src;
  moved.dst = session_.dst;
  moved.accepted = session_.accepted;
  moved.accepted_mono = session_.accepted_mono;
  moved.handshakes = session_.handshakes;
  moved.requests = session_.requests;
  moved.tracks = described(session_.tracks);
  moved.variables = described(session_.vars);
  if (wire) {
    moved.tunnel = stream_->describe();
    moved.tunnel->wire = wire->move_away();
    stream_->leave_behind();
    events_ = nullptr;
    dispose(std::move(stream_));
  }
  moved.wire.received = rx_.to_string();
  moved.wire.unsent = tx_.to_string();
  moved.wire.fd = give_away();
  state_ = State::closed;
  session_.tracks.end(io_.loop.now());
  kept_servers_.clear();
  worker_.connection_closed(*this);
  successor.move(std::move(moved));
  return true;
}

void ClientConnection::go_on(MovedConnection& moved) {
  session_.dst = moved.dst;
  session_.accepted = moved.accepted;
  session_.accepted_mono = moved.accepted_mono;
  session_.handshakes = moved.handshakes;
  session_.requests = moved.requests;
  stream::go_on(session_.tracks, moved.tracks, worker_.engine().tables, io_.loop.now(), nullptr);
  stream::go_on(session_.vars, moved.variables, nullptr);
  watch(EV_READ);
  rx_.append(io_.chunks, moved.wire.received);
  tx_.append(io_.chunks, moved.wire.unsent);
  if (!moved.tunnel) {
    state_ = State::idle;
    if (moved.deadline != base::kNever) set_deadline(moved.deadline);
    if (!rx_.empty()) read_again();
    return;
  }
  state_ = State::exchange;
  become_tunnel();
  auto stream = std::make_unique<TcpStream>(worker_, *this, port_.site());
  TcpStream& running = *stream;
  events_ = stream.get();
  stream_ = std::move(stream);
  if (running.go_on(*moved.tunnel)) return;
  events_ = nullptr;
  gone();
}

// --- Worker

void Worker::take_over(MovedConnection moved, Port& port) {
  if (!expect_connection()) return;
  server::Frontend& frontend = *port.site().frontend;
  engine_.connections.fetch_add(1, std::memory_order_relaxed);
  server::raise_peak(frontend.connections_peak, frontend.connections.fetch_add(1, std::memory_order_relaxed) + 1);
  server::Listener& place = port.place();
  server::raise_peak(place.connections_peak, place.connections.fetch_add(1, std::memory_order_relaxed) + 1);
  auto& connection = *new ClientConnection(*this, port, std::move(moved.wire.fd), base::SockAddr(moved.src));
  clients_.push_back(connection);
  connection.go_on(moved);
}

void Worker::move_clients() {
  Successor* successor = engine_.successor.load(std::memory_order_acquire);
  if (!successor) return;
  std::vector<ClientConnection*> all;
  for (ClientConnection& client : clients_) all.push_back(&client);
  for (ClientConnection* client : all) client->move_to(*successor);
}

}  // namespace lbd::stream
