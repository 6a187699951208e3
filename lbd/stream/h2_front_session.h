// H2FrontSession: HTTP/2 on a client's connection: its streams are those that the client opens.
//
// Owner: the ClientConnection. Thread, errors: see H2Session. Manual: tune.h2.fe.*.
#pragma once

#include <functional>

#include "lbd/stream/h2_session.h"

namespace lbd::server {
class Server;
}
namespace lbd::http {
struct Head;
}

namespace lbd::stream {

class ClientConnection;
class H2FrontStream;
class Stream;

class H2FrontSession final : public H2Session {
 public:
  explicit H2FrontSession(ClientConnection& connection);

  // The first stream is a request of HTTP/1 with these settings (RFC 7540, 3.2.1). False: they are wrong.
  bool take_over(const http::Head& request, std::string_view settings);
  // Of the connection, which has spoken before it: those who wait for it are told.
  void handshake_ended();
  void end_exchanges_on(const server::Server& server, Reason reason);
  void for_each_exchange(const std::function<void(Stream&)>& visit);

  // --- for its streams
  ClientConnection& connection() { return connection_; }
  void want_output() override;
  // The stream's exchange is over: it is buried.
  void release(H2FrontStream& stream);

 private:
  H2Stream* begin(int32_t id) override;
  void on_glitch(uint32_t weight) override;

  ClientConnection& connection_;
};

}  // namespace lbd::stream
