#include "replica/stream.h"

#include <algorithm>
#include <utility>

namespace replica {
namespace {

// More than this in the channel: wait until the kernel took it.
constexpr size_t kEnoughQueued = 256 * 1024;
// What changes within it is sent together. Of objects there are few: those of one turn of the loop. Of parts there are
// many: under load a batch is worth more than the moment.
constexpr base::Millis pace_of(uint32_t stream) {
  return base::Millis(stream == kPartStream ? 2 : 0);
}
// What came is acknowledged with what is sent, or then.
constexpr base::Millis kAcknowledge{10};

constexpr uint32_t kNone = ~0u;

uint32_t stream_of(const tandem::Envelope& envelope) {
  switch (envelope.body_case()) {
    case tandem::Envelope::kResume:
      return envelope.resume().stream();
    case tandem::Envelope::kTaught:
      return envelope.taught().stream();
    case tandem::Envelope::kAck:
      return envelope.ack().stream();
    case tandem::Envelope::kResync:
      return envelope.resync().stream();
    case tandem::Envelope::kUpdate:
      return kObjectStream;
    case tandem::Envelope::kParts:
      return kPartStream;
    default:
      return kNone;
  }
}

uint64_t count_of(const tandem::Envelope& envelope) {
  return envelope.has_parts() ? static_cast<uint64_t>(envelope.parts().parts_size()) : 1;
}

}  // namespace

bool speaks_parts(const tandem::Hello& hello) {
  return std::find(hello.streams().begin(), hello.streams().end(), kPartStream) != hello.streams().end();
}

Stream::Stream(base::Loop& loop, uint32_t number, StreamSide& side, uint64_t own_generation, LinkEvents& events)
    : number_(number), side_(side), events_(events), session_(own_generation), pump_(loop), acknowledge_(loop) {
  acknowledge_.bind<&Stream::acknowledge>(this);
  pump_.bind<&Stream::pump>(this);
}

void Stream::attach(ipc::Channel& channel, uint64_t peer_generation) {
  channel_ = &channel;
  told_complete_ = false;
  perform(session_.up(peer_generation));
}

void Stream::detach() {
  channel_ = nullptr;
  session_.down();
  pump_.stop();
  acknowledge_.stop();
  blocked_ = false;
}

void Stream::broken(const std::string& reason) {
  detach();
  events_.on_broken(reason);
}

bool Stream::take(const tandem::Envelope& envelope) {
  if (!channel_ || stream_of(envelope) != number_) return false;
  switch (envelope.body_case()) {
    case tandem::Envelope::kResume:
      perform(session_.resume(envelope.resume().generation(), envelope.resume().sequence(), side_.last_sequence()));
      if (session_.peer_is_new()) counters_.teachings.add();
      if (channel_) side_.rewind(session_.cursor(), session_.peer_is_new());
      break;
    case tandem::Envelope::kTaught:
      perform(session_.taught());
      break;
    case tandem::Envelope::kAck:
      counters_.acks_in.add();
      perform(session_.ack(envelope.ack().sequence()));
      if (blocked_) schedule();
      return true;
    case tandem::Envelope::kResync:
      counters_.resyncs.add();
      perform(session_.resync(envelope.resync().sequence()));
      if (channel_) side_.rewind(session_.cursor(), false);
      break;
    default: {
      counters_.updates_in.add(count_of(envelope));
      const bool parts = envelope.has_parts();
      perform(session_.update(parts ? envelope.parts().sequence() : envelope.update().sequence(),
                              parts ? envelope.parts().previous() : envelope.update().previous()),
              &envelope);
      if (channel_ && !acknowledge_.active()) acknowledge_.start_after(kAcknowledge);
      return true;
    }
  }
  schedule();
  return true;
}

void Stream::perform(const Session::Actions& actions, const tandem::Envelope* updates) {
  for (const Session::Action& action : actions) {
    tandem::Envelope envelope;
    switch (action.kind) {
      case Session::Action::Kind::resume:
        envelope.mutable_resume()->set_generation(action.generation);
        envelope.mutable_resume()->set_sequence(action.sequence);
        envelope.mutable_resume()->set_stream(number_);
        break;
      case Session::Action::Kind::taught:
        envelope.mutable_taught()->set_sequence(action.sequence);
        envelope.mutable_taught()->set_stream(number_);
        break;
      case Session::Action::Kind::ack:
        counters_.acks_out.add();
        envelope.mutable_ack()->set_sequence(action.sequence);
        envelope.mutable_ack()->set_stream(number_);
        break;
      case Session::Action::Kind::resync:
        counters_.resyncs.add();
        envelope.mutable_resync()->set_sequence(action.sequence);
        envelope.mutable_resync()->set_stream(number_);
        break;
      case Session::Action::Kind::accept:
        if (std::string nonsense = side_.accept(*updates); !nonsense.empty()) return broken(nonsense);
        continue;
      case Session::Action::Kind::close:
        return broken(action.reason);
    }
    channel_->send(envelope);
  }
}

void Stream::schedule() {
  if (channel_ && !pump_.active()) pump_.start_after(pace_of(number_));
}

void Stream::pump() {
  if (!channel_) return;
  acknowledge_.stop();
  perform(session_.idle());
  bool all = false;
  while (channel_ && session_.may_send() && channel_->queued() < kEnoughQueued) {
    const uint64_t sequence = side_.collect(batch_);
    all = sequence == 0;
    if (all) break;
    const uint64_t previous = session_.sent(sequence);
    if (batch_.has_parts()) {
      batch_.mutable_parts()->set_sequence(sequence);
      batch_.mutable_parts()->set_previous(previous);
    } else {
      batch_.mutable_update()->set_sequence(sequence);
      batch_.mutable_update()->set_previous(previous);
    }
    counters_.updates_out.add(count_of(batch_));
    channel_->send(batch_);
  }
  blocked_ = !all;
  if (channel_ && all && session_.cursor() < side_.last_sequence()) session_.skipped(side_.last_sequence());
  if (channel_ && session_.may_send() && !side_.incomplete()) perform(session_.caught_up());
  if (channel_ && session_.complete() && !std::exchange(told_complete_, true)) events_.on_complete();
}

}  // namespace replica
