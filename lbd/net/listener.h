// Listener: accepts on one socket for one worker, a few connections a turn, so that no client starves the others.
//
// When descriptors run out it takes a nap of a tenth of a second instead of spinning. pause() leaves clients in the
// kernel's queue (frontend full), disable() has them refused or wait until enable(), close() ends it (soft stop).
// Thread: the worker's.
#pragma once

#include "base/addr.h"
#include "base/ev.h"
#include "base/fd.h"

namespace lbd::net {

class AcceptHandler {
 public:
  virtual ~AcceptHandler() = default;
  // False: no more now (the handler has paused or closed the listener, or handed its turn on).
  virtual bool accepted(base::Fd fd, const base::SockAddr& from) = 0;
  // Before each: false lets clients wait in the kernel's queue for a moment.
  virtual bool wants_more() { return true; }
};

class Listener {
 public:
  Listener(base::Loop& loop, base::Fd fd, AcceptHandler& handler, uint32_t accepts_per_turn);
  void pause();
  void resume();
  // Accepts whoever waits in the queue: clients that were promised an answer and would get a reset from close().
  void drain();
  // `refuse`: clients are refused where the socket can do that, else they wait as well.
  void disable(bool refuse);
  void enable();
  void close();
  bool paused() const { return paused_; }
  int fd() const { return fd_.get(); }

 private:
  bool is_tcp() const;
  void nap(base::Nanos time);
  void on_readable();
  void accept(uint32_t most);
  void on_nap_over();

  base::Fd fd_;
  AcceptHandler& handler_;
  uint32_t accepts_per_turn_;
  bool paused_ = false, disabled_ = false;
  base::IoWatcher watch_;
  base::Timer nap_;
};

}  // namespace lbd::net
