// H2Stream: one stream of an HTTP/2 connection as the client's side of an exchange.
//
// What comes is kept until the exchange takes it, which opens the window again; what the exchange puts waits until
// nghttp2 asks for it. The head of an answer waits for the first flush, so that one without a body is a single frame.
// Owner: the H2Session; it goes when its exchange is over and nghttp2 knows. Thread: the worker's. RFC 9113, 5, 8.
#pragma once

#include <nghttp2/nghttp2.h>

#include <memory>
#include <string>
#include <vector>

#include "base/intrusive.h"
#include "base/lazy_timer.h"
#include "base/pooled.h"
#include "lbd/http/h2_head.h"
#include "lbd/net/io.h"
#include "lbd/stream/close.h"
#include "lbd/stream/front_endpoint.h"

namespace lbd::stream {

class H2Session;
class HttpStream;
struct NoteTag;

class H2Stream final : public net::Mortal,
                       public FrontEndpoint,
                       public base::ListHook<>,
                       public base::ListHook<NoteTag>,
                       public base::Pooled<H2Stream> {
 public:
  H2Stream(H2Session& session, int32_t id);
  ~H2Stream() override;

  // --- from the callbacks of nghttp2; told later, by tell()
  void on_field(std::string_view name, std::string_view value);
  void on_fields_complete(bool last);
  void on_data(std::string_view bytes);
  void on_input_complete() { in_done_ = in_news_ = true; }
  void on_closed(uint32_t error);
  void on_end_sent() { end_sent_ = out_news_ = true; }
  ssize_t read_output(uint8_t* to, size_t most, uint32_t* flags);
  // What has happened since the last time.
  void tell();

  int32_t id() const { return id_; }
  void kill(Reason reason);
  HttpStream* exchange() const { return exchange_.get(); }

  // --- Endpoint
  Input input() const override;
  size_t take(base::Buffer& to, size_t most) override;
  std::string_view trailers() const override { return trailers_; }
  void want_input(bool wanted) override { paused_ = !wanted; }
  size_t room() const override;
  void put(base::Buffer& payload) override;
  void finish(std::string_view trailers) override;
  void flush() override;
  Output output() const override;
  void set_timeout(base::Nanos timeout) override;
  void clear_timeout() override;

  // --- FrontEndpoint
  expr::Session& session() override;
  bool input_complete() const override { return in_done_ && in_.empty(); }
  bool hung_up() const override { return reset_; }
  size_t unread() const override { return in_.size(); }
  bool paused() const override { return paused_; }
  void send_informational(const http::Head& head, const Writing& writing) override;
  void send_response(const http::Head& head, http::BodyKind body, bool close_after, const Writing& writing) override;
  void send_bare(const http::StoredReply& page, base::Arena& arena) override;
  void put_text(std::string_view payload) override;
  size_t unsent() const override { return out_.size(); }
  void become_tunnel() override {}
  void set_deadline(base::MonoTime when) override;
  void exchange_over(bool keep) override;
  void vanish(std::optional<uint8_t> ttl = {}) override;
  std::unique_ptr<ServerConnection>& kept_server() override;

 private:
  void begin();
  void on_timer();
  void touch();
  void submit_head();
  void resume();
  net::Io& io() const;

  H2Session& session_;
  int32_t id_;
  std::unique_ptr<HttpStream> exchange_;
  EndpointEvents* events_ = nullptr;
  std::optional<http::H2RequestReader> reader_;  // until the exchange begins
  base::Buffer in_, out_;
  std::string trailers_, out_trailers_;
  std::span<const http::H2Field> head_;  // of the answer, until it is submitted
  base::LazyTimer timer_;
  base::Nanos timeout_{0};
  bool head_complete_ = false, head_last_ = false, begun_ = false;
  bool in_done_ = false, in_news_ = false, out_news_ = false;
  bool extended_connect_ = false;
  bool deferred_ = false, out_finished_ = false, end_sent_ = false;
  bool reset_ = false;   // by the client, or with the connection
  bool closed_ = false;  // nghttp2 knows it no more
  bool paused_ = false, over_ = false;
};

}  // namespace lbd::stream
