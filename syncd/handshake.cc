#include "syncd/handshake.h"

namespace syncd {

ipc::Transcript Handshake::transcript(const ipc::Channel& channel) const {
  if (initiator_) return {channel.own_hello(), channel.peer_hello()};
  return {channel.peer_hello(), channel.own_hello()};
}

ipc::SealKind Handshake::kind(const ipc::Channel& channel) {
  return channel.may_encrypt() ? ipc::SealKind::encrypt : ipc::SealKind::mac;
}

std::string Handshake::key(const ipc::Channel& channel, bool of_initiator) const {
  std::string exchanged;
  if (channel.may_encrypt()) exchanged = channel.exchange()->shared(channel.peer().nonce());
  return transcript(channel).key(secret_, of_initiator, exchanged);
}

void Handshake::prove(ipc::Channel& channel) const {
  tandem::Envelope envelope;
  envelope.mutable_proof()->set_mac(transcript(channel).proof(secret_, initiator_));
  channel.send(envelope);
  channel.seal_outgoing(key(channel, initiator_), kind(channel));
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
  channel.seal_incoming(key(channel, !initiator_), kind(channel));
  done_ = true;
  return "";
}

}  // namespace syncd
