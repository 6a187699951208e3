#include "replica/session.h"

#include <fmt/format.h>

namespace replica {

using Kind = Session::Action::Kind;

Session::Actions Session::close(std::string reason) const {
  return {{.kind = Kind::close, .reason = std::move(reason)}};
}

Session::Actions Session::up(uint64_t peer_generation) {
  bool met = peer_generation == peer_generation_;
  if (!met) {
    peer_generation_ = peer_generation;
    received_ = 0;
  }
  state_ = State::greeting;
  acknowledged_ = received_;
  peer_taught_ = resync_asked_ = false;
  return {{.kind = Kind::resume, .generation = met ? peer_generation_ : 0, .sequence = received_}};
}

void Session::down() {
  state_ = State::down;
}

Session::Actions Session::resume(uint64_t generation, uint64_t sequence, uint64_t last) {
  if (state_ != State::greeting) return close("an unexpected resume");
  peer_is_new_ = generation != own_generation_ || sequence > last;
  uint64_t begin = peer_is_new_ ? 0 : sequence;
  state_ = State::teaching;
  cursor_ = last_sent_ = begin;
  teach_until_ = last;
  window_.reset(begin);
  return {};
}

Session::Actions Session::update(uint64_t sequence, uint64_t previous) {
  if (state_ == State::down) return {};
  if (previous == 0 && received_ != 0) received_ = acknowledged_ = 0;  // the peer begins at its beginning
  if (sequence <= previous) return close(fmt::format("update {} behind {}", sequence, previous));
  if (previous != received_) {
    // What was under way before the peer read our request is ignored.
    if (resync_asked_) return {};
    resync_asked_ = true;
    return {{.kind = Kind::resync, .sequence = received_}};
  }
  resync_asked_ = false;
  received_ = sequence;
  Actions actions{{.kind = Kind::accept, .sequence = sequence}};
  if (++unacknowledged_ >= kAckEvery) {
    for (Action& action : idle()) actions.push_back(std::move(action));
  }
  return actions;
}

Session::Actions Session::idle() {
  if (state_ == State::down || acknowledged_ == received_) return {};
  acknowledged_ = received_;
  unacknowledged_ = 0;
  return {{.kind = Kind::ack, .sequence = received_}};
}

Session::Actions Session::ack(uint64_t sequence) {
  if (state_ == State::down || state_ == State::greeting) return {};
  if (!window_.acknowledged(sequence))
    return close(fmt::format("an acknowledgement of {}, which was not sent", sequence));
  return {};
}

Session::Actions Session::taught() {
  peer_taught_ = true;
  return {};
}

Session::Actions Session::resync(uint64_t sequence) {
  if (state_ != State::teaching && state_ != State::live) return {};
  if (sequence > cursor_) return close(fmt::format("a resync behind {}, which was not sent", sequence));
  cursor_ = last_sent_ = sequence;
  window_.reset(sequence);
  return {};
}

uint64_t Session::sent(uint64_t sequence) {
  uint64_t previous = last_sent_;
  cursor_ = last_sent_ = sequence;
  window_.sent(sequence);
  return previous;
}

Session::Actions Session::caught_up() {
  if (state_ != State::teaching || cursor_ < teach_until_) return {};
  state_ = State::live;
  return {{.kind = Kind::taught, .sequence = cursor_}};
}

}  // namespace replica
