#include "syncd/handshake.h"

namespace syncd {

ipc::Transcript Handshake::transcript(const ipc::Channel& channel) const {
  if (initiator_) return {channel.own_hello(), channel.peer_hello()};
  return {channel.peer_hello(), channel.own_hello()};
}

void Handshake::prove(ipc::Channel& channel) const {
  tandem::Envelope envelope;
  envelope.mutable_proof()->set_mac(transcript(channel).proof(secret_, initiator_));
  channel.send(envelope);
  channel.seal_outgoing(transcript(channel).key(secret_, initiator_));
}

void Handshake::begin(ipc::Channel& channel) {
  if (secret_.empty())
    done_ = true;
  else if (initiator_)
    prove(channel);
}

std::string Handshake::take(ipc::Channel& channel, const tandem::Proof& proof) {
  if (secret_.empty()) return "a proof was sent, but there is no secret here";
  if (done_) return "a second proof";
  if (!ipc::equal_constant_time(proof.mac(), transcript(channel).proof(secret_, !initiator_)))
    return "the secrets differ";
  if (!initiator_) prove(channel);
  channel.seal_incoming(transcript(channel).key(secret_, !initiator_));
  done_ = true;
  return "";
}

}  // namespace syncd
