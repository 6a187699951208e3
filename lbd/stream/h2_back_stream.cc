#include "lbd/stream/h2_back_stream.h"

#include <openssl/sha.h>

#include "base/base64.h"
#include "lbd/stream/h2_back_session.h"
#include "lbd/stream/server_connection.h"
#include "lbd/stream/worker.h"

namespace lbd::stream {
namespace {

// What the client takes for the server's consent (RFC 6455, 4.2.2); over HTTP/2 there is none.
std::string_view accept_of(std::string_view key, base::Arena& arena) {
  const std::string_view text = arena.concat(key, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return base::encode_base64({reinterpret_cast<const char*>(digest), sizeof digest}, base::Base64::standard, arena);
}

}  // namespace

H2BackStream::H2BackStream(H2BackSession& session, EndpointEvents& events) : H2Endpoint(session, -1), back_(session) {
  events_ = &events;
}

// --- towards the server

void H2BackStream::send_request(const Request& request, http::Head& response) {
  using To = http::H2ResponseReader::To;
  const http::Head& head = request.head;
  const bool websocket = request.websocket;
  to_ = websocket                              ? To::extended_connect
        : head.method == http::Method::connect ? To::connect
        : head.method == http::Method::head    ? To::head
                                               : To::request;
  if (const http::Header* key = websocket ? head.headers.find(http::Token::sec_websocket_key) : nullptr)
    websocket_key_ = key->value;
  waits_for_settings_ = websocket && !back_.settled();
  response_ = &response;
  expect_head(response);
  head_ = http::h2_request(head, request.extra, request.secure, websocket, request.arena);
  if (websocket && back_.settled()) on_settled();
}

void H2BackStream::expect_head(http::Head& head) {
  const config::Tune& tune = back_.connection().worker().engine().config().global.tune;
  reader_.emplace(head, http::H2Limits{io().chunks.chunk_size(), tune.http_maxhdr}, to_);
}

void H2BackStream::on_settled() {
  const bool waited = std::exchange(waits_for_settings_, false);
  if (to_ == http::H2ResponseReader::To::extended_connect && !back_.extended_connect())
    fail_request();
  else if (waited && !over_)
    flush();
}

// The server would not understand it.
void H2BackStream::fail_request() {
  bad_ = in_news_ = true;
  session_.note(*this);
  session_.want_output();
}

void H2BackStream::submit(std::span<const nghttp2_nv> head, const nghttp2_data_provider* body) {
  H2Stream* self = this;
  id_ = nghttp2_submit_request(session_.raw(), nullptr, head.data(), head.size(), body, self);
  if (id_ < 0) fail_request();
}

// What asks for a tunnel has no body, but our direction stays open for what goes through it.
void H2BackStream::finish(std::string_view trailers) {
  if (to_ < http::H2ResponseReader::To::connect || tunnel_) H2Endpoint::finish(trailers);
}

void H2BackStream::flush() {
  if (!waits_for_settings_ && !bad_) H2Endpoint::flush();
}

// Mode tcp never comes here: its connections are not asked for HTTP/2.
void H2BackStream::start_tunnel() {}

std::string_view H2BackStream::peek() {
  return in_.flatten(io().chunks);
}

int H2BackStream::socket() const {
  return back_.connection().socket();
}

const tls::TlsTransport* H2BackStream::tls() const {
  return back_.connection().tls();
}

// --- towards us

void H2BackStream::on_field(std::string_view name, std::string_view value) {
  answered_ = true;
  if (head_complete_)
    add_trailer(name, value);
  else if (reader_)
    reader_->add(name, value);
}

void H2BackStream::on_fields_complete(bool last) {
  if (head_complete_) return trailers_complete();
  if (!reader_) return;
  session_.note(*this);
  if (!reader_->finish(last)) {
    bad_ = in_news_ = true;
    reader_.reset();
    return;
  }
  if (reader_->informational()) {
    informational_.push_back(*response_);
    *response_ = http::Head(response_->headers.arena());
    return expect_head(*response_);
  }
  reader_.reset();
  head_complete_ = head_news_ = in_news_ = true;
  http::Headers& headers = response_->headers;
  if (response_->status == 101 && !websocket_key_.empty())
    headers.add("sec-websocket-accept", accept_of(websocket_key_, headers.arena()));
}

void H2BackStream::on_closed(uint32_t error) {
  closed_ = in_news_ = out_news_ = true;
  refused_ = error == NGHTTP2_REFUSED_STREAM;
  // A server may stop a request whose answer is whole (RFC 9113, 8.1).
  if (!in_done_) reset_ = true;
}

void H2BackStream::tell() {
  for (http::Head& head : std::exchange(informational_, {}))
    if (events_) events_->on_head(*this, head);
  if (std::exchange(head_news_, false) && events_) events_->on_head(*this, *response_);
  if (std::exchange(in_news_, false) && events_) events_->on_input(*this);
  if (std::exchange(out_news_, false) && events_) events_->on_output(*this);
}

void H2BackStream::kill(Reason) {
  on_closed(NGHTTP2_NO_ERROR);
  tell();
}

// --- the end

std::unique_ptr<BackEndpoint> H2BackStream::become_ready(EndpointEvents& events, const Claim&) {
  events_ = &events;
  return std::unique_ptr<BackEndpoint>(this);
}

void H2BackStream::leave(bool, KeptServers*) {
  reader_.reset();
  close_stream(in_done_ ? NGHTTP2_NO_ERROR : NGHTTP2_CANCEL);
  session_.want_output();
  io().graveyard.bury(std::unique_ptr<net::Mortal>(this));
  back_.leave(*this);
}

}  // namespace lbd::stream
