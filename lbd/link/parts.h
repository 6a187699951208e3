// PartsLink: what this lbd shares with others (share.h), and its local syncd: what is new here goes there every kTick,
// what other processes told comes from there (proto/parts.proto).
//
// Workers never wait for it: they mark what changed, and how much that can be is bounded by what is shared. When syncd
// is slow, or not there, things stay marked; one that changes often is told once a tick. Life: that of SyncdLink;
// attach() and detach() with each connection. Thread: control thread. Errors: none; what comes for a list that nobody
// owns is left.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "lbd/link/share.h"
#include "replica/stream.h"

namespace lbd::link {

class PartsLink final : private replica::StreamSide {
 public:
  static constexpr base::Millis kTick{10};

  PartsLink(base::Loop& loop, const tandem::Hello& hello, replica::LinkEvents& events);
  void add(std::unique_ptr<Share> share) { shares_.push_back(std::move(share)); }

  void attach(ipc::Channel& channel, const tandem::Hello& peer);
  void detach();
  // What is left to say is said, as far as it goes at once.
  void finish();
  bool take(const tandem::Envelope& envelope);
  void on_writable() { stream_.on_writable(); }
  // To the process after this one, and from the one before: what Shares say is inherited().
  void bequeath(const std::function<void(const tandem::Parts&)>& tell);
  void inherit(const tandem::Parts& parts);
  bool attached() const { return stream_.attached(); }
  bool complete() const { return stream_.complete(); }

 private:
  uint64_t last_sequence() const override { return sequence_; }
  void rewind(uint64_t sequence, bool new_peer) override;
  uint64_t collect(tandem::Envelope& envelope) override;
  std::string accept(const tandem::Envelope& envelope) override;
  void on_tick();

  const uint64_t origin_;
  const std::string node_;
  std::vector<std::unique_ptr<Share>> shares_;
  replica::Stream stream_;
  replica::HybridClock clock_;
  base::Timer tick_;
  uint64_t sequence_ = 0;
};

}  // namespace lbd::link
