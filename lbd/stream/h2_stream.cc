#include "lbd/stream/h2_stream.h"

#include <algorithm>
#include <cstring>

#include "lbd/http/trailers.h"
#include "lbd/stream/client_connection.h"
#include "lbd/stream/h2_session.h"
#include "lbd/stream/http_stream.h"
#include "lbd/stream/worker.h"

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

// Valid until the next call of the thread.
std::span<const nghttp2_nv> to_nvs(std::span<const http::H2Field> fields) {
  thread_local std::vector<nghttp2_nv> all;
  all.clear();
  for (const http::H2Field& field : fields) all.push_back(to_nv(field));
  return all;
}

}  // namespace

H2Stream::H2Stream(H2Session& session, int32_t id)
    : session_(session), id_(id), timer_(session.connection().io().loop) {
  timer_.bind<&H2Stream::on_timer>(this);
  ClientConnection& connection = session.connection();
  exchange_ = std::make_unique<HttpStream>(connection.worker(), *this, connection.port().site());
  const config::Tune& tune = connection.worker().engine().config().global.tune;
  reader_.emplace(exchange_->request(),
                  http::H2RequestReader::Limits{io().chunks.chunk_size() - tune.maxrewrite, tune.http_maxhdr});
}

H2Stream::~H2Stream() = default;

net::Io& H2Stream::io() const {
  return session_.connection().io();
}

void H2Stream::on_field(std::string_view name, std::string_view value) {
  if (!head_complete_)
    reader_->add(name, value);
  else if (trailers_.size() + name.size() + value.size() < io().chunks.chunk_size())
    http::append_trailer(trailers_, name, value);
}

void H2Stream::on_fields_complete(bool last) {
  if (head_complete_) {
    trailers_ = http::forward_trailers(trailers_ + "\r\n").value_or("");
    return;
  }
  head_complete_ = true;
  head_last_ = last;
  session_.note(*this);
}

void H2Stream::on_data(std::string_view bytes) {
  if (over_) return;
  in_.append(io().chunks, bytes);
  in_news_ = true;
  touch();
}

void H2Stream::on_closed(uint32_t error) {
  closed_ = true;
  if (error != NGHTTP2_NO_ERROR || !end_sent_) reset_ = in_news_ = true;
}

void H2Stream::begin() {
  begun_ = true;
  const bool request = reader_->finish(head_last_);
  extended_connect_ = reader_->extended_connect();
  const bool too_large = reader_->too_large();
  reader_.reset();
  events_ = exchange_.get();
  ++session().requests;
  if (too_large || !request) return exchange_->refuse(Reason::bad_request, 400);
  exchange_->begin(nullptr);
}

void H2Stream::tell() {
  if (head_complete_ && !begun_ && !over_) {
    // Come and gone in one piece: it costs nobody anything.
    if (reset_) return exchange_over(false);
    begin();
  }
  if (std::exchange(in_news_, false) && events_) events_->on_input(*this);
  if (std::exchange(out_news_, false) && events_) events_->on_output(*this);
}

void H2Stream::kill(Reason reason) {
  if (over_) return;
  reset_ = true;
  if (begun_)
    exchange_->kill(reason);
  else
    exchange_over(false);
}

// --- towards us

Endpoint::Input H2Stream::input() const {
  if (reset_) return Input::failed;
  return in_done_ && in_.empty() ? Input::complete : Input::open;
}

size_t H2Stream::take(base::Buffer& to, size_t most) {
  const size_t size = std::min(most, in_.size());
  if (size == 0) return 0;
  in_.move_to(to, size, io().chunks);
  if (!closed_ && !in_done_) {
    nghttp2_session_consume_stream(session_.raw(), id_, size);
    session_.want_output();
  }
  return size;
}

// --- towards the client

size_t H2Stream::room() const {
  return reset_ || closed_ || out_.size() >= kRoom ? 0 : kRoom - out_.size();
}

void H2Stream::put(base::Buffer& payload) {
  if (reset_ || closed_)
    payload.clear();
  else
    payload.join_to(out_, kCopied);
}

void H2Stream::put_text(std::string_view payload) {
  if (!reset_ && !closed_) out_.append(io().chunks, payload);
}

void H2Stream::finish(std::string_view trailers) {
  if (out_finished_) return;
  out_finished_ = true;
  out_trailers_ = trailers;
}

