#include "lbd/stream/h1_endpoint.h"

#include <algorithm>
#include <charconv>

#include "lbd/http/trailers.h"
#include "lbd/stream/back_endpoint.h"
#include "lbd/stream/front_endpoint.h"

namespace lbd::stream {
namespace {

// A peer that takes everything at once may be given this much per turn; one that lags gets no more than a buffer, so
// that a slow client never holds more memory than that.
constexpr size_t kFastRoom = base::ChunkPool::kLarge;

// Up to this size a copy is cheaper than one more piece to send.
constexpr size_t kCopied = 2048;

}  // namespace

template <typename Side>
void H1Endpoint<Side>::start_input(http::BodyKind kind, uint64_t length) {
  in_.start(kind, length);
  in_started_ = true;
  in_bad_ = in_cut_ = false;
  trailers_.reset();
}

template <typename Side>
void H1Endpoint<Side>::start_output(http::BodyKind kind, bool close_after) {
  out_chunked_ = kind == http::BodyKind::chunked;
  out_by_end_ = kind == http::BodyKind::until_close;
  out_close_ = close_after;
  out_finished_ = false;
}

template <typename Side>
void H1Endpoint<Side>::end_exchange() {
  in_started_ = out_finished_ = out_by_end_ = false;
  trailers_.reset();
}

template <typename Side>
std::string_view H1Endpoint<Side>::peek() {
  if (rx_.empty()) return {};
  const std::string_view whole = rx_.flatten(io_.chunks);
  return whole.empty() ? rx_.front() : whole;
}

template <typename Side>
void H1Endpoint<Side>::become_tunnel() {
  tunnel_ = true;
  start_input(http::BodyKind::tunnel, 0);
  start_output(http::BodyKind::tunnel, true);
}

template <typename Side>
void H1Endpoint<Side>::leave_tunnel() {
  tunnel_ = false;
  end_exchange();
}

template <typename Side>
Endpoint::Input H1Endpoint<Side>::input() const {
  if (in_bad_) return Input::bad;
  if (!in_started_)
    return wire_input() == Wire::open ? Input::open : wire_input() == Wire::end ? Input::cut : Input::failed;
  if (in_.done()) return Input::complete;
  if (in_cut_) return Input::cut;
  // What was received before the end is looked at first.
  if (wire_input() == Wire::failed && rx_.empty()) return Input::failed;
  return Input::open;
}

template <typename Side>
size_t H1Endpoint<Side>::take(base::Buffer& to, size_t most) {
  size_t taken = 0;
  while (in_started_ && !in_.done() && !in_bad_ && taken < most && !rx_.empty()) {
    std::string_view piece = rx_.front();
    if (in_.contiguous() > 0) piece = piece.substr(0, most - taken);
    http::H1Body::Step step = in_.feed(piece);
    if (step.kind == http::H1Body::Kind::need_more) {
      // Framing that is cut by the end of a chunk of the buffer: join the pieces, or wait.
      if (rx_.front().size() == rx_.size()) break;
      const std::string_view whole = rx_.gather(io_.chunks);
      step = in_.feed(whole);
      if (step.kind == http::H1Body::Kind::need_more) {
        in_bad_ = whole.size() >= io_.chunks.chunk_size();
        break;
      }
    }
    switch (step.kind) {
      case http::H1Body::Kind::data:
        rx_.move_to(to, step.bytes, io_.chunks);
        taken += step.bytes;
        break;
      case http::H1Body::Kind::framing:
        rx_.consume(step.bytes);
        break;
      case http::H1Body::Kind::trailers:
        if (auto written = http::forward_trailers(std::string(rx_.front().substr(0, step.bytes))))
          trailers_ = std::make_unique<std::string>(std::move(*written));
        else
          in_bad_ = true;
        rx_.consume(step.bytes);
        break;
      case http::H1Body::Kind::error:
        in_bad_ = true;
        break;
      case http::H1Body::Kind::need_more:
      case http::H1Body::Kind::end:
        break;
    }
  }
  if (in_started_ && in_.in_trailers() && !rx_.empty() && http::malformed_trailers(std::string(rx_.front())))
    in_bad_ = true;
  if (in_started_ && !in_.done() && !in_bad_ && wire_input() != Wire::open && (rx_.empty() || taken == 0)) {
    const bool by_end = in_.kind() == http::BodyKind::until_close;
    if (wire_input() == Wire::end && ((by_end && !end_is_meant()) || !in_.on_close())) in_cut_ = true;
    if (wire_input() == Wire::failed && !rx_.empty()) rx_.clear();  // the rest of a framing that never completes
  }
  return taken;
}

template <typename Side>
void H1Endpoint<Side>::want_input(bool wanted) {
  if (!wanted)
    pause_reading();
  else if (paused())
    resume_reading();
}

template <typename Side>
size_t H1Endpoint<Side>::room() const {
  if (output_failed() || closed()) return 0;
  size_t limit = output_blocked() ? io_.chunks.chunk_size() : kFastRoom;
  return tx_.size() < limit ? limit - tx_.size() : 0;
}

template <typename Side>
void H1Endpoint<Side>::put(base::Buffer& payload) {
  if (output_failed() || closed()) {
    payload.clear();
    return;
  }
  if (payload.empty()) return;
  if (!out_chunked_) {
    payload.join_to(tx_, kCopied);
    return;
  }
  char size[20];
  char* end = std::to_chars(size, size + 16, payload.size(), 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  tx_.append(io_.chunks, {size, end});
  payload.join_to(tx_, kCopied);
  tx_.append(io_.chunks, "\r\n");
}

template <typename Side>
void H1Endpoint<Side>::finish(std::string_view trailers) {
  if (out_finished_) return;
  out_finished_ = true;
  if (out_chunked_ && !output_failed() && !closed()) {
    tx_.append(io_.chunks, "0\r\n");
    tx_.append(io_.chunks, trailers.empty() ? "\r\n" : trailers);
  }
}

template <typename Side>
void H1Endpoint<Side>::flush() {
  if (closed() || output_failed()) return;
  if (!tx_.empty() && send() != Sent::all) return;
  if (out_finished_ && out_close_) shutdown_write();
}

template <typename Side>
Endpoint::Output H1Endpoint<Side>::output() const {
  if (output_failed() || closed()) return Output::failed;
  return out_finished_ && tx_.empty() ? Output::drained : Output::open;
}

template <typename Side>
void H1Endpoint<Side>::on_writable() {
  if (closed()) return;
  flush();
  if (events_ && (tx_.empty() || output_failed() || room() > 0)) events_->on_output(*this);
}

template <typename Side>
void H1Endpoint<Side>::on_timeout() {
  if (events_) events_->on_timeout(*this);
}

template class H1Endpoint<FrontEndpoint>;  // of clients
template class H1Endpoint<BackEndpoint>;   // of servers

}  // namespace lbd::stream
