// CachedAnswer: an answer from a cache in the place of a server, so that rules, framing and credit are those of any
// answer. What the client sends is dropped.
//
// Owner: the exchange (see BackEndpoint). Thread: the worker's. Errors: none. Manual: 6.
#pragma once

#include "lbd/cache/cache.h"
#include "lbd/stream/back_endpoint.h"

namespace lbd::stream {

class CachedAnswer final : public BackEndpoint {
 public:
  CachedAnswer(cache::Cache::Answer answer, base::ChunkPool& chunks) : answer_(std::move(answer)), chunks_(chunks) {}

  // The head as the request wants it: without a body for HEAD, or only that it has not changed.
  void answer(const http::Head& request, base::MonoTime now, http::Head& head);

  // --- Endpoint
  Input input() const override { return left_.empty() ? Input::complete : Input::open; }
  size_t take(base::Buffer& to, size_t most) override;
  std::string_view trailers() const override { return chunked_ ? "\r\n" : ""; }
  void want_input(bool) override {}
  size_t room() const override { return chunks_.chunk_size(); }
  void put(base::Buffer& payload) override { payload.clear(); }
  void finish(std::string_view) override { finished_ = true; }
  void flush() override {}
  Output output() const override { return finished_ ? Output::drained : Output::open; }
  void set_timeout(base::Nanos) override {}
  void set_deadline(base::MonoTime) override {}
  void clear_timeout() override {}
  base::MonoTime deadline() const override { return base::kNever; }

  // --- BackEndpoint
  int socket() const override { return -1; }
  const tls::TlsTransport* tls() const override { return nullptr; }
  expr::ConnectionError handshake_error() const override { return expr::ConnectionError::none; }
  void send_request(const Request&, http::Head&) override {}
  void start_tunnel() override {}
  void become_tunnel() override {}
  size_t unsent() const override { return 0; }
  std::string_view peek() override { return left_; }
  size_t unread() const override { return left_.size(); }
  bool hung_up() const override { return false; }
  bool paused() const override { return false; }
  bool alive() const override { return false; }
  bool answered() const override { return true; }
  bool refused() const override { return false; }
  bool reusable() const override { return false; }

 private:
  std::unique_ptr<BackEndpoint> become_ready(EndpointEvents&, const Claim&) override {
    return std::unique_ptr<BackEndpoint>(this);
  }
  void leave(bool, KeptServers*) override { delete this; }

  const cache::Cache::Answer answer_;
  base::ChunkPool& chunks_;
  std::string_view left_;  // of the body
  bool chunked_ = false;
  bool finished_ = false;  // the request has come whole
};

}  // namespace lbd::stream
