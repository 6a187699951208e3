// Testator: what an lbd that is about to go does for the one that comes after it (proto/succession.proto). It tells
// what it knows while it still serves, what changed since when it has stopped listening, and gives connections away
// while it drains.
//
// Life: from the moment that somebody wants to inherit until the workers have ended. Thread: control thread, but for
// Successor's calls, which are any worker's. Errors: an heir that goes away, or speaks another language, gets nothing;
// everything ends here then, as if nobody had come.
#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/mailbox.h"
#include "lbd/heir/channel.h"
#include "lbd/heir/estate.h"
#include "lbd/stream/moved.h"

namespace lbd::heir {

class TestatorHost {
 public:
  // The heir is ready: drain, or end at once.
  virtual void leave(bool hard) = 0;
  // Nobody takes connections over any more.
  virtual void heir_gone() = 0;

 protected:
  ~TestatorHost() = default;
};

class Testator final : public stream::Successor, private ChannelEvents {
 public:
  Testator(base::Loop& loop, base::Mailbox& home, const Estate& estate, base::Fd fd, TestatorHost& host);

  // The heir knows what there is, and takes connections.
  bool taught() const { return taught_ && channel_.open(); }
  // Nobody is accepted any more.
  void stopped();
  // What was counted since.
  void tell_counters();
  // This process ends.
  void finish();

  bool takes(const server::Frontend& frontend, const server::Backend* backend,
             const server::Server* server) const override;
  void move(stream::MovedConnection moved) override;

 private:
  struct Proxy {
    bool frontend = false, backend = false, http = false;
    std::unordered_set<std::string> servers;
  };
  void on_bequest(tandem::Bequest& bequest, Descriptors fds) override;
  void on_closed(const std::string& reason) override;
  void greeted(const tandem::Greeting& greeting);
  void learn(const tandem::Roster& roster);
  void tell(base::MonoTime since);

  base::Mailbox& home_;
  const Estate estate_;
  TestatorHost& host_;
  Channel channel_;
  std::unordered_map<std::string, Proxy> roster_;
  base::MonoTime told_until_{};
  bool greeted_ = false, heir_in_sync_ = false, taught_ = false, stopped_ = false;
};

}  // namespace lbd::heir
