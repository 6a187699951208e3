// H1Endpoint: an HTTP/1 or raw TCP connection as an Endpoint: a byte connection with the framing of one message in
// each direction. A raw connection is one whose messages are tunnels from the start. What is special to the client's
// side (requests, keep-alive) and the server's side (connecting, responses, the pool) derives from it.
//
// Owner: see ClientConnection and ServerConnection. Thread: the worker's. RFC 9112.
#pragma once

#include <memory>
#include <string>

#include "lbd/http/h1_body.h"
#include "lbd/http/h1_parser.h"
#include "lbd/net/connection.h"
#include "lbd/stream/endpoint.h"

namespace lbd::stream {

// `Side`: FrontEndpoint or BackEndpoint, what the derived one is to its stream.
template <typename Side>
class H1Endpoint : public net::Connection, public Side {
 public:
  using net::Connection::Connection;

  using Input = Endpoint::Input;
  using Output = Endpoint::Output;

  Input input() const override;
  size_t take(base::Buffer& to, size_t most) override;
  std::string_view trailers() const override { return trailers_ ? std::string_view(*trailers_) : std::string_view(); }
  void want_input(bool wanted) override;

  size_t room() const override;
  void put(base::Buffer& payload) override;
  void finish(std::string_view trailers) override;
  void flush() override;
  Output output() const override;

  void set_timeout(base::Nanos timeout) override { net::Connection::set_timeout(timeout); }
  void set_deadline(base::MonoTime when) override { net::Connection::set_deadline(when); }
  void clear_timeout() override { net::Connection::clear_timeout(); }
  base::MonoTime deadline() const override { return net::Connection::deadline(); }

  // What has come and was not taken yet, as far as it fits into one buffer (mode tcp: content rules).
  std::string_view peek();
  size_t unread() const { return rx_.size(); }

  // Both directions are bytes from now on (mode tcp, CONNECT, 101).
  void become_tunnel();
  void leave_tunnel();  // before any byte was taken or put

 protected:
  void on_writable() override;
  void on_timeout() override;
  void start_input(http::BodyKind kind, uint64_t length);
  // `close_after`: the end of the message is the end of our direction.
  void start_output(http::BodyKind kind, bool close_after);
  // The message in this direction is over and the connection may carry another.
  bool input_reusable() const { return in_started_ && in_.done() && wire_input() == Wire::open; }
  void end_exchange();
  bool tunnel() const { return tunnel_; }
  // The message that we send ends with the connection, and has not ended.
  bool cut_short() const { return out_by_end_ && !out_finished_; }
  // The end of the connection was meant, not made by somebody on the way.
  virtual bool end_is_meant() const { return true; }

  EndpointEvents* events_ = nullptr;
  http::H1Body in_;

 private:
  std::unique_ptr<std::string> trailers_;
  bool in_started_ = false;
  bool in_bad_ = false, in_cut_ = false;
  bool out_chunked_ = false, out_close_ = false, out_finished_ = false, out_by_end_ = false;
  bool tunnel_ = false;
};

}  // namespace lbd::stream
