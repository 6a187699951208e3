// HttpStream, answers that become smaller on their way: `compression`. What the cache keeps is as the server sent it;
// answers of the proxy itself stay as they are [HAProxy].
#include "lbd/stream/http_stream.h"
#include "lbd/stream/worker.h"

namespace lbd::stream {

using config::Compression;

// Once, before the request leaves and `offload` hides from the server what the client takes.
void HttpStream::choose_coding() {
  static const Compression kNone;
  const Compression& front = site_.proxy->compression;
  const Compression& back = back_site_ ? back_site_->proxy->compression : kNone;
  if (std::exchange(coding_chosen_, true) || request_head_.version == http::Version::http_1_0) return;
  coding_ = compression::choose(back.algorithms.empty() ? front.algorithms : back.algorithms, request_head_);
  if (coding_ && (front.offload || back.offload)) request_head_.headers.remove("accept-encoding");
}

bool HttpStream::will_compress(const http::Head& head) {
  if (offers_compression()) choose_coding();
  if (!coding_) return false;
  const Compression& front = site_.proxy->compression;
  const Compression* back = back_site_ ? &back_site_->proxy->compression : nullptr;
  const std::vector<std::string>& types = back && !back->types.empty() ? back->types : front.types;
  return compression::permits(head, types, back ? std::max(back->least, front.least) : front.least);
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
