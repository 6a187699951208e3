// HttpStream, messages that become smaller on their way: `compression`. What the cache keeps is as the server sent it;
// answers of the proxy itself stay as they are [HAProxy].
#include "lbd/stream/http_stream.h"
#include "lbd/stream/worker.h"

namespace lbd::stream {

using config::Compression;

namespace {

// What the backend says goes before what the frontend says.
const std::vector<std::string>& types(const Compression::Worth& front, const Compression::Worth& back) {
  return back.types.empty() ? front.types : back.types;
}

}  // namespace

// Once, before the request leaves and `offload` hides from the server what the client takes.
void HttpStream::choose_coding() {
  static const Compression kNone;
  const Compression& front = site_.proxy->compression;
  const Compression& back = back_site_ ? back_site_->proxy->compression : kNone;
  if (std::exchange(coding_chosen_, true) || request_head_.version == http::Version::http_1_0) return;
  coding_ = compression::choose(back.compresses_answers() ? back.algorithms : front.algorithms, request_head_);
  if (coding_ && (front.offload || back.offload)) request_head_.headers.remove("accept-encoding");
}

bool HttpStream::will_compress(const http::Head& head) {
  if (offers_compression()) choose_coding();
  if (!coding_) return false;
  const Compression& front = site_.proxy->compression;
  const Compression* back = back_site_ ? &back_site_->proxy->compression : nullptr;
  if (!back) return compression::permits(head, front.answers.types, front.answers.least);
  return compression::permits(head, types(front.answers, back->answers),
                              std::max(front.answers.least, back->answers.least));
}

// Once, however often the request goes out: `compression direction`. Its head says so from then on.
void HttpStream::begin_request_compression() {
  const Compression& front = site_.proxy->compression;
  const Compression& back = back_site_->proxy->compression;
  if (!front.compresses_requests() && !back.compresses_requests()) return;
  if (std::exchange(request_coding_chosen_, true)) return;
  const Compression::Algorithm algorithm =
      back.compresses_requests() ? *back.request_algorithm : *front.request_algorithm;
  if (algorithm == Compression::Algorithm::identity ||
      !compression::permits_request(request_head_, types(front.requests, back.requests),
                                    std::max(front.requests.least, back.requests.least)))
    return;
  Engine& engine = worker_.engine();
  request_compressor_ =
      compression::Compressor::make(algorithm, engine.compression_settings, engine.compression, txn_.now);
  if (request_compressor_) compression::edit_request(request_head_, algorithm);
}

void HttpStream::begin_compression(http::Head& head, http::BodyKind& body) {
  Engine& engine = worker_.engine();
  if (*coding_ != compression::Algorithm::identity)
    compressor_ = compression::Compressor::make(*coding_, engine.compression_settings, engine.compression, txn_.now);
  bypasses_compression_ = !compressor_;
  if (!compressor_ && *coding_ != compression::Algorithm::identity) {
    txn_.compression = {};
    return;
  }
  // Its bytes lie in the buffer of the payload, which is used again as soon as the payload is compressed.
  keep_response_head();
  compression::edit(head, *coding_);
  body = http::BodyKind::chunked;
}

}  // namespace lbd::stream
