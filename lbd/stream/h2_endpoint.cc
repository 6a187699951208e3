#include "lbd/stream/h2_endpoint.h"

#include <algorithm>
#include <vector>

#include "lbd/http/trailers.h"
#include "lbd/stream/back_endpoint.h"
#include "lbd/stream/front_endpoint.h"

namespace lbd::stream {
namespace {

// What an exchange may put before some of it has gone: enough for a few frames of each turn.
constexpr size_t kRoom = 64 * 1024;
// Up to this size a copy is cheaper than one more piece.
constexpr size_t kCopied = 2048;

nghttp2_nv to_nv(const http::H2Field& field) {
  // nghttp2 copies; its type has no const.
  return {reinterpret_cast<uint8_t*>(const_cast<char*>(field.name.data())),
          reinterpret_cast<uint8_t*>(const_cast<char*>(field.value.data())), field.name.size(), field.value.size(),
          NGHTTP2_NV_FLAG_NONE};
}

ssize_t offer_payload(nghttp2_session* session, int32_t id, uint8_t*, size_t most, uint32_t* flags,
                      nghttp2_data_source*, void*) {
  auto* stream = static_cast<H2Stream*>(nghttp2_session_get_stream_user_data(session, id));
  if (!stream) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  return stream->offer_output(most, flags);
}

}  // namespace

template <typename Side>
std::span<const nghttp2_nv> H2Endpoint<Side>::to_nvs(std::span<const http::H2Field> fields) {
  thread_local std::vector<nghttp2_nv> all;
  all.clear();
  for (const http::H2Field& field : fields) all.push_back(to_nv(field));
  return all;
}

template <typename Side>
H2Endpoint<Side>::H2Endpoint(H2Session& session, int32_t id) : session_(session), id_(id), timer_(session.io().loop) {
  timer_.bind<&H2Endpoint::on_timer>(this);
}

// --- towards us

template <typename Side>
void H2Endpoint<Side>::on_data(std::string_view bytes) {
  if (over_) return;
  in_.append(io().chunks, bytes);
  in_news_ = true;
  touch();
}

template <typename Side>
void H2Endpoint<Side>::add_trailer(std::string_view name, std::string_view value) {
  if (trailers_.size() + name.size() + value.size() < io().chunks.chunk_size())
    http::append_trailer(trailers_, name, value);
}

template <typename Side>
void H2Endpoint<Side>::trailers_complete() {
  trailers_ = http::forward_trailers(trailers_ + "\r\n").value_or("");
}

template <typename Side>
Endpoint::Input H2Endpoint<Side>::input() const {
  if (reset_) return Input::failed;
  if (!in_.empty()) return Input::open;
  return in_done_ ? Input::complete : hung_up_ ? Input::cut : Input::open;
}

template <typename Side>
size_t H2Endpoint<Side>::take(base::Buffer& to, size_t most) {
  const size_t size = std::min(most, in_.size());
  if (size == 0) return 0;
  in_.move_to(to, size, io().chunks);
  if (!closed_ && !in_done_) {
    nghttp2_session_consume_stream(session_.raw(), id_, size);
    session_.want_output();
  }
  return size;
}

// --- towards the peer

template <typename Side>
size_t H2Endpoint<Side>::room() const {
  return reset_ || closed_ || out_.size() >= kRoom ? 0 : kRoom - out_.size();
}

template <typename Side>
void H2Endpoint<Side>::put(base::Buffer& payload) {
  if (reset_ || closed_)
    payload.clear();
  else
    payload.join_to(out_, kCopied);
}

template <typename Side>
void H2Endpoint<Side>::finish(std::string_view trailers) {
  if (out_finished_) return;
  out_finished_ = true;
  out_trailers_ = trailers;
}

template <typename Side>
void H2Endpoint<Side>::flush() {
  if (over_ || reset_ || closed_) return;
  if (!head_.empty()) {
    submit_head();
  } else if (deferred_ && (!out_.empty() || out_finished_)) {
    deferred_ = false;
    nghttp2_session_resume_data(session_.raw(), id_);
  }
  session_.want_output();
}

template <typename Side>
void H2Endpoint<Side>::submit_head() {
  const auto fields = to_nvs(std::exchange(head_, {}));
  const nghttp2_data_provider body = {{.ptr = nullptr}, offer_payload};
  submit(fields, out_finished_ && out_.empty() && out_trailers_.empty() ? nullptr : &body);
}

template <typename Side>
ssize_t H2Endpoint<Side>::offer_output(size_t most, uint32_t* flags) {
  const size_t size = std::min(most, out_.size());
  *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (size == out_.size() && out_finished_) {
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (out_trailers_.empty()) return static_cast<ssize_t>(size);
    const std::vector<http::H2Field> trailers = http::h2_trailers(out_trailers_);
    const auto fields = to_nvs(trailers);
    if (!fields.empty() && nghttp2_submit_trailer(session_.raw(), id_, fields.data(), fields.size()) == 0)
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
    return static_cast<ssize_t>(size);
  }
  if (size > 0) return static_cast<ssize_t>(size);
  deferred_ = true;
  return NGHTTP2_ERR_DEFERRED;
}

template <typename Side>
void H2Endpoint<Side>::move_output(base::Buffer& to, size_t size) {
  if (size == 0) return;
  if (size <= kCopied && size <= out_.front().size()) {
    to.append(io().chunks, out_.front().substr(0, size));
    out_.consume(size);
  } else {
    out_.move_to(to, size, io().chunks);
  }
  touch();
  out_news_ = true;
  session_.note(*this);
}

template <typename Side>
bool H2Endpoint<Side>::waits_for_credit() const {
  return !over_ && !closed_ && unsent() > 0 &&
         (nghttp2_session_get_stream_remote_window_size(session_.raw(), id_) <= 0 ||
          nghttp2_session_get_remote_window_size(session_.raw()) <= 0);
}

template <typename Side>
Endpoint::Output H2Endpoint<Side>::output() const {
  if (end_sent_) return Output::drained;
  return reset_ || closed_ ? Output::failed : Output::open;
}

// --- time

template <typename Side>
void H2Endpoint<Side>::set_timeout(base::Nanos timeout) {
  if (timeout.count() <= 0) return clear_timeout();
  timeout_ = timeout;
  touch();
}

template <typename Side>
void H2Endpoint<Side>::clear_timeout() {
  timeout_ = base::Nanos::zero();
  timer_.clear();
}

template <typename Side>
void H2Endpoint<Side>::set_deadline(base::MonoTime when) {
  timeout_ = base::Nanos::zero();
  timer_.set(when);
}

template <typename Side>
void H2Endpoint<Side>::touch() {
  if (timeout_.count() > 0) timer_.set(io().loop.now() + timeout_);
}

template <typename Side>
void H2Endpoint<Side>::on_timer() {
  if (events_) events_->on_timeout(*this);
}

// --- the end

template <typename Side>
void H2Endpoint<Side>::close_stream(uint32_t error) {
  over_ = true;
  events_ = nullptr;
  timer_.clear();
  if (closed_ || id_ < 0) return;
  // Both directions are whole: nghttp2 sees that by itself.
  if (!end_sent_ || !in_done_) nghttp2_submit_rst_stream(session_.raw(), NGHTTP2_FLAG_NONE, id_, error);
  nghttp2_session_set_stream_user_data(session_.raw(), id_, nullptr);
}

template class H2Endpoint<FrontEndpoint>;
template class H2Endpoint<BackEndpoint>;

}  // namespace lbd::stream
