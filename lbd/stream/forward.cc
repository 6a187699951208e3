// Stream, the forwarding of payload: from one endpoint into the other as far as there is room, with the timeouts that
// go with it. Manual: timeout client, server, tunnel, client-fin, server-fin.
#include <algorithm>

#include "lbd/stream/client_connection.h"
#include "lbd/stream/server_connection.h"
#include "lbd/stream/stream.h"
#include "lbd/stream/worker.h"

namespace lbd::stream {

namespace {

// What trailers count for in %B and %U, as heads do: names, values and one for the end, if there are any.
uint64_t counted_size(std::string_view trailers) {
  constexpr std::string_view kEnd = "\r\n";
  if (trailers.size() <= kEnd.size()) return 0;
  constexpr auto kSeparators = 4;  // colon, blank, line end
  auto fields = static_cast<uint64_t>(std::count(trailers.begin(), trailers.end(), '\n')) - 1;
  return trailers.size() - kEnd.size() - fields * kSeparators + 1;
}

}  // namespace

void Stream::pump(Endpoint& from, Endpoint& to, Flow& flow) {
  if (!flow.finished) {
    base::Buffer piece;
    for (size_t room = to.room(); room > 0; room = to.room()) {
      size_t n = from.take(piece, room);
      if (n == 0) break;
      flow.bytes += n;
      to.put(piece);
    }
    if (from.input() == Endpoint::Input::complete) {
      flow.finished = true;
      flow.bytes += counted_size(from.trailers());
      to.finish(from.trailers());
    }
  }
  to.flush();
  if (!flow.finished) from.want_input(to.room() > 0);
}

// Who is waited for has a timeout; who has done its part has none.
void Stream::update_timeouts() {
  if (finished_) return;
  bool tunnel = tunnelling() && phase_ == Phase::data;
  if (tunnel && tunnel_timeout().count() > 0 && !request_.finished && !response_.finished) {
    // Both sides together: bytes in either direction keep the tunnel alive.
    client_.set_timeout(tunnel_timeout());
    back_->set_timeout(tunnel_timeout());
    return;
  }
  bool half_closed = tunnel && (request_.finished || response_.finished);
  bool to_client = client_.unsent() > 0;
  bool from_client = !request_.finished && !client_.paused();
  base::Nanos client_fin = site_.timeouts.client_fin;
  if (to_client || from_client)
    client_.set_timeout(half_closed && client_fin.count() > 0 ? client_fin : client_timeout());
  else
    client_.clear_timeout();
  if (!back_) return;
  bool to_server = back_->unsent() > 0;
  bool from_server = !response_.finished && !back_->paused() && (request_.finished || phase_ >= Phase::data);
  base::Nanos server_fin = back_site_->timeouts.server_fin;
  if (to_server || from_server)
    back_->set_timeout(half_closed && server_fin.count() > 0 ? server_fin : server_timeout());
  else
    back_->clear_timeout();
}

}  // namespace lbd::stream
