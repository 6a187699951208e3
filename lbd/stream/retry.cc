// HttpStream, a request that goes out once more although a server has it: `retry-on`. What was sent is kept in a Replay
// until an answer is accepted. Manual: retry-on, retries, option redispatch, http-request disable-l7-retry.
#include "lbd/stream/http_stream.h"
#include "lbd/stream/worker.h"

namespace lbd::stream {

// A request that is larger than a buffer is not kept, as with HAProxy.
void HttpStream::begin_replay() {
  const config::Proxy& proxy = *back_site_->proxy;
  if (!proxy.retry_on.needs_request() || !txn_.may_retry || proxy.retries == 0) return;
  const size_t most = worker_.chunks.chunk_size();
  if (request_head_bytes_ < most) replay_.begin(most - request_head_bytes_);
}

bool HttpStream::retry(config::RetryCause cause) {
  const config::Proxy* proxy = back_site_ ? back_site_->proxy : nullptr;
  if (!replay_.on() || !back_ || !txn_.server || head_sent_ || !proxy->retry_on.has(cause)) return false;
  if (txn_.retries >= proxy->retries || client_.output() == Endpoint::Output::failed) return false;
  ++txn_.retries;
  if (cause == config::RetryCause::junk_response) {
    worker_.counters(txn_.server->slot()).failed_responses.add();
    worker_.counters(back_site_->backend->slot()).failed_responses.add();
  }
  release_back(false);
  txn_.response = nullptr;
  txn_.status = 0;
  txn_.at.response_head = base::kNever;
  response_head_ = http::Head(arena_);
  response_ = {};
  request_ = {.bytes = request_compressor_ ? request_compressor_->bytes_in() : replay_.body().size()};
  again();
  return true;
}

// The part of the body that the server before this one got.
void HttpStream::put_replay() {
  if (replay_.body().empty()) return;
  base::Buffer body;
  body.append(worker_.chunks, replay_.body());
  back_->put(body);
}

}  // namespace lbd::stream
