// Handshake: how two nodes prove to each other that they know the shared secret, over a channel whose hellos are
// exchanged (ipc/seal.h). Whoever connected proves first, so that a stranger who connects gets nothing that he could
// try secrets on. After it each direction is sealed: encrypted where both ends can.
// Life: one connection. Thread: that of the channel. Errors: the reason as text; the channel must be closed then.
#pragma once

#include <string>
#include <string_view>

#include "ipc/channel.h"

namespace syncd {

class Handshake {
 public:
  // The secret must outlive this; empty: there is none, and nothing is to be proven.
  Handshake(std::string_view secret, bool initiator) : secret_(secret), initiator_(initiator) {}

  // Both hellos are there.
  void begin(ipc::Channel& channel);
  // "" when the peer has proven itself.
  std::string take(ipc::Channel& channel, const tandem::Proof& proof);
  bool done() const { return done_; }

 private:
  void prove(ipc::Channel& channel) const;
  static ipc::SealKind kind(const ipc::Channel& channel);
  std::string key(const ipc::Channel& channel, bool of_initiator) const;
  ipc::Transcript transcript(const ipc::Channel& channel) const;

  std::string_view secret_;
  bool initiator_;
  bool done_ = false;
};

}  // namespace syncd
