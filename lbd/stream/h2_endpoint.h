// H2Endpoint: one stream of an HTTP/2 connection as an Endpoint: what both sides of a proxy have in common, which is
// payload, trailers and time. What comes is kept until the exchange takes it, which opens the window again; what the
// exchange puts waits until nghttp2 asks for it. The head waits for the first flush, so that a message without a body
// is a single frame.
//
// Owner: see H2FrontStream and H2BackStream. Thread: the worker's. RFC 9113, 5, 8.
#pragma once

#include <nghttp2/nghttp2.h>

#include <span>
#include <string>

#include "base/lazy_timer.h"
#include "lbd/http/h2_head.h"
#include "lbd/stream/endpoint.h"
#include "lbd/stream/h2_session.h"

namespace lbd::stream {

// `Side`: FrontEndpoint or BackEndpoint, what the derived one is to its stream.
template <typename Side>
class H2Endpoint : public H2Stream, public Side {
 public:
  using Input = Endpoint::Input;
  using Output = Endpoint::Output;

  // --- H2Stream
  void on_data(std::string_view bytes) override;
  void on_input_complete() override { in_done_ = in_news_ = true; }
  void on_input_ended() override { hung_up_ = in_news_ = true; }
  void on_end_sent() override { end_sent_ = out_news_ = true; }
  ssize_t offer_output(size_t most, uint32_t* flags) override;
  void move_output(base::Buffer& to, size_t size) override;
  bool waits_for_credit() const override;

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
  void set_deadline(base::MonoTime when) override;
  void clear_timeout() override;
  base::MonoTime deadline() const override { return timer_.deadline(); }

  // --- what each side asks
  bool hung_up() const override { return reset_ || hung_up_; }
  size_t unread() const override { return in_.size(); }
  bool paused() const override { return paused_; }
  // The end of the message may have to wait for credit, too.
  size_t unsent() const override { return out_.size() + (out_finished_ && !end_sent_); }
  void become_tunnel() override {}

 protected:
  H2Endpoint(H2Session& session, int32_t id);

  net::Io& io() const { return session_.io(); }
  void add_trailer(std::string_view name, std::string_view value);
  void trailers_complete();
  // Sends the head; without `body` it is all.
  virtual void submit(std::span<const nghttp2_nv> head, const nghttp2_data_provider* body) = 0;
  // The head that is put by goes now.
  void submit_head();
  // The exchange has let go: what nghttp2 still knows of the stream ends with `error`, if it must be told.
  void close_stream(uint32_t error);
  // Valid until the next call of the thread.
  static std::span<const nghttp2_nv> to_nvs(std::span<const http::H2Field> fields);

  H2Session& session_;
  int32_t id_;  // negative: not yet known
  EndpointEvents* events_ = nullptr;
  base::Buffer in_, out_;
  std::string trailers_;
  std::span<const http::H2Field> head_;  // until it is submitted
  bool in_done_ = false, in_news_ = false, out_news_ = false;
  bool out_finished_ = false, end_sent_ = false;
  bool hung_up_ = false;  // the peer sends no more, on the whole connection
  bool reset_ = false;    // by the peer, or with the connection
  bool closed_ = false;   // nghttp2 knows it no more
  bool over_ = false;     // the exchange has let go

 private:
  void touch();
  void on_timer();

  std::string out_trailers_;
  base::LazyTimer timer_;
  base::Nanos timeout_{0};
  bool deferred_ = false, paused_ = false;
};

}  // namespace lbd::stream
