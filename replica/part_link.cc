#include "replica/part_link.h"

#include <xxhash.h>

#include <utility>

namespace replica {

PartLink::PartLink(base::Loop& loop, PartStore& store, uint64_t own_generation, LinkEvents& events)
    : store_(store),
      source_(store.new_source()),
      cursor_(store),
      stream_(loop, kPartStream, *this, own_generation, events),
      events_(events) {
  store_.add_observer(*this);
}

void PartLink::attach(ipc::Channel& channel, const tandem::Hello& peer, bool confidential) {
  confidential_ = confidential;
  if (speaks_parts(peer)) stream_.attach(channel, peer.generation());
}

void PartLink::rewind(uint64_t sequence, bool new_peer) {
  cursor_.rewind(sequence);
  if (new_peer) source_ = store_.new_source();
}

bool PartLink::in_shard(const std::string& table, std::string_view key) const {
  if (shard_ == 0) return true;
  const auto shards = shards_->find(table);
  return shards == shards_->end() || XXH3_64bits(key.data(), key.size()) % shards->second + 1 == shard_;
}

uint64_t PartLink::collect(tandem::Envelope& envelope) {
  const int64_t now = base::to_millis(base::wall_now().time_since_epoch());
  return PartBatch(*envelope.mutable_parts())
      .fill(store_, cursor_, now, [&](const PartStore::Part& part, const std::string& table) {
        if (part.source == source_ || !in_shard(table, part.key())) return false;
        if (may_have(table)) return true;
        withhold();
        return false;
      });
}

// Told once.
void PartLink::withhold() {
  if (!std::exchange(withheld_, true)) events_.on_withheld();
}

std::string PartLink::accept(const tandem::Envelope& envelope) {
  const tandem::Parts& parts = envelope.parts();
  const int64_t now = base::to_millis(base::wall_now().time_since_epoch());
  std::vector<PartStore::News> all;
  all.reserve(static_cast<size_t>(parts.parts_size()));
  const bool proper = each_part(parts, [&](const PartStore::News& news) {
    if (may_have(news.table)) all.push_back(news);
  });
  store_.put(all, source_, now);
  return proper ? "" : "parts without a name";
}

}  // namespace replica
