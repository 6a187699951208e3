// PartLink: a PartStore replicated over one channel. See Stream.
#pragma once

#include <map>
#include <string>

#include "replica/part_batch.h"
#include "replica/stream.h"

namespace replica {

// Tables whose names begin so are secrets: they go only where nobody else listens.
inline constexpr std::string_view kSecretTables = "secret/";

class PartLink final : private StreamSide, private PartObserver {
 public:
  PartLink(base::Loop& loop, PartStore& store, uint64_t own_generation, LinkEvents& events);
  ~PartLink() { store_.remove_observer(*this); }

  // The peer gets of the entries of these lists only those in its shard, from 1; 0: all. `shards`: in how many a list
  // is.
  void limit(uint32_t shard, const std::map<std::string, uint32_t>& shards) {
    shard_ = shard;
    shards_ = &shards;
  }
  void attach(ipc::Channel& channel, const tandem::Hello& peer, bool confidential);
  void detach() { stream_.detach(); }
  bool take(const tandem::Envelope& envelope) { return stream_.take(envelope); }
  void on_writable() { stream_.on_writable(); }
  // As long as it is held the peer is told all, but not that it is all.
  void hold(bool held) {
    if (held_ && !held) stream_.teach_more();
    held_ = held;
  }
  const Stream& stream() const { return stream_; }

 private:
  uint64_t last_sequence() const override { return store_.last_sequence(); }
  void rewind(uint64_t sequence, bool new_peer) override;
  uint64_t collect(tandem::Envelope& envelope) override;
  bool incomplete() const override { return held_; }
  std::string accept(const tandem::Envelope& envelope) override;
  void parts_changed() override { stream_.schedule(); }
  void withhold();
  bool may_have(std::string_view table) const { return confidential_ || !table.starts_with(kSecretTables); }

  bool in_shard(const std::string& table, std::string_view key) const;

  PartStore& store_;
  uint32_t source_;  // another when the peer has forgotten what it told
  PartStore::Cursor cursor_;
  Stream stream_;
  uint32_t shard_ = 0;
  const std::map<std::string, uint32_t>* shards_ = nullptr;
  LinkEvents& events_;
  bool confidential_ = false, held_ = false, withheld_ = false;
};

}  // namespace replica
