// Session: the replication protocol with one peer, as a pure state machine: events in, actions out. Both ends run it,
// and both directions of it.
//
//   up:   I say what I still know of the peer (Resume): its generation and the last of its updates that I have
//   then  the peer's Resume says where I begin: behind the last that it has, or at the beginning when I was restarted
//         or the peer was (teaching)
//   then  what changed is sent as the window allows; Taught once everything up to the moment of Resume was sent
//   in:   an update whose predecessor I lack is a gap: Resync asks to go back
// What was on the way when a link broke is sent again after the next Resume, as it is then; a partition heals so too.
//
// Life: as long as the peer is configured (it remembers the peer over links). Thread: that of the store.
// Errors: nonsense from the peer gives Close with a reason.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "replica/window.h"

namespace replica {

class Session {
 public:
  static constexpr size_t kWindow = 256;
  static constexpr uint64_t kAckEvery = 64;

  enum class State : uint8_t {
    down,
    greeting,  // Resume was sent, the peer's is awaited
    teaching,  // the peer does not have everything yet
    live,
  };
  struct Action {
    enum class Kind : uint8_t { resume, taught, ack, resync, accept, close };
    Kind kind;
    uint64_t generation = 0;
    uint64_t sequence = 0;
    std::string reason{};
    bool operator==(const Action&) const = default;
  };
  using Actions = std::vector<Action>;

  Session(uint64_t own_generation, size_t window = kWindow) : own_generation_(own_generation), window_(window) {}

  Actions up(uint64_t peer_generation);
  void down();
  // `last` is the last sequence number of our store.
  Actions resume(uint64_t generation, uint64_t sequence, uint64_t last);
  Actions update(uint64_t sequence, uint64_t previous);
  Actions ack(uint64_t sequence);
  Actions taught();
  Actions resync(uint64_t sequence);
  // Nothing more comes at once: acknowledge what came.
  Actions idle();

  // Sending: the next update is that behind cursor(), and is told by sent().
  bool may_send() const { return (state_ == State::teaching || state_ == State::live) && !window_.full(); }
  uint64_t cursor() const { return cursor_; }
  // The peer knows the state at `sequence` from itself.
  void skipped(uint64_t sequence) { cursor_ = sequence; }
  // `previous` for the message.
  uint64_t sent(uint64_t sequence);
  // The peer is taught when it has what is there now.
  void teach_until(uint64_t last) { teach_until_ = last; }
  // Everything up to cursor() was sent: does the peer have to be told that it was taught?
  Actions caught_up();

  State state() const { return state_; }
  // Both told each other everything since the link came up.
  bool complete() const { return state_ == State::live && peer_taught_; }
  // After resume(): the peer was restarted, or never met us. What it told us in an earlier life it does not know.
  bool peer_is_new() const { return peer_is_new_; }
  size_t on_the_way() const { return window_.count(); }
  uint64_t acknowledged() const { return window_.acknowledged(); }

 private:
  Actions close(std::string reason) const;

  const uint64_t own_generation_;
  State state_ = State::down;
  Window window_;
  // sending
  uint64_t cursor_ = 0;
  uint64_t last_sent_ = 0;
  uint64_t teach_until_ = 0;
  bool peer_is_new_ = true;
  // receiving
  uint64_t peer_generation_ = 0;
  uint64_t received_ = 0;
  uint64_t acknowledged_ = 0;
  uint64_t unacknowledged_ = 0;  // updates since the last acknowledgement
  bool peer_taught_ = false;
  bool resync_asked_ = false;
};

}  // namespace replica
