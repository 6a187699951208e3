#include "ipc/server.h"

#include <algorithm>

namespace ipc {

Peer::Peer(Server& server, base::Loop& loop, base::Fd fd, const base::SockAddr& address)
    : server_(server),
      address_(address),
      channel_(loop, std::move(fd), server.options_.hello, server.options_.channel, server.counters_, *this),
      deadline_(loop) {
  deadline_.bind<&Peer::on_deadline>(this);
  deadline_.start_after(server_.options_.trust_deadline);
}

void Peer::trust() {
  trusted_ = true;
  deadline_.stop();
}

void Peer::drop(std::string_view reason) {
  channel_.close(reason);
  on_closed(channel_, std::string(reason));
}

std::string Peer::on_hello(Channel&, const tandem::Hello&) {
  greeted_ = true;
  if (!server_.options_.prove) trust();
  std::string refusal = server_.events_.on_peer(*this);
  refused_ = !refusal.empty();
  if (refused_) greeted_ = false;  // it never became one: no on_peer_gone()
  return refusal;
}

void Peer::on_envelope(Channel&, const tandem::Envelope& envelope) {
  server_.events_.on_envelope(*this, envelope);
}

void Peer::on_writable(Channel&) {
  if (greeted_) server_.events_.on_writable(*this);
}

void Peer::on_closed(Channel&, const std::string& reason) {
  Server& server = server_;
  // May stop the server and so destroy this.
  if (greeted_)
    server.events_.on_peer_gone(*this, reason);
  else if (!refused_)
    server.events_.on_stranger_gone(*this, reason);
  server.erase(*this);
}

void Peer::on_deadline() {
  channel_.abort("no proper hello in time");
}

Server::Server(base::Loop& loop, ServerOptions options, ServerEvents& events)
    : loop_(loop), options_(std::move(options)), events_(events), listener_(loop, *this) {}

void Server::on_accept(base::Fd fd, const base::SockAddr& address) {
  auto untrusted = [](const auto& peer) { return !peer->trusted(); };
  size_t strangers = static_cast<size_t>(std::count_if(peers_.begin(), peers_.end(), untrusted));
  if (strangers >= options_.untrusted_limit)
    (*std::find_if(peers_.begin(), peers_.end(), untrusted))->channel_.abort("another one took its place");
  if (peers_.size() >= options_.peer_limit + options_.untrusted_limit) {
    counters_.refused.add();
    return;
  }
  peers_.push_back(std::make_unique<Peer>(*this, loop_, std::move(fd), address));
}

void Server::erase(Peer& peer) {
  peers_.remove_if([&](const auto& one) { return one.get() == &peer; });
}

void Server::stop(std::string_view reason) {
  bool successor = listener_.replaced();
  listener_.stop();
  for (auto& peer : peers_) peer->channel_.close(reason, successor);
  peers_.clear();
}

}  // namespace ipc
