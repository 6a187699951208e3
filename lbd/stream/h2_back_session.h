// H2BackSession: HTTP/2 on a server's connection: its streams are the exchanges that share it.
//
// Owner: the ServerConnection. Thread, errors: see H2Session. Manual: tune.h2.be.*.
#pragma once

#include "lbd/stream/h2_session.h"

namespace lbd::stream {

class H2BackStream;
class IdlePool;
class ServerConnection;

class H2BackSession final : public H2Session {
 public:
  explicit H2BackSession(ServerConnection& connection);

  // Whether one more exchange may join.
  bool has_room() const;
  // Whether the server has said yet what it can; before that, nothing is known of extended CONNECT.
  bool settled() const { return settled_; }
  bool extended_connect();

  // --- for its streams
  ServerConnection& connection() { return connection_; }
  void join(H2BackStream& stream);
  void leave(H2BackStream& stream);
  void want_output() override;

 private:
  H2Stream* begin(int32_t) override { return nullptr; }  // servers were told not to push
  void on_settings() override;
  IdlePool& pool() const;
  uint32_t permitted() const;

  ServerConnection& connection_;
  uint32_t most_;  // streams at a time, whatever the server permits
  bool settled_ = false;
};

}  // namespace lbd::stream
