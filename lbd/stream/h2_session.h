// H2Session: HTTP/2 on a connection: frames and HPACK by nghttp2, each stream an H2Stream with an exchange of its own.
//
//   bytes ─▶ receive(): nghttp2 calls back, streams note what has happened ─▶ each is told ─▶ what they want to send
//   waits in their buffers ─▶ before the loop sleeps: produce() frames as far as windows and the socket permit
//
// So all that one turn of the loop brings for a connection leaves in one write. Windows open as exchanges take what has
// come: a slow peer holds up its own stream, within one window. Peers that cost more than they bring (resets, empty
// frames, pings) are counted as glitches, and sent away beyond a limit.
// Owner: the connection; H2FrontSession is a client's, H2BackSession a server's. Thread: the worker's. Errors: the
// session says goodbye by GOAWAY and is over(). RFC 9113, 8441; manual: tune.h2.*.
#pragma once

#include <nghttp2/nghttp2.h>

#include "base/buffer.h"
#include "base/intrusive.h"
#include "lbd/server/counters.h"
#include "lbd/stream/h2_stream.h"

namespace lbd::stream {

class H2Session {
 public:
  virtual ~H2Session();
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
    return failed_ || (!(nghttp2_session_want_read(session_) && (!input_ended_ || count_ > 0)) &&
                       !nghttp2_session_want_write(session_));
  }
  size_t streams() const { return count_; }
  uint32_t total() const { return total_; }  // of streams, since the beginning

  // The peer has closed its direction: messages that are whole are dealt with.
  void input_ended();
  // Asks the peer whether it is there; unanswered() until it has said so.
  void ping();
  bool unanswered() const { return unanswered_; }
  // No new streams; those that are there end in their own time.
  void say_goodbye();
  void end_streams(Reason reason);
  // Ends what waits for credit of a peer that has closed its direction: it waits for ever.
  void end_starved(Reason reason);

  // --- for its streams
  net::Io& io() const { return io_; }
  nghttp2_session* raw() const { return session_; }
  // Something waits to be told to the stream.
  void note(H2Stream& stream);
  // The exchange on it is over.
  void forget(H2Stream& stream);
  virtual void want_output() = 0;

 protected:
  struct Settings {
    uint32_t streams, window, header_table, frame;
    bool server, extended_connect = false;
  };
  // `glitches`: so many end the connection; 0: any number.
  H2Session(net::Io& io, server::Counters& counters, uint32_t glitches);
  void open(const Settings& settings);
  void add(H2Stream& stream);

  base::List<H2Stream> streams_;

 private:
  struct Callbacks;
  friend struct Callbacks;
  // The peer opens a stream; null: it may not.
  virtual H2Stream* begin(int32_t id) = 0;
  virtual void on_glitch(uint32_t) {}
  // The peer's settings have come.
  virtual void on_settings() {}
  void fail(uint32_t error);
  void count_reset(uint32_t error);
  void count_goaway(uint32_t error);
  bool glitch(uint32_t weight = 1);

  net::Io& io_;
  server::Counters& counters_;
  nghttp2_session* session_ = nullptr;
  base::Buffer* output_ = nullptr;  // while frames are produced
  base::List<H2Stream, NoteTag> noted_;
  size_t count_ = 0;
  uint32_t glitches_ = 0, glitch_limit_;
  uint32_t total_ = 0;
  bool failed_ = false, input_ended_ = false;
  bool telling_ = false;
  bool unanswered_ = false;
};

}  // namespace lbd::stream
