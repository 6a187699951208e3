#include "lbd/stream/h2_front_session.h"

#include <vector>

#include "lbd/http/h2_head.h"
#include "lbd/stream/client_connection.h"
#include "lbd/stream/h2_front_stream.h"
#include "lbd/stream/http_stream.h"
#include "lbd/stream/worker.h"

namespace lbd::stream {

H2FrontSession::H2FrontSession(ClientConnection& connection)
    : H2Session(connection.io(), connection.worker().counters(connection.session().frontend->slot()),
                connection.worker().engine().config().global.tune.h2_fe_glitches),
      connection_(connection) {
  const config::Global& global = connection.worker().engine().config().global;
  const config::Tune& tune = global.tune;
  open({.streams =
            tune.h2_fe_max_concurrent_streams ? tune.h2_fe_max_concurrent_streams : tune.h2_max_concurrent_streams,
        .window = tune.h2_fe_initial_window_size ? tune.h2_fe_initial_window_size : tune.h2_initial_window_size,
        .header_table = tune.h2_header_table_size,
        .frame = tune.h2_max_frame_size,
        .server = false,
        .extended_connect = !global.h2_workaround_bogus_websocket});
}

H2Stream* H2FrontSession::begin(int32_t id) {
  auto* stream = new H2FrontStream(*this, id);
  add(*stream);
  connection_.h2_stream_begins();
  const uint32_t most = connection_.worker().engine().config().global.tune.h2_fe_max_total_streams;
  if (most > 0 && total() == most) say_goodbye();
  return stream;
}

bool H2FrontSession::take_over(const http::Head& request, std::string_view settings) {
  constexpr int32_t kFirst = 1;
  const bool head = request.method == http::Method::head;
  if (nghttp2_session_upgrade2(raw(), reinterpret_cast<const uint8_t*>(settings.data()), settings.size(), head,
                               nullptr) != 0)
    return false;
  H2Stream* stream = begin(kFirst);
  nghttp2_session_set_stream_user_data(raw(), kFirst, stream);
  for (const http::H2Field& field : http::h2_request(request, {}, false, false, request.headers.arena()))
    stream->on_field(field.name, field.value);
  stream->on_fields_complete(true);
  stream->on_input_complete();
  note(*stream);
  return true;
}

// Stick tables count them, too.
void H2FrontSession::on_glitch(uint32_t weight) {
  connection_.session().tracks.count(config::DataEvent::glitch, weight, io().loop.now());
}

void H2FrontSession::release(H2FrontStream& stream) {
  forget(stream);
  io().graveyard.bury(std::unique_ptr<net::Mortal>(&stream));
  connection_.h2_stream_over();
}

void H2FrontSession::want_output() {
  connection_.flush_later();
}

void H2FrontSession::handshake_ended() {
  for (H2Stream& stream : streams_) static_cast<H2FrontStream&>(stream).on_handshake_ended();
  tell_streams();
}

void H2FrontSession::end_exchanges_on(const server::Server& server, Reason reason) {
  std::vector<Stream*> all;
  for_each_exchange([&](Stream& exchange) {
    if (exchange.transaction().server == &server) all.push_back(&exchange);
  });
  for (Stream* exchange : all) exchange->kill(reason);
}

void H2FrontSession::for_each_exchange(const std::function<void(Stream&)>& visit) {
  for (H2Stream& stream : streams_)
    if (HttpStream* exchange = static_cast<H2FrontStream&>(stream).exchange()) visit(*exchange);
}

}  // namespace lbd::stream
