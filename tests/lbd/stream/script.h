// Script: the input of a fuzzer of streams as acts: a byte says who acts and how, the next how many of the bytes behind
// it are meant (16 times as many with bit 3).
//
// fuzz-sources: lbd/stream/attach.cc lbd/stream/forward.cc lbd/stream/trace.cc lbd/stream/http_request.cc
//
// fuzz-sources: lbd/stream/http_response.cc lbd/stream/tcp_stream.cc lbd/stream/client_handshake.cc
//
// fuzz-sources: lbd/stream/client_h2.cc lbd/stream/cached_answer.cc lbd/stream/retry.cc lbd/stream/http_compression.cc
//
// fuzz-sources: lbd/tls/contexts_changes.cc lbd/tls/contexts_ocsp.cc lbd/stream/moving.cc
//
// fuzz-sources: lbd/server/supervisor_names.cc lbd/stream/http_page.cc
// Of the statistics page.
// fuzz-sources: lbd/stats/everything.cc lbd/stats/process_exact.cc lbd/stats/process_view.cc
#pragma once

#include <algorithm>
#include <string_view>

#include "tests/lbd/stream/stage.h"

namespace lbd::stream {

struct Act {
  uint8_t kind;  // 0 to 7
  size_t which;  // of those who may be meant
  std::string_view bytes;
  bool same_turn;  // the next act comes before the worker does anything
};

class Script {
 public:
  Script(const uint8_t* data, size_t size)
      : left_(reinterpret_cast<const char*>(data), std::min<size_t>(size, 20000)) {}

  bool next(Act& act) {
    if (left_.size() < 2) return false;
    const auto how = static_cast<uint8_t>(left_[0]);
    const size_t length = std::min<size_t>(static_cast<uint8_t>(left_[1]) * (how & 8 ? 16u : 1u), left_.size() - 2);
    act = {static_cast<uint8_t>(how & 7), static_cast<size_t>(how >> 4), left_.substr(2, length), (how & 128) != 0};
    left_.remove_prefix(2 + length);
    return true;
  }

 private:
  std::string_view left_;
};

// Whatever becomes of it.
inline void send_all(Side& side, std::string_view bytes) {
  if (side.fd) [[maybe_unused]]
    ssize_t sent = ::send(side.fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

// The latest is the first; null: there is none.
inline Side* server_of(Stage& stage, size_t which) {
  if (stage.servers.empty()) return nullptr;
  return stage.servers[stage.servers.size() - 1 - which % stage.servers.size()].get();
}

// All sides go; then nothing may be held any more.
inline void end_of(Stage& stage) {
  stage.leave();
  CHECK(stage.worker_->connections() == 0);
  for (const auto& backend : stage.engine_->objects().backends()) {
    CHECK(backend->streams.load() == 0 && backend->queue().size() == 0);
    for (const auto& server : backend->servers()) CHECK(server->served() == 0 && server->queue().size() == 0);
  }
}

}  // namespace lbd::stream