void H2Stream::flush() {
  if (over_ || reset_ || closed_) return;
  if (!head_.empty())
    submit_head();
  else if (deferred_ && (!out_.empty() || out_finished_))
    resume();
  session_.want_output();
}

void H2Stream::submit_head() {
  const auto fields = to_nvs(std::exchange(head_, {}));
  const bool bodyless = out_finished_ && out_.empty() && out_trailers_.empty();
  const nghttp2_data_provider body = {{.ptr = nullptr},
                                      [](nghttp2_session* session, int32_t id, uint8_t* to, size_t most,
                                         uint32_t* flags, nghttp2_data_source*, void*) -> ssize_t {
                                        auto* stream =
                                            static_cast<H2Stream*>(nghttp2_session_get_stream_user_data(session, id));
                                        if (!stream) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
                                        return stream->read_output(to, most, flags);
                                      }};
  nghttp2_submit_response(session_.raw(), id_, fields.data(), fields.size(), bodyless ? nullptr : &body);
}

void H2Stream::resume() {
  deferred_ = false;
  nghttp2_session_resume_data(session_.raw(), id_);
}

ssize_t H2Stream::read_output(uint8_t* to, size_t most, uint32_t* flags) {
  size_t size = 0;
  while (size < most && !out_.empty()) {
    const std::string_view piece = out_.front().substr(0, most - size);
    std::memcpy(to + size, piece.data(), piece.size());
    size += piece.size();
    out_.consume(piece.size());
  }
  if (size > 0) {
    touch();
    out_news_ = true;
    session_.note(*this);
  }
  if (out_.empty() && out_finished_) {
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

Endpoint::Output H2Stream::output() const {
  if (end_sent_) return Output::drained;
  return reset_ || closed_ ? Output::failed : Output::open;
}

void H2Stream::send_informational(const http::Head& head, const Writing& writing) {
  const auto fields = to_nvs(http::h2_response(head, writing.extra, false, writing.arena));
  nghttp2_submit_headers(session_.raw(), NGHTTP2_FLAG_NONE, id_, nullptr, fields.data(), fields.size(), nullptr);
}

void H2Stream::send_response(const http::Head& head, http::BodyKind, bool, const Writing& writing) {
  head_ = http::h2_response(head, writing.extra, extended_connect_, writing.arena);
}

void H2Stream::send_bare(const http::StoredReply& page, base::Arena& arena) {
  http::Head head(arena);
  head.status = page.status;
  head.headers.add("content-length", arena.copy(std::to_string(page.body.size())));
  head.headers.add("cache-control", "no-cache");
  head.headers.add("content-type", "text/html");
  head_ = http::h2_response(head, {}, false, arena);
  put_text(page.body);
}

// --- time

void H2Stream::set_timeout(base::Nanos timeout) {
  if (timeout.count() <= 0) return clear_timeout();
  timeout_ = timeout;
  touch();
}

void H2Stream::clear_timeout() {
  timeout_ = base::Nanos::zero();
  timer_.clear();
}

void H2Stream::set_deadline(base::MonoTime when) {
  timeout_ = base::Nanos::zero();
  timer_.set(when);
}

void H2Stream::touch() {
  if (timeout_.count() > 0) timer_.set(io().loop.now() + timeout_);
}

void H2Stream::on_timer() {
  if (events_) events_->on_timeout(*this);
}

// --- the end

expr::Session& H2Stream::session() {
  return session_.connection().session();
}

std::unique_ptr<ServerConnection>& H2Stream::kept_server() {
  return session_.connection().kept_server();
}

void H2Stream::vanish(std::optional<uint8_t> ttl) {
  reset_ = true;
  session_.connection().vanish(ttl);
}

void H2Stream::exchange_over(bool) {
  if (over_) return;
  over_ = true;
  events_ = nullptr;
  timer_.clear();
  session_.connection().dispose(std::move(exchange_));
  if (!closed_) {
    // A client that still sends may stop (RFC 9113, 8.1); one that has not got all must see that it has not.
    if (!end_sent_)
      nghttp2_submit_rst_stream(session_.raw(), NGHTTP2_FLAG_NONE, id_, NGHTTP2_CANCEL);
    else if (!in_done_)
      nghttp2_submit_rst_stream(session_.raw(), NGHTTP2_FLAG_NONE, id_, NGHTTP2_NO_ERROR);
    nghttp2_session_set_stream_user_data(session_.raw(), id_, nullptr);
  }
  session_.want_output();
  session_.release(*this);
}

}  // namespace lbd::stream
