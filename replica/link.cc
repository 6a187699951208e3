#include "replica/link.h"

#include "base/log.h"

namespace replica {

Link::Link(base::Loop& loop, Store& store, uint64_t own_generation, LinkEvents& events)
    : store_(store), stream_(loop, kObjectStream, *this, own_generation, events) {
  store_.add_observer(*this);
}

Link::~Link() {
  store_.remove_observer(*this);
  store_.forget_source(this);
}

void Link::rewind(uint64_t sequence, bool new_peer) {
  cursor_ = sequence;
  if (new_peer) store_.forget_source(this);
}

uint64_t Link::collect(tandem::Envelope& envelope) {
  while (const Record* record = store_.next_after(cursor_)) {
    cursor_ = record->sequence;
    if (record->source == this) continue;
    *envelope.mutable_update()->mutable_entry() = to_wire(record->entry);
    return cursor_;
  }
  return 0;
}

// A kind that only a newer peer knows, or one object too many, is left out; the rest goes on.
std::string Link::accept(const tandem::Envelope& envelope) {
  auto entry = from_wire(envelope.update().entry());
  if (!entry && entry.error().code != base::Code::unsupported) return entry.error().text;
  if (!entry || !store_.merge(std::move(*entry), this)) {
    stream_.count_rejected();
    static base::LogLimit limit;
    base::log_limited(limit, base::Level::warning, "replication: an object was left out: {}",
                      entry ? "the store is full" : entry.error().text);
  }
  return "";
}

void Link::store_changed(const Record& record, const Entry*, Source) {
  if (record.source != this) stream_.schedule();
}

size_t Link::owed(size_t most) const {
  size_t count = 0;
  uint64_t after = session().acknowledged();
  for (const Record* record; count < most && (record = store_.next_after(after)); after = record->sequence)
    if (record->source != this) ++count;
  return count;
}

}  // namespace replica
