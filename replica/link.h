// Link: a Store replicated over one channel. See Stream.
//
// One object for each peer: the store remembers by its address who knows what.
#pragma once

#include "replica/store.h"
#include "replica/stream.h"

namespace replica {

class Link final : private StreamSide, private StoreObserver {
 public:
  Link(base::Loop& loop, Store& store, uint64_t own_generation, LinkEvents& events);
  ~Link();

  void attach(ipc::Channel& channel, uint64_t peer_generation) { stream_.attach(channel, peer_generation); }
  void detach() { stream_.detach(); }
  bool attached() const { return stream_.attached(); }
  // True when the envelope was for it.
  bool take(const tandem::Envelope& envelope) { return stream_.take(envelope); }
  void on_writable() { stream_.on_writable(); }
  const Session& session() const { return stream_.session(); }
  const ReplicationCounters& counters() const { return stream_.counters(); }
  // Objects of the store that the peer does not have for certain, at most `most`.
  size_t owed(size_t most) const;

 private:
  uint64_t last_sequence() const override { return store_.last_sequence(); }
  void rewind(uint64_t sequence, bool new_peer) override;
  uint64_t collect(tandem::Envelope& envelope) override;
  std::string accept(const tandem::Envelope& envelope) override;
  void store_changed(const Record& record, const Entry* before, Source source) override;

  Store& store_;
  uint64_t cursor_ = 0;  // what changed up to this number is sent, or known to the peer
  Stream stream_;
};

}  // namespace replica
