#include "lbd/stream/h2_front_stream.h"

#include "lbd/stream/client_connection.h"
#include "lbd/stream/h2_front_session.h"
#include "lbd/stream/http_stream.h"
#include "lbd/stream/worker.h"

namespace lbd::stream {

H2FrontStream::H2FrontStream(H2FrontSession& session, int32_t id) : H2Endpoint(session, id), front_(session) {
  ClientConnection& connection = session.connection();
  exchange_ = std::make_unique<HttpStream>(connection.worker(), *this, connection.port().site());
  connection.session().start_over(io().loop.now());
  const config::Tune& tune = connection.worker().engine().config().global.tune;
  reader_.emplace(exchange_->request(), http::H2Limits{io().chunks.chunk_size() - tune.maxrewrite, tune.http_maxhdr});
}

H2FrontStream::~H2FrontStream() = default;

void H2FrontStream::on_field(std::string_view name, std::string_view value) {
  if (head_complete_)
    add_trailer(name, value);
  else
    reader_->add(name, value);
}

void H2FrontStream::on_fields_complete(bool last) {
  if (head_complete_) return trailers_complete();
  head_complete_ = true;
  head_last_ = last;
  session_.note(*this);
}

void H2FrontStream::on_closed(uint32_t error) {
  closed_ = true;
  if (error != NGHTTP2_NO_ERROR || !end_sent_) reset_ = in_news_ = true;
}

void H2FrontStream::on_handshake_ended() {
  in_news_ = true;
  session_.note(*this);
}

void H2FrontStream::begin() {
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

void H2FrontStream::tell() {
  if (over_) return;
  if (!head_complete_) return exchange_over(false);
  if (!begun_) begin();
  if (std::exchange(in_news_, false) && events_) events_->on_input(*this);
  if (std::exchange(out_news_, false) && events_) events_->on_output(*this);
}

void H2FrontStream::kill(Reason reason) {
  if (over_) return;
  reset_ = true;
  if (begun_)
    exchange_->kill(reason);
  else
    exchange_over(false);
}

// --- towards the client

void H2FrontStream::put_text(std::string_view payload) {
  if (!reset_ && !closed_) out_.append(io().chunks, payload);
}

void H2FrontStream::submit(std::span<const nghttp2_nv> head, const nghttp2_data_provider* body) {
  nghttp2_submit_response(session_.raw(), id_, head.data(), head.size(), body);
}

void H2FrontStream::send_informational(const http::Head& head, const Writing& writing) {
  const auto fields = to_nvs(http::h2_response(head, writing.extra, false, writing.arena));
  nghttp2_submit_headers(session_.raw(), NGHTTP2_FLAG_NONE, id_, nullptr, fields.data(), fields.size(), nullptr);
}

void H2FrontStream::send_response(const http::Head& head, http::BodyKind, bool, const Writing& writing) {
  head_ = http::h2_response(head, writing.extra, extended_connect_, writing.arena);
}

void H2FrontStream::send_bare(const http::StoredReply& page, base::Arena& arena) {
  http::Head head(arena);
  head.status = page.status;
  head.headers.add("content-length", arena.copy(std::to_string(page.body.size())));
  head.headers.add("cache-control", "no-cache");
  head.headers.add("content-type", "text/html");
  head_ = http::h2_response(head, {}, false, arena);
  put_text(page.body);
}

// --- the end

expr::Session& H2FrontStream::session() {
  return front_.connection().session();
}

uint64_t H2FrontStream::client_id() const {
  return front_.connection().client_id();
}

KeptServers& H2FrontStream::kept_servers() {
  return front_.connection().kept_servers();
}

void H2FrontStream::vanish(std::optional<uint8_t> ttl) {
  reset_ = true;
  front_.connection().vanish(ttl);
}

void H2FrontStream::exchange_over(bool) {
  if (over_) return;
  front_.connection().dispose(std::move(exchange_));
  // A client that still sends may stop (RFC 9113, 8.1); one that has not got all must see that it has not.
  close_stream(end_sent_ ? NGHTTP2_NO_ERROR : NGHTTP2_CANCEL);
  session_.want_output();
  front_.release(*this);
}

}  // namespace lbd::stream
