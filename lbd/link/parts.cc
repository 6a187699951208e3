#include "lbd/link/parts.h"

namespace lbd::link {

PartsLink::PartsLink(base::Loop& loop, const tandem::Hello& hello, replica::LinkEvents& events)
    : origin_(hello.origin()),
      node_(hello.node()),
      stream_(loop, replica::kPartStream, *this, hello.generation(), events),
      tick_(loop) {
  tick_.bind<&PartsLink::on_tick>(this);
}

void PartsLink::attach(ipc::Channel& channel, const tandem::Hello& peer) {
  if (!replica::speaks_parts(peer)) return;
  stream_.attach(channel, peer.generation());
  tick_.start_after(kTick);
}

void PartsLink::detach() {
  stream_.detach();
  tick_.stop();
}

void PartsLink::finish() {
  stream_.pump();
  detach();
}

void PartsLink::on_tick() {
  stream_.pump();
  tick_.start_after(kTick);
}

bool PartsLink::take(const tandem::Envelope& envelope) {
  if (!envelope.has_present()) return stream_.take(envelope);
  for (const auto& share : shares_) share->present(envelope.present());
  return true;
}

// What was told and not acknowledged may be lost, and what it was nobody remembers: all of it again.
void PartsLink::rewind(uint64_t, bool) {
  for (const auto& share : shares_) share->mark_all();
}

uint64_t PartsLink::collect(tandem::Envelope& envelope) {
  replica::PartBatch batch(*envelope.mutable_parts());
  Teller teller(batch, clock_, origin_, node_);
  for (const auto& share : shares_) {
    if (teller.full()) break;
    share->collect(teller);
  }
  return batch.count() == 0 ? 0 : ++sequence_;
}

void PartsLink::bequeath(const std::function<void(const tandem::Parts&)>& tell) {
  for (const auto& share : shares_) {
    if (!share->inherited()) continue;
    share->mark_all();
    for (bool more = true; more;) {
      tandem::Parts parts;
      replica::PartBatch batch(parts);
      Teller teller(batch, clock_, origin_, node_);
      share->collect(teller);
      more = batch.count() > 0;
      if (more) tell(parts);
    }
  }
}

void PartsLink::inherit(const tandem::Parts& parts) {
  // What makes no sense is left, as always.
  (void)replica::each_part(parts, [&](const replica::PartStore::News& news) {
    for (const auto& share : shares_)
      if (share->inherited() && share->owns(news.table)) return share->accept(news);
  });
}

std::string PartsLink::accept(const tandem::Envelope& envelope) {
  const bool proper = replica::each_part(envelope.parts(), [&](const replica::PartStore::News& news) {
    if (news.origin == origin_) return;
    for (const auto& share : shares_)
      if (share->owns(news.table)) return share->accept(news);
  });
  return proper ? "" : "parts without a name";
}

}  // namespace lbd::link
