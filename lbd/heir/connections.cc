#include "lbd/heir/connections.h"

#include <array>

#include "lbd/heir/address.h"

namespace lbd::heir {
namespace {

using expr::Type;
using stream::MovedConnection;
using stream::MovedTrack;
using stream::MovedTunnel;
using stream::MovedVariable;

constexpr size_t kMostWaiting = 1 << 20;
constexpr int kMostItems = 1024;  // of what an exchange has several of

constexpr std::array kMoments = {&expr::Moments::accepted,     &expr::Moments::request_start,
                                 &expr::Moments::request_done, &expr::Moments::queued_until,
                                 &expr::Moments::connected,    &expr::Moments::response_head,
                                 &expr::Moments::end};

int64_t nanos_of(base::MonoTime time) {
  return time.time_since_epoch().count();
}
base::MonoTime mono_of(int64_t nanos) {
  return base::MonoTime(base::Nanos(nanos));
}
int64_t micros_of(base::WallTime time) {
  return time.time_since_epoch().count();
}
base::WallTime wall_of(int64_t micros) {
  return base::WallTime(base::Micros(micros));
}

template <typename Message>
void put_tracks(Message& message, const std::vector<MovedTrack>& tracks) {
  for (const MovedTrack& one : tracks) {
    tandem::Track& track = *message.add_tracks();
    track.set_number(one.number);
    track.set_table(one.table);
    track.set_key(one.key);
  }
}

template <typename Message>
std::vector<MovedTrack> tracks_of(const Message& message) {
  std::vector<MovedTrack> tracks;
  for (const tandem::Track& one : message.tracks()) tracks.push_back({one.number(), one.table(), one.key()});
  return tracks;
}

template <typename Message>
void put_variables(Message& message, const std::vector<MovedVariable>& variables) {
  for (const MovedVariable& one : variables) {
    tandem::Variable& variable = *message.add_variables();
    variable.set_scope(static_cast<uint32_t>(one.name.scope));
    variable.set_name(one.name.hash);
    variable.set_type(static_cast<uint32_t>(one.value.type));
    variable.set_text(one.text);
    switch (one.value.type) {
      case Type::boolean:
      case Type::integer:
        variable.set_integer(one.value.integer);
        break;
      case Type::ipv4:
        variable.set_integer(one.value.v4);
        break;
      case Type::ipv6:
        variable.set_ip(one.value.v6, sizeof one.value.v6);
        break;
      case Type::method:
        variable.set_integer(static_cast<int64_t>(one.value.method));
        break;
      default:
        break;
    }
  }
}

// Nothing: it is of no type that a variable has.
std::optional<expr::Value> value_of(const tandem::Variable& variable) {
  expr::Value value;
  switch (static_cast<Type>(variable.type())) {
    case Type::boolean:
      value.set_bool(variable.integer() != 0);
      return value;
    case Type::integer:
      value.set_int(variable.integer());
      return value;
    case Type::ipv4:
      value.set_v4(static_cast<uint32_t>(variable.integer()));
      return value;
    case Type::ipv6:
      if (variable.ip().size() != sizeof value.v6) return std::nullopt;
      value.type = Type::ipv6;
      std::memcpy(value.v6, variable.ip().data(), sizeof value.v6);
      return value;
    case Type::string:
    case Type::binary:
      value.set_text(variable.text(), static_cast<Type>(variable.type()));
      return value;
    case Type::method:
      value.set_method(http::method_of(variable.text()), variable.text());
      return value;
    default:
      return std::nullopt;
  }
}

template <typename Message>
std::vector<MovedVariable> variables_of(const Message& message) {
  std::vector<MovedVariable> variables;
  for (const tandem::Variable& one : message.variables()) {
    const auto value = value_of(one);
    if (!value || one.scope() > static_cast<uint32_t>(expr::Scope::res)) continue;
    variables.push_back({{static_cast<expr::Scope>(one.scope()), one.name()}, *value, one.text()});
  }
  return variables;
}

void put(tandem::Connection::Tunnel& message, MovedTunnel& moved, Descriptors& fds) {
  message.set_backend(moved.backend);
  message.set_server(moved.server);
  message.set_received(moved.wire.received);
  message.set_unsent(moved.wire.unsent);
  fds.push_back(std::move(moved.wire.fd));
  message.set_holds_slot(moved.holds_slot);
  message.set_logged(moved.logged);
  heir::put(*message.mutable_src(), moved.src);
  heir::put(*message.mutable_dst(), moved.dst);
  message.set_accepted_wall_us(micros_of(moved.at.accepted_wall));
  message.set_request_wall_us(micros_of(moved.at.request_wall));
  message.set_handshakes(moved.at.handshakes.count());
  for (const auto member : kMoments) message.add_moments(nanos_of(moved.at.*member));
  const expr::Termination& end = moved.termination;
  message.set_termination(std::string{end.cause, end.phase, end.cookie_request, end.cookie_response});
  message.set_status(moved.status);
  message.set_bytes_in(moved.bytes_in);
  message.set_bytes_out(moved.bytes_out);
  message.set_retries(moved.retries);
  message.set_queue_before_server(moved.queue_before_server);
  message.set_queue_before_backend(moved.queue_before_backend);
  message.set_redispatched(moved.redispatched);
  message.set_first_request(moved.first_request);
  message.set_request_line(moved.request_line);
  message.set_request_cookie(moved.request_cookie);
  message.set_response_cookie(moved.response_cookie);
  message.set_unique_id(moved.unique_id);
  heir::put(*message.mutable_server_source(), moved.server_source);
  for (const std::string& text : moved.request_captures) message.add_request_captures(text);
  for (const std::string& text : moved.response_captures) message.add_response_captures(text);
  message.set_log_level(moved.log_level);
  for (base::Millis one : {moved.timeout_server, moved.timeout_tunnel, moved.timeout_client})
    message.add_timeouts_ms(one.count());
  put_tracks(message, moved.tracks);
  put_variables(message, moved.variables);
}

std::optional<MovedTunnel> tunnel_of(const tandem::Connection::Tunnel& message) {
  if (message.moments_size() != static_cast<int>(kMoments.size()) || message.termination().size() != 4 ||
      message.timeouts_ms_size() != 3 || message.received().size() > kMostWaiting ||
      message.unsent().size() > kMostWaiting || message.request_captures_size() > kMostItems ||
      message.response_captures_size() > kMostItems || message.tracks_size() > kMostItems ||
      message.variables_size() > kMostItems || message.status() > 999)
    return std::nullopt;
  MovedTunnel moved;
  moved.backend = message.backend();
  moved.server = message.server();
  moved.wire.received = message.received();
  moved.wire.unsent = message.unsent();
  moved.holds_slot = message.holds_slot();
  moved.logged = message.logged();
  if (const auto address = address_of(message.src())) moved.src = *address;
  if (const auto address = address_of(message.dst())) moved.dst = *address;
  moved.at.accepted_wall = wall_of(message.accepted_wall_us());
  moved.at.request_wall = wall_of(message.request_wall_us());
  moved.at.handshakes = base::Nanos(message.handshakes());
  for (size_t i = 0; i < kMoments.size(); ++i) moved.at.*kMoments[i] = mono_of(message.moments(static_cast<int>(i)));
  const std::string& end = message.termination();
  moved.termination = {end[0], end[1], end[2], end[3]};
  moved.status = static_cast<uint16_t>(message.status());
  moved.bytes_in = message.bytes_in();
  moved.bytes_out = message.bytes_out();
  moved.retries = message.retries();
  moved.queue_before_server = message.queue_before_server();
  moved.queue_before_backend = message.queue_before_backend();
  moved.redispatched = message.redispatched();
  moved.first_request = message.first_request();
  moved.request_line = message.request_line();
  moved.request_cookie = message.request_cookie();
  moved.response_cookie = message.response_cookie();
  moved.unique_id = message.unique_id();
  if (const auto address = address_of(message.server_source())) moved.server_source = *address;
  moved.request_captures.assign(message.request_captures().begin(), message.request_captures().end());
  moved.response_captures.assign(message.response_captures().begin(), message.response_captures().end());
  moved.log_level = message.log_level();
  moved.timeout_server = base::Millis(message.timeouts_ms(0));
  moved.timeout_tunnel = base::Millis(message.timeouts_ms(1));
  moved.timeout_client = base::Millis(message.timeouts_ms(2));
  moved.tracks = tracks_of(message);
  moved.variables = variables_of(message);
  return moved;
}

}  // namespace

tandem::Bequest encode(MovedConnection& moved, Descriptors& fds) {
  tandem::Bequest bequest;
  tandem::Connection& message = *bequest.mutable_connection();
  message.set_frontend(moved.frontend);
  message.set_listener(moved.listener);
  message.set_received(moved.wire.received);
  message.set_unsent(moved.wire.unsent);
  fds.push_back(std::move(moved.wire.fd));
  message.set_deadline(nanos_of(moved.deadline));
  put(*message.mutable_src(), moved.src);
  put(*message.mutable_dst(), moved.dst);
  message.set_accepted_wall_us(micros_of(moved.accepted));
  message.set_accepted(nanos_of(moved.accepted_mono));
  message.set_handshakes(moved.handshakes.count());
  message.set_requests(moved.requests);
  put_tracks(message, moved.tracks);
  put_variables(message, moved.variables);
  if (moved.tunnel) put(*message.mutable_tunnel(), *moved.tunnel, fds);
  return bequest;
}

std::optional<MovedConnection> decode(const tandem::Connection& message, Descriptors fds) {
  MovedConnection moved;
  if (fds.size() != (message.has_tunnel() ? 2u : 1u) || message.received().size() > kMostWaiting ||
      message.unsent().size() > kMostWaiting || message.tracks_size() > kMostItems ||
      message.variables_size() > kMostItems)
    return std::nullopt;
  moved.frontend = message.frontend();
  moved.listener = message.listener();
  moved.wire.received = message.received();
  moved.wire.unsent = message.unsent();
  moved.deadline = mono_of(message.deadline());
  if (const auto address = address_of(message.src())) moved.src = *address;
  if (const auto address = address_of(message.dst())) moved.dst = *address;
  moved.accepted = wall_of(message.accepted_wall_us());
  moved.accepted_mono = mono_of(message.accepted());
  moved.handshakes = base::Nanos(message.handshakes());
  moved.requests = message.requests();
  moved.tracks = tracks_of(message);
  moved.variables = variables_of(message);
  if (message.has_tunnel()) {
    moved.tunnel = tunnel_of(message.tunnel());
    if (!moved.tunnel) return std::nullopt;
    moved.tunnel->wire.fd = std::move(fds[1]);
  }
  moved.wire.fd = std::move(fds[0]);
  return moved;
}

}  // namespace lbd::heir
