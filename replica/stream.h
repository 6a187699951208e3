// Stream: replication in both directions over one channel, the shell around Session: it sends what the peer lacks when
// the channel takes it, and hands on what the peer sends. A link has two of them, with the number in
// control.proto: objects (Link, an update each) and parts (PartLink and lbd's tables, many in a message). Where they
// come from and go to is StreamSide's business.
//
// Life: as long as the peer is known; attach() and detach() with each connection. Thread: that of the loop.
// Errors: a peer that talks nonsense is detached with the reason given to on_broken().
#pragma once

#include <string>

#include "base/ev.h"
#include "ipc/channel.h"
#include "replica/session.h"

namespace replica {

inline constexpr uint32_t kObjectStream = 0;
inline constexpr uint32_t kPartStream = 1;

// Whether the peer understands parts.
bool speaks_parts(const tandem::Hello& hello);

struct ReplicationCounters {
  base::Counter updates_in, updates_out, acks_in, acks_out, resyncs, teachings, rejected;
};

class LinkEvents {
 public:
  // Both ends have everything.
  virtual void on_complete() {}
  // Something is kept back, because others could read it on the way.
  virtual void on_withheld() {}
  // The channel is to be closed (Channel::abort); the link is detached already, and must not be destroyed here.
  virtual void on_broken(const std::string& reason) = 0;

 protected:
  ~LinkEvents() = default;
};

class StreamSide {
 public:
  // The number of the last change that there is; what collect() gives later bears higher ones.
  virtual uint64_t last_sequence() const = 0;
  // The peer has what came up to this number; it forgot all when it is `new_peer`.
  virtual void rewind(uint64_t sequence, bool new_peer) = 0;
  // Fills what is sent next (its numbers are the stream's); the number of its last change, 0: there is nothing.
  virtual uint64_t collect(tandem::Envelope& envelope) = 0;
  // More is expected from others: the peer is not told yet that it knows all.
  virtual bool incomplete() const { return false; }
  // "", or why it is nonsense.
  virtual std::string accept(const tandem::Envelope& envelope) = 0;

 protected:
  ~StreamSide() = default;
};

class Stream {
 public:
  // `number`: kObjectStream or kPartStream.
  Stream(base::Loop& loop, uint32_t number, StreamSide& side, uint64_t own_generation, LinkEvents& events);

  void attach(ipc::Channel& channel, uint64_t peer_generation);
  void detach();
  bool attached() const { return channel_ != nullptr; }
  // True when the envelope was for this stream.
  bool take(const tandem::Envelope& envelope);
  // More than the channel or the window took is sent on now; what changed meanwhile waits for its time, or each write
  // would be followed by a small one.
  void on_writable() {
    if (blocked_) pump();
  }
  // There is something to send: soon.
  void schedule();
  // What came since the peer was greeted belongs to what it is taught, too.
  void teach_more() {
    session_.teach_until(side_.last_sequence());
    schedule();
  }
  // It is sent now as far as the channel takes it.
  void pump();
  const Session& session() const { return session_; }
  bool complete() const { return attached() && session_.complete(); }
  const ReplicationCounters& counters() const { return counters_; }
  void count_rejected() { counters_.rejected.add(); }

 private:
  void perform(const Session::Actions& actions, const tandem::Envelope* updates = nullptr);
  void broken(const std::string& reason);
  void acknowledge() { perform(session_.idle()); }

  const uint32_t number_;
  StreamSide& side_;
  LinkEvents& events_;
  Session session_;
  base::Timer pump_, acknowledge_;
  ipc::Channel* channel_ = nullptr;
  tandem::Envelope batch_;  // what is sent, kept for the memory that it has
  bool blocked_ = false;
  bool told_complete_ = false;
  ReplicationCounters counters_;
};

}  // namespace replica
