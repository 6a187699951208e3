// Client: the connecting end of a link: connects, says hello, and connects again for ever, with jittered back-off; the
// first attempt after a link that was up follows at once, since a reloaded daemon is there already. An absent daemon
// is a normal state, told once by on_down() and not at each attempt.
//
// Life: start() to stop() or destruction; handlers may call stop() and restart() but not destroy it. Thread: that of
// the loop. Errors: none to the caller; last_error() says why there is no link.
#pragma once

#include <memory>
#include <string>

#include "base/addr.h"
#include "ipc/backoff.h"
#include "ipc/channel.h"

namespace ipc {

class Client;

class ClientEvents {
 public:
  // The peer's hello arrived: the reason to refuse it, "" to go on.
  virtual std::string on_up(Client& client, const tandem::Hello& hello) = 0;
  virtual void on_envelope(Client& client, const tandem::Envelope& envelope) = 0;
  virtual void on_writable(Client&) {}
  // One more attempt came to nothing. Usually no news: the daemon is not there.
  virtual void on_failed(Client&, const base::Error&) {}
  // The link was up and is not.
  virtual void on_down(Client& client, const std::string& reason) = 0;

 protected:
  ~ClientEvents() = default;
};

struct ClientOptions {
  base::SockAddr to;
  tandem::Hello hello;
  ChannelOptions channel;
  base::Nanos first_delay = base::Millis(100);
  base::Nanos most_delay = base::Seconds(2);
  base::Nanos connect_timeout = base::Seconds(3);
  // For a process in a chroot: the directory of a Unix socket, opened before; must outlive the client. While it
  // connects the working directory is that one, so nothing else in the process may rely on relative paths.
  int directory = -1;
};

class Client final : public ChannelEvents {
 public:
  Client(base::Loop& loop, ClientOptions options, ClientEvents& events);
  ~Client();
  void start(base::Nanos delay = base::Nanos(0));
  void stop(std::string_view reason = "");
  // Ends the present link, if any, without on_down(), and connects again after the usual delay.
  void restart(std::string_view reason);
  bool up() const { return up_; }
  void send(const tandem::Envelope& envelope) {
    if (channel_) channel_->send(envelope);
  }
  Channel* channel() { return channel_.get(); }
  const ClientOptions& options() const { return options_; }
  const std::string& last_error() const { return last_error_; }
  const LinkCounters& counters() const { return counters_; }

 private:
  std::string on_hello(Channel& channel, const tandem::Hello& hello) override;
  void on_envelope(Channel& channel, const tandem::Envelope& envelope) override;
  void on_writable(Channel& channel) override;
  void on_closed(Channel& channel, const std::string& reason) override;
  void connect();
  int connect_in_directory();
  void on_connecting();
  void on_timer();
  void failed(base::Error why);
  void wait();
  void connected();

  base::Loop& loop_;
  const ClientOptions options_;
  ClientEvents& events_;
  LinkCounters counters_;
  base::IoWatcher connecting_;
  base::Timer timer_;  // the next attempt, or the deadline of this one
  base::Fd fd_;
  std::unique_ptr<Channel> channel_;
  Backoff backoff_;
  uint32_t random_;
  bool up_ = false;
  base::MonoTime up_since_;
  bool running_ = false;
  std::string last_error_;
};

}  // namespace ipc
