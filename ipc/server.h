// Server: the serving end of links: a listener and its peers, each a Channel that has said a proper hello.
//
// A peer exists for the user from on_peer() to on_peer_gone(). Connections that have not been trusted yet (no hello,
// or, between nodes, no proof) cost little: at most `untrusted_limit` of them are kept, the oldest gives way.
// Life: from listen to destruction, which closes all. Thread: that of the loop.
#pragma once

#include <list>
#include <memory>
#include <string>

#include "ipc/channel.h"
#include "ipc/listener.h"

namespace ipc {

class Server;

class Peer final : public ChannelEvents {
 public:
  Peer(Server& server, base::Loop& loop, base::Fd fd, const base::SockAddr& address);
  Channel& channel() { return channel_; }
  const tandem::Hello& hello() const { return channel_.peer(); }
  const base::SockAddr& address() const { return address_; }
  void send(const tandem::Envelope& envelope) { channel_.send(envelope); }
  // Closes it with a goodbye; it is gone when this returns.
  void drop(std::string_view reason);
  bool trusted() const { return trusted_; }
  // The server does this after the hello unless the user proves peers itself (ServerOptions::prove).
  void trust();

 private:
  friend class Server;
  std::string on_hello(Channel& channel, const tandem::Hello& hello) override;
  void on_envelope(Channel& channel, const tandem::Envelope& envelope) override;
  void on_writable(Channel& channel) override;
  void on_closed(Channel& channel, const std::string& reason) override;
  void on_deadline();

  Server& server_;
  base::SockAddr address_;
  Channel channel_;
  base::Timer deadline_;
  bool greeted_ = false, refused_ = false;
  bool trusted_ = false;
};

class ServerEvents {
 public:
  // The hello arrived: the reason to refuse it, "" to go on.
  virtual std::string on_peer(Peer& peer) = 0;
  virtual void on_envelope(Peer& peer, const tandem::Envelope& envelope) = 0;
  virtual void on_writable(Peer&) {}
  virtual void on_peer_gone(Peer& peer, const std::string& reason) = 0;
  // A connection ended that never said a proper hello, and was not refused by on_peer().
  virtual void on_stranger_gone(Peer&, const std::string& /*reason*/) {}

 protected:
  ~ServerEvents() = default;
};

struct ServerOptions {
  tandem::Hello hello;
  ChannelOptions channel;
  size_t peer_limit = 64;
  size_t untrusted_limit = 16;
  base::Nanos trust_deadline = base::Seconds(5);
  bool prove = false;  // the user calls trust()
};

class Server final : private ListenerEvents {
 public:
  Server(base::Loop& loop, ServerOptions options, ServerEvents& events);
  ~Server() { stop(""); }
  base::Status listen_unix(const std::string& path, const SocketOwner& owner = {}) {
    return listener_.listen_unix(path, owner);
  }
  void listen(BoundUnix socket) { listener_.listen(std::move(socket)); }
  base::Status listen_tcp(const base::SockAddr& address) { return listener_.listen_tcp(address); }
  base::Status listen_fd(int fd) { return listener_.listen_fd(fd); }
  base::SockAddr address() const { return listener_.address(); }
  // Another process serves our path now.
  bool replaced() const { return listener_.replaced(); }
  bool listening() const { return listener_.listening(); }
  // Says goodbye to all and closes; on_peer_gone() is not called. Tells peers when another process serves our path.
  void stop(std::string_view reason);

  bool has_peers() const { return !peers_.empty(); }
  // `visit` may drop its peer.
  template <typename Visit>
  void for_each(Visit visit) {
    for (auto at = peers_.begin(); at != peers_.end();) {
      Peer& peer = **at++;
      if (peer.greeted_) visit(peer);
    }
  }
  void broadcast(const tandem::Envelope& envelope) {
    for_each([&](Peer& peer) {
      if (peer.trusted()) peer.send(envelope);
    });
  }
  const LinkCounters& counters() const { return counters_; }

 private:
  friend class Peer;
  void on_accept(base::Fd fd, const base::SockAddr& address) override;
  void erase(Peer& peer);

  base::Loop& loop_;
  const ServerOptions options_;
  ServerEvents& events_;
  LinkCounters counters_;
  Listener listener_;
  std::list<std::unique_ptr<Peer>> peers_;  // oldest first
};

}  // namespace ipc
