#include "replica/link.h"

#include "base/log.h"

namespace replica {
namespace {

// More than this in the channel: wait until the kernel took it.
constexpr size_t kEnoughQueued = 64 * 1024;

}  // namespace

Link::Link(base::Loop& loop, Store& store, uint64_t own_generation, LinkEvents& events)
    : store_(store), events_(events), session_(own_generation), pump_(loop) {
  pump_.bind<&Link::pump>(this);
  store_.add_observer(*this);
}

Link::~Link() {
  store_.remove_observer(*this);
  store_.forget_source(this);
}

void Link::attach(ipc::Channel& channel, uint64_t peer_generation) {
  channel_ = &channel;
  told_complete_ = false;
  perform(session_.up(peer_generation));
}

void Link::detach() {
  channel_ = nullptr;
  session_.down();
  pump_.stop();
}

void Link::broken(const std::string& reason) {
  detach();
  events_.on_broken(reason);
}

bool Link::take(const tandem::Envelope& envelope) {
  if (!channel_) return false;
  switch (envelope.body_case()) {
    case tandem::Envelope::kResume:
      perform(session_.resume(envelope.resume().generation(), envelope.resume().sequence(), store_.last_sequence()));
      if (session_.peer_is_new()) {
        counters_.teachings.add();
        store_.forget_source(this);
      }
      break;
    case tandem::Envelope::kUpdate:
      counters_.updates_in.add();
      perform(session_.update(envelope.update().sequence(), envelope.update().previous()), &envelope.update());
      break;
    case tandem::Envelope::kTaught:
      perform(session_.taught());
      break;
    case tandem::Envelope::kAck:
      counters_.acks_in.add();
      perform(session_.ack(envelope.ack().sequence()));
      break;
    case tandem::Envelope::kResync:
      counters_.resyncs.add();
      perform(session_.resync(envelope.resync().sequence()));
      break;
    default:
      return false;
  }
  if (channel_) schedule();
  return true;
}

void Link::perform(const Session::Actions& actions, const tandem::Update* update) {
  for (const Session::Action& action : actions) {
    tandem::Envelope envelope;
    switch (action.kind) {
      case Session::Action::Kind::resume:
        envelope.mutable_resume()->set_generation(action.generation);
        envelope.mutable_resume()->set_sequence(action.sequence);
        break;
      case Session::Action::Kind::taught:
        envelope.mutable_taught()->set_sequence(action.sequence);
        break;
      case Session::Action::Kind::ack:
        counters_.acks_out.add();
        envelope.mutable_ack()->set_sequence(action.sequence);
        break;
      case Session::Action::Kind::resync:
        counters_.resyncs.add();
        envelope.mutable_resync()->set_sequence(action.sequence);
        break;
      case Session::Action::Kind::accept: {
        auto entry = from_wire(update->entry());
        if (!entry && entry.error().code != base::Code::unsupported) return broken(entry.error().text);
        // A kind that only a newer peer knows, or one object too many, is left out; the rest goes on.
        if (!entry || !store_.merge(std::move(*entry), this)) {
          counters_.rejected.add();
          static base::LogLimit limit;
          base::log_limited(limit, base::Level::warning, "replication: an object was left out: {}",
                            entry ? "the store is full" : entry.error().text);
        }
        continue;
      }
      case Session::Action::Kind::close:
        return broken(action.reason);
    }
    channel_->send(envelope);
  }
}

// Changes of one turn of the loop are sent together, an object that changed twice once.
void Link::schedule() {
  if (channel_ && !pump_.active()) pump_.start_after(base::Nanos(0));
}

void Link::store_changed(const Record& record, const Entry*, Source) {
  if (record.source != this) schedule();
}

void Link::send_update(const Record& record) {
  tandem::Envelope envelope;
  tandem::Update& update = *envelope.mutable_update();
  update.set_sequence(record.sequence);
  *update.mutable_entry() = to_wire(record.entry);
  update.set_previous(session_.sent(record.sequence));
  counters_.updates_out.add();
  channel_->send(envelope);
}

void Link::pump() {
  if (!channel_) return;
  perform(session_.idle());
  while (channel_ && session_.may_send() && channel_->queued() < kEnoughQueued) {
    const Record* record = store_.next_after(session_.cursor());
    if (!record) break;
    if (record->source == this)
      session_.skipped(record->sequence);
    else
      send_update(*record);
  }
  if (channel_ && session_.may_send()) perform(session_.caught_up());
  if (channel_ && session_.complete() && !std::exchange(told_complete_, true)) events_.on_complete();
}

size_t Link::owed(size_t most) const {
  size_t count = 0;
  uint64_t after = session_.acknowledged();
  for (const Record* record; count < most && (record = store_.next_after(after)); after = record->sequence)
    if (record->source != this) ++count;
  return count;
}

}  // namespace replica
