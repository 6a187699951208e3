#include "lbd/stream/h2_back_session.h"

#include <algorithm>
#include <utility>

#include "lbd/stream/h2_back_stream.h"
#include "lbd/stream/server_connection.h"
#include "lbd/stream/worker.h"

namespace lbd::stream {

H2BackSession::H2BackSession(ServerConnection& connection)
    : H2Session(connection.io(), connection.worker().counters(connection.server().backend().slot()),
                connection.worker().engine().config().global.tune.h2_be_glitches),
      connection_(connection) {
  const config::Tune& tune = connection.worker().engine().config().global.tune;
  most_ = tune.h2_be_max_concurrent_streams ? tune.h2_be_max_concurrent_streams : tune.h2_max_concurrent_streams;
  open({.streams = most_,
        .window = tune.h2_be_initial_window_size ? tune.h2_be_initial_window_size : tune.h2_initial_window_size,
        .header_table = tune.h2_header_table_size,
        .frame = tune.h2_max_frame_size,
        .server = true});
}

IdlePool& H2BackSession::pool() const {
  return connection_.worker().idle(connection_.server());
}

uint32_t H2BackSession::permitted() const {
  return nghttp2_session_get_remote_settings(raw(), NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
}

bool H2BackSession::has_room() const {
  return streams() < std::min(most_, settled_ ? permitted() : pool().permitted()) && !over() &&
         nghttp2_session_check_request_allowed(raw());
}

bool H2BackSession::extended_connect() {
  return nghttp2_session_get_remote_settings(raw(), NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL) == 1;
}

void H2BackSession::on_settings() {
  pool().note_permitted(permitted());
  if (std::exchange(settled_, true)) return;
  for (H2Stream& stream : streams_) static_cast<H2BackStream&>(stream).on_settled();
}

void H2BackSession::join(H2BackStream& stream) {
  add(stream);
}

void H2BackSession::leave(H2BackStream& stream) {
  forget(stream);
  connection_.h2_stream_over();
}

void H2BackSession::want_output() {
  connection_.flush_later();
}

}  // namespace lbd::stream
