#include "ipc/journal_feed.h"

namespace ipc {
namespace {

// Of the journal, whichever of its sockets a process is asked over: each has a hello of its own.
uint64_t journal_generation() {
  static const uint64_t generation = make_hello(tandem::ROLE_UNKNOWN, "").generation();
  return generation;
}

}  // namespace

tandem::Events journal_events(uint64_t after) {
  tandem::Events all;
  for (const base::Journal::Event& event : base::Journal::instance().events()) {
    if (event.sequence <= after) continue;
    tandem::Event& to = *all.add_events();
    to.set_sequence(event.sequence);
    to.set_boot_us(static_cast<uint64_t>(event.boot.count()));
    to.set_wall_us(static_cast<uint64_t>(event.wall.time_since_epoch().count()));
    to.set_kind(event.kind);
    to.set_object(event.object);
    to.set_text(event.text);
    to.set_generation(journal_generation());
  }
  return all;
}

tandem::Envelope journal_reply(const tandem::EventsRequest& request, const tandem::Hello& own) {
  tandem::Envelope envelope;
  tandem::EventsReply& reply = *envelope.mutable_events_reply();
  const auto& events = base::Journal::instance().events();
  reply.set_generation(own.generation());
  reply.set_arrived(events.empty() ? 0 : events.back().sequence);
  reply.set_boot_us(static_cast<uint64_t>(base::boot_now().count()));
  tandem::Events& told = *reply.add_nodes();
  told = journal_events(request.generation() == own.generation() ? request.arrived() : 0);
  told.set_node(own.node());
  for (tandem::Event& event : *told.mutable_events()) {
    event.set_daemon(own.role());
    event.set_pid(own.pid());
  }
  return envelope;
}

JournalFeed::JournalFeed(base::Loop& loop) : soon_(loop) {
  soon_.bind<&JournalFeed::tell>(this);
  base::Journal::instance().set_listener([this] {
    if (client_) soon_.start_after(base::Nanos(0));
  });
}

JournalFeed::~JournalFeed() {
  base::Journal::instance().set_listener(nullptr);
}

void JournalFeed::attach(Client& client) {
  client_ = &client;
  told_ = 0;
  tell();
}

void JournalFeed::tell() {
  if (!client_) return;
  tandem::Envelope envelope;
  *envelope.mutable_events() = journal_events(told_);
  const auto& events = envelope.events().events();
  if (events.empty()) return;
  told_ = events.rbegin()->sequence();
  client_->send(envelope);
}

}  // namespace ipc
