// H2Session: HTTP/2 on a client's connection: frames and HPACK by nghttp2, each stream an H2Stream with an exchange of
// its own.
//
//   bytes ─▶ receive(): nghttp2 calls back, streams note what has happened ─▶ each is told ─▶ what they want to send
//   waits in their buffers ─▶ before the loop sleeps: produce() frames as far as windows and the socket permit
//
// So all that one turn of the loop brings for a connection leaves in one write. Windows open as exchanges take what has
// come: a slow server holds up its own stream, within one window. Peers that cost more than they bring (resets, empty
// frames, pings) are counted as glitches, and sent away beyond a limit.
// Owner: the ClientConnection. Thread: the worker's. Errors: the session says goodbye by GOAWAY and is over().
// RFC 9113, 8441; manual: tune.h2.*.
#pragma once

#include <nghttp2/nghttp2.h>

#include <memory>

#include "base/buffer.h"
#include "base/intrusive.h"
#include "lbd/stream/close.h"

namespace lbd::server {
class Server;
}

namespace lbd::stream {

class ClientConnection;
class H2Stream;

class H2Session {
 public:
  explicit H2Session(ClientConnection& connection);
  ~H2Session();
  H2Session(const H2Session&) = delete;
  H2Session& operator=(const H2Session&) = delete;

  // Takes all of `bytes`, and tells the streams.
  void receive(base::Buffer& bytes);
  // Appends frames to `to` until it holds about a batch; false: there is nothing more now.
  bool produce(base::Buffer& to);
  // Those streams whose frames have gone are told so.
  void tell_streams();
  // Nothing will come any more, in either direction, once what was produced is sent.
  bool over() const {
    return failed_ || (!nghttp2_session_want_read(session_) && !nghttp2_session_want_write(session_));
  }
  size_t streams() const { return count_; }

  // No new streams; those that are there end in their own time.
  void say_goodbye();
  // The connection is gone, or shall go at once.
  void end_streams(Reason reason);
  void end_exchanges_on(const server::Server& server, Reason reason);

  // --- for its streams
  ClientConnection& connection() { return connection_; }
  nghttp2_session* raw() { return session_; }
  // Something waits to be told to the stream.
  void note(H2Stream& stream);
  void add(H2Stream& stream);
  // The exchange on it is over: the stream is buried.
  void release(H2Stream& stream);
  void want_output();

 private:
  struct Callbacks;
  friend struct Callbacks;
  void fail(uint32_t error);
  bool glitch(uint32_t weight = 1);

  ClientConnection& connection_;
  nghttp2_session* session_ = nullptr;
  base::List<H2Stream> streams_;
  base::List<H2Stream, struct NoteTag> noted_;
  size_t count_ = 0;
  uint32_t glitches_ = 0, glitch_limit_;
  uint32_t total_ = 0;  // of streams, since the beginning
  bool failed_ = false;
  bool telling_ = false;
};

}  // namespace lbd::stream
