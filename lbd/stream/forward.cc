// Stream, the forwarding of payload: from one endpoint into the other as far as there is room and limits of bandwidth
// allow, with the timeouts that go with it. Manual: timeout client, server, tunnel, client-fin, server-fin; 9.7
// (of 2.7).
#include <algorithm>
#include <limits>

#include "lbd/stream/server_connection.h"
#include "lbd/stream/stream.h"
#include "lbd/stream/worker.h"

namespace lbd::stream {

namespace {

// What is held back goes on when this much of the limit is free again: fewer, larger pieces.
constexpr uint64_t kPiecesOfLimit = 64;
constexpr base::Nanos kShortestPause = base::Millis(1);

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
    while (const size_t room = std::min(to.room(), allowance(flow))) {
      size_t n = from.take(piece, room);
      if (n == 0) break;
      flow.bytes += n;
      charge(flow, n);
      to.put(piece);
    }
    if (from.input() == Endpoint::Input::complete) {
      flow.finished = true;
      flow.bytes += counted_size(from.trailers());
      to.finish(from.trailers());
    }
  }
  to.flush();
  if (!flow.finished) from.want_input(to.room() > 0 && allowance(flow) > 0);
}

// How much may go now. When it is nothing, on_allowance() comes when it is something again.
size_t Stream::allowance(const Flow& flow) {
  uint64_t allowed = std::numeric_limits<size_t>::max();
  base::Nanos pause{0};
  for (expr::BandwidthLimit* limit = txn_.bandwidth; limit; limit = limit->next) {
    if (limit->filter->incoming != (&flow == &request_)) continue;
    const uint64_t least =
        std::min(std::max({limit->filter->least, limit->bytes / kPiecesOfLimit, uint64_t{1}}), limit->bytes);
    const base::Nanos wait = limit->spent.until(limit->bytes - least, txn_.now, limit->period);
    pause = std::max(pause, wait);
    allowed = wait.count() > 0 ? 0 : std::min(allowed, limit->bytes - limit->spent.spent(txn_.now, limit->period));
  }
  if (allowed == 0 && !finished_) {
    if (!allowance_timer_) {
      allowance_timer_ = std::make_unique<base::LazyTimer>(worker_.loop);
      allowance_timer_->bind<&Stream::on_allowance>(this);
    }
    const base::MonoTime when = txn_.now + std::max(pause, kShortestPause);
    allowance_timer_->set(std::min(allowance_timer_->deadline(), when));
  }
  return allowed;
}

void Stream::charge(const Flow& flow, size_t bytes) {
  for (expr::BandwidthLimit* limit = txn_.bandwidth; limit; limit = limit->next)
    if (limit->filter->incoming == (&flow == &request_)) limit->spent.spend(bytes, txn_.now, limit->period);
}

// Both directions: as if both sides had room again.
void Stream::on_allowance() {
  on_output(client_);
  if (!finished_ && back_) on_output(*back_);
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
