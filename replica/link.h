// Link: a Store replicated over one channel: the shell around Session. It sends what the peer lacks when the channel
// takes it, and merges what the peer sends.
//
// Life: as long as the peer is known; attach() and detach() with each connection. One object for each peer: the store
// remembers by its address who knows what. Thread: that of the loop. Errors: a peer that talks nonsense is detached
// with the reason given to on_broken().
#pragma once

#include <string>

#include "base/ev.h"
#include "ipc/channel.h"
#include "replica/session.h"
#include "replica/store.h"

namespace replica {

struct ReplicationCounters {
  base::Counter updates_in, updates_out, acks_in, acks_out, resyncs, teachings, rejected;
};

class LinkEvents {
 public:
  // Both ends have everything.
  virtual void on_complete() {}
  // The channel is to be closed (Channel::abort); the link is detached already, and must not be destroyed here.
  virtual void on_broken(const std::string& reason) = 0;

 protected:
  ~LinkEvents() = default;
};

class Link final : private StoreObserver {
 public:
  Link(base::Loop& loop, Store& store, uint64_t own_generation, LinkEvents& events);
  ~Link();

  void attach(ipc::Channel& channel, uint64_t peer_generation);
  void detach();
  bool attached() const { return channel_ != nullptr; }
  // True when the envelope was for replication.
  bool take(const tandem::Envelope& envelope);
  void on_writable() { schedule(); }
  const Session& session() const { return session_; }
  const ReplicationCounters& counters() const { return counters_; }
  // Objects of the store that the peer does not have for certain, at most `most`.
  size_t owed(size_t most) const;

 private:
  void store_changed(const Record& record, const Entry* before, Source source) override;
  void schedule();
  void pump();
  void perform(const Session::Actions& actions, const tandem::Update* update = nullptr);
  void broken(const std::string& reason);
  void send_update(const Record& record);

  Store& store_;
  LinkEvents& events_;
  Session session_;
  base::Timer pump_;
  ipc::Channel* channel_ = nullptr;
  bool told_complete_ = false;
  ReplicationCounters counters_;
};

}  // namespace replica
