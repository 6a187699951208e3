// Stream, the forwarding of payload: from one endpoint into the other as far as there is room and limits of bandwidth
// allow, with the timeouts that go with it. Manual: timeout client, server, tunnel, client-fin, server-fin; 9.7
// (of 2.7).
#include <algorithm>
#include <limits>

#include "lbd/http/counted_size.h"
#include "lbd/stream/server_connection.h"
#include "lbd/stream/stream.h"
#include "lbd/stream/worker.h"

namespace lbd::stream {

namespace {

// What is held back goes on when this much of the limit is free again: fewer, larger pieces.
constexpr uint64_t kPiecesOfLimit = 64;
constexpr base::Nanos kShortestPause = base::Millis(1);

// The rate that the streams of a limit share.
const table::Field& shared_rate(const expr::BandwidthLimit& limit) {
  return *limit.table->layout().find(config::data_type(limit.filter->incoming ? "bytes_in_rate" : "bytes_out_rate"));
}

// How long until no more than `most` have been spent: for a shared rate, as if it faded evenly.
base::Nanos until(expr::BandwidthLimit& limit, uint64_t most, base::MonoTime now, uint64_t& spent) {
  if (!limit.table) {
    spent = limit.spent.spent(now, limit.period);
    return limit.spent.until(most, now, limit.period);
  }
  spent = 0;
  limit.table->with(limit.key, table::Table::Use::look, now,
                    [&](table::Record& record) { spent = record.get(shared_rate(limit)); });
  if (spent <= most) return base::Nanos::zero();
  return base::Nanos(limit.period) * static_cast<int64_t>(std::min(spent - most, limit.bytes)) /
         static_cast<int64_t>(limit.bytes);
}

}  // namespace

void Stream::pump(Endpoint& from, Endpoint& to, Flow& flow) {
  const bool request = &flow == &request_;
  compression::Compressor* compressor = (request ? request_compressor_ : compressor_).get();
  size_t room = 0;
  bool all = flow.finished;  // that was there has been taken
  do {
    base::Buffer piece;
    while (!all && (room = std::min(to.room(), allowance(flow))) > 0) {
      const size_t n = from.take(piece, room);
      all = n == 0;
      if (all) break;
      flow.bytes += n;
      charge(flow, n);
      if (!request) keep_for_cache(piece);
      if (compressor) compressor->add(piece, worker_.chunks, txn_.now);
      if (request) replay_.keep(piece);
      if (!piece.empty()) to.put(piece);
    }
    if (compressor && !flow.finished) {
      // The other side waits for what has come so far, which may be all for now.
      if (from.input() == Endpoint::Input::complete)
        compressor->finish(piece, worker_.chunks, txn_.now);
      else
        compressor->flush(piece, worker_.chunks, txn_.now);
      if (request) replay_.keep(piece);
      if (!piece.empty()) to.put(piece);
    }
    if (!flow.finished && from.input() == Endpoint::Input::complete) {
      flow.finished = true;
      flow.bytes += http::counted_trailers_size(from.trailers());
      if (&flow == &response_ && txn_.cache && txn_.cache->recording) txn_.cache->recording->finish();
      to.finish(keeps_trailers(flow) ? from.trailers() : std::string_view());
    }
    to.flush();
    room = flow.finished ? 0 : std::min(to.room(), allowance(flow));
    // What was left for want of room goes on if there is some again: no event would come that says so.
  } while (!all && room > 0);
  if (!flow.finished) from.want_input(room > 0);
  if (site_.proxy->has(config::Option::contstats)) [[unlikely]] {
    count_bytes();
    tell_bytes();
  }
}

// option http-drop-request-trailers, http-drop-response-trailers
bool Stream::keeps_trailers(const Flow& flow) const {
  if (&flow == &response_) return !site_.proxy->has(config::Option::http_drop_response_trailers);
  return !back_site_ || !back_site_->proxy->has(config::Option::http_drop_request_trailers);
}

// How much may go now. When it is nothing, on_allowance() comes when it is something again.
size_t Stream::allowance(const Flow& flow) {
  uint64_t allowed = std::numeric_limits<size_t>::max();
  base::Nanos pause{0};
  for (expr::BandwidthLimit* limit = txn_.bandwidth; limit; limit = limit->next) {
    if (limit->filter->incoming != (&flow == &request_)) continue;
    const uint64_t least =
        std::min(std::max({limit->filter->least, limit->bytes / kPiecesOfLimit, uint64_t{1}}), limit->bytes);
    uint64_t spent = 0;
    const base::Nanos wait = until(*limit, limit->bytes - least, txn_.now, spent);
    pause = std::max(pause, wait);
    allowed = wait.count() > 0 ? 0 : std::min(allowed, limit->bytes - spent);
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
  for (expr::BandwidthLimit* limit = txn_.bandwidth; limit; limit = limit->next) {
    if (limit->filter->incoming != (&flow == &request_)) continue;
    auto spend = [&](table::Record& record) { record.add(shared_rate(*limit), bytes); };
    if (limit->table)
      limit->table->with(limit->key, table::Table::Use::create, txn_.now, spend);
    else
      limit->spent.spend(bytes, txn_.now, limit->period);
  }
}

// Both directions: as if both sides had room again.
void Stream::on_allowance() {
  on_output(client_);
  if (!finished_ && back_) on_output(*back_);
}

base::MonoTime Stream::Waiting::until(bool waits_now, uint64_t bytes_now, base::MonoTime now, base::Nanos allowed) {
  if (!std::exchange(waits, waits_now) || bytes != bytes_now) since = now;
  bytes = bytes_now;
  return waits && allowed.count() > 0 ? since + allowed : base::kNever;
}

// Who is waited for has a timeout; who has done its part has none.
void Stream::update_timeouts() {
  if (finished_) return;
  const bool tunnel = tunnelling() && phase_ == Phase::data;
  const bool half_closed = tunnel && (request_.finished || response_.finished);
  const bool both_ways = tunnel && !half_closed && tunnel_timeout().count() > 0;
  auto timeout = [&](base::Nanos fin, base::Nanos own) {
    if (half_closed && fin.count() > 0) return fin;
    return tunnel && tunnel_timeout().count() > 0 ? tunnel_timeout() : own;
  };
  const bool to_client = client_.unsent() > 0;
  const bool from_client = !request_.finished && !client_.paused();
  // A byte in either direction keeps a tunnel alive: both sides wait.
  if (both_ways || to_client || from_client)
    client_.set_timeout(timeout(site_.timeouts.client_fin, client_timeout()));
  else
    client_.clear_timeout();
  if (!back_ || !back_site_) return;
  const bool to_server = back_->unsent() > 0;
  const bool from_server = !response_.finished && !back_->paused() && (request_.finished || phase_ >= Phase::data);
  const base::Nanos allowed = timeout(back_site_->timeouts.server_fin, server_timeout());
  base::MonoTime until = base::kNever;
  if (back_site_->proxy->has(config::Option::independent_streams)) [[unlikely]] {
    if (!apart_) apart_ = std::make_unique<Apart>();
    until = std::min(apart_->from_server.until(from_server, response_.bytes, txn_.now, allowed),
                     apart_->to_server.until(to_server, request_.bytes - back_->unsent(), txn_.now, allowed));
  }
  if (until != base::kNever)
    back_->set_deadline(until);
  else if (!apart_ && (both_ways || to_server || from_server))
    back_->set_timeout(allowed);
  else
    back_->clear_timeout();
}

}  // namespace lbd::stream
