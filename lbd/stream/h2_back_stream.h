// H2BackStream: one stream of an HTTP/2 connection as the server's side of an exchange.
//
// The head goes with the first flush; that of a WebSocket waits until the server has said that it takes extended
// CONNECT. Informational heads are kept until the exchange is told of them.
// Owner: the exchange (see BackEndpoint); the connection lives at least as long. Thread: the worker's. RFC 9113, 8441.
#pragma once

#include <optional>
#include <vector>

#include "base/pooled.h"
#include "lbd/stream/back_endpoint.h"
#include "lbd/stream/h2_endpoint.h"

namespace lbd::stream {

class H2BackSession;

class H2BackStream final : public H2Endpoint<BackEndpoint>, public base::Pooled<H2BackStream> {
 public:
  H2BackStream(H2BackSession& session, EndpointEvents& events);

  // --- H2Stream
  void on_field(std::string_view name, std::string_view value) override;
  void on_fields_complete(bool last) override;
  void on_closed(uint32_t error) override;
  void tell() override;
  void kill(Reason reason) override;
  void on_settled();

  // --- BackEndpoint
  Input input() const override { return bad_ ? Input::bad : H2Endpoint::input(); }
  int socket() const override;
  const tls::TlsTransport* tls() const override;
  expr::ConnectionError handshake_error() const override { return expr::ConnectionError::none; }
  void send_request(const Request& request, http::Head& response) override;
  void start_tunnel() override;
  void finish(std::string_view trailers) override;
  void flush() override;
  void become_tunnel() override { tunnel_ = true; }
  std::string_view peek() override;
  bool alive() const override { return !reset_ && !closed_; }
  bool answered() const override { return answered_; }
  bool refused() const override { return refused_; }
  bool reusable() const override { return in_done_ && end_sent_ && !reset_; }

 private:
  void submit(std::span<const nghttp2_nv> head, const nghttp2_data_provider* body) override;
  std::unique_ptr<BackEndpoint> become_ready(EndpointEvents& events, const Claim& claim) override;
  void leave(bool keep, KeptServers* client) override;
  void expect_head(http::Head& head);
  void fail_request();

  H2BackSession& back_;
  http::Head* response_ = nullptr;                // the final one
  std::vector<http::Head> informational_;         // read, or being read, and not yet told
  std::optional<http::H2ResponseReader> reader_;  // of the head that comes next
  http::H2ResponseReader::To to_ = http::H2ResponseReader::To::request;
  std::string_view websocket_key_;
  bool head_complete_ = false, head_news_ = false;
  bool waits_for_settings_ = false, tunnel_ = false;
  bool answered_ = false, refused_ = false, bad_ = false;
};

}  // namespace lbd::stream
