// H2FrontStream: one stream of an HTTP/2 connection as the client's side of an exchange.
//
// Owner: the H2FrontSession; it goes when its exchange is over. Thread: the worker's. RFC 9113, 5, 8.
#pragma once

#include <memory>

#include "base/pooled.h"
#include "lbd/stream/front_endpoint.h"
#include "lbd/stream/h2_endpoint.h"

namespace lbd::stream {

class H2FrontSession;
class HttpStream;

class H2FrontStream final : public H2Endpoint<FrontEndpoint>, public base::Pooled<H2FrontStream> {
 public:
  H2FrontStream(H2FrontSession& session, int32_t id);
  ~H2FrontStream() override;

  HttpStream* exchange() const { return exchange_.get(); }

  // --- H2Stream
  void on_field(std::string_view name, std::string_view value) override;
  void on_fields_complete(bool last) override;
  void on_closed(uint32_t error) override;
  void on_handshake_ended();
  void tell() override;
  void kill(Reason reason) override;

  // --- FrontEndpoint
  expr::Session& session() override;
  uint64_t client_id() const override;
  bool input_complete() const override { return in_done_ && in_.empty(); }
  void send_informational(const http::Head& head, const Writing& writing) override;
  void send_response(const http::Head& head, http::BodyKind body, bool close_after, const Writing& writing) override;
  void send_bare(const http::StoredReply& page, base::Arena& arena) override;
  void put_text(std::string_view payload) override;
  void exchange_over(bool keep) override;
  void vanish(std::optional<uint8_t> ttl = {}) override;
  KeptServers& kept_servers() override;

 private:
  void submit(std::span<const nghttp2_nv> head, const nghttp2_data_provider* body) override;
  void begin();

  H2FrontSession& front_;
  std::unique_ptr<HttpStream> exchange_;
  std::optional<http::H2RequestReader> reader_;  // until the exchange begins
  bool head_complete_ = false, head_last_ = false, begun_ = false;
  bool extended_connect_ = false;
};

}  // namespace lbd::stream
