// ClientConnection, HTTP/2: from its beginning, by agreement, prior knowledge or upgrade, to its end. RFC 9113, 3.
#include "base/base64.h"
#include "lbd/http/value_list.h"
#include "lbd/stream/client_connection.h"
#include "lbd/stream/http_stream.h"
#include "lbd/stream/worker.h"

namespace lbd::stream {

void ClientConnection::begin_h2() {
  state_ = State::h2;
  h2_ = std::make_unique<H2FrontSession>(*this);
  wait_for_request();
  flush_later();
  if (!rx_.empty())
    h2_->receive(rx_);
  else
    read_h2();
}

void ClientConnection::read_h2() {
  const Got got = receive();
  if (handshake_ended()) h2_->handshake_ended();
  if (got == Got::nothing) return;
  if (got == Got::bytes) return h2_->receive(rx_);
  if (got == Got::error) return end_h2(Reason::client_abort);
  h2_->input_ended();
  flush_later();
}

void ClientConnection::h2_stream_begins() {
  if (h2_->streams() == 1) clear_timeout();
}

void ClientConnection::h2_stream_over() {
  if (closed()) return gone();
  if (h2_->streams() > 0) return;
  const SiteTimeouts& timeouts = port_.site().timeouts;
  if (timeouts.http_keep_alive.count() > 0)
    set_deadline(io_.loop.now() + timeouts.http_keep_alive);
  else
    set_timeout(timeouts.client);
}

// What the streams have made in this turn.
void ClientConnection::before_sleep() {
  if (state_ != State::h2 || closed()) return;
  bool more = true;
  while (more && !output_failed() && !output_blocked()) {
    more = h2_->produce(tx_);
    if (!tx_.empty()) send(more);
  }
  h2_->tell_streams();
  if (state_ != State::h2) return;
  if (tx_.empty()) h2_->end_starved(Reason::client_abort);
  if (output_failed()) return end_h2(Reason::client_abort);
  if (!tx_.empty() || !h2_->over()) return;
  h2_->end_streams(Reason::client_abort);
  if (state_ == State::h2) wire_input() == Wire::open ? linger() : gone();
}

void ClientConnection::end_h2(Reason reason) {
  h2_->end_streams(reason);
  gone();
}

// The settings of a first request that asks for HTTP/2, in clear and without a body, so that it may become the first
// stream (RFC 7540, 3.2); nothing: it goes on as it came.
std::optional<std::string_view> ClientConnection::settings_of_upgrade(const http::Head& request) const {
  if (session_.requests > 0 || session_.tls || !port_.bind().proto.empty()) return std::nullopt;
  if (!request.upgrade || request.body != http::BodyKind::none || request.version != http::Version::http_1_1 ||
      request.method == http::Method::connect)
    return std::nullopt;
  const http::Header* upgrade = request.headers.find(http::Token::upgrade);
  if (!upgrade || !http::list_has(upgrade->value, "h2c")) return std::nullopt;
  const http::Header* settings = nullptr;
  for (const http::Header& field : request.headers) {
    if (field.token != http::Token::http2_settings) continue;
    if (settings) return std::nullopt;
    settings = &field;
  }
  constexpr size_t kEntry = 6;
  const auto payload =
      settings ? base::decode_base64(settings->value, base::Base64::url, request.headers.arena()) : std::nullopt;
  return payload && payload->size() % kEntry == 0 ? payload : std::nullopt;
}

void ClientConnection::upgrade_to_h2(const http::Head& request, std::string_view settings, size_t length) {
  const std::unique_ptr<Stream> unused = std::move(stream_);  // has the text of the request
  state_ = State::h2;
  h2_ = std::make_unique<H2FrontSession>(*this);
  tx_.append(io_.chunks, "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n");
  if (!h2_->take_over(request, settings)) return end_h2(Reason::bad_request);
  rx_.consume(length);
  flush_later();
  h2_->receive(rx_);
}

}  // namespace lbd::stream
