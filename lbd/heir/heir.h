// Heir: what an lbd that starts learns from the one before it (proto/succession.proto): counters, states, tables; and
// whose connections it goes on with.
//
//   learn()  ─▶  ready: the other one is told to go  ─▶  await_stopped()  ─▶  workers start
// Life: from the start until the other process has ended. Thread: control thread. Errors: a process that speaks another
// language, is silent or goes away leaves us with what was learnt so far.
#pragma once

#include <functional>
#include <string>

#include "lbd/heir/channel.h"
#include "lbd/heir/estate.h"
#include "lbd/heir/figures.h"
#include "lbd/stream/moved.h"

namespace lbd::heir {

class Heir final : private ChannelEvents {
 public:
  static constexpr base::Nanos kSilence = base::Seconds(3);  // of a process that has something to tell
  using Adopt = std::function<void(stream::MovedConnection)>;

  Heir(base::Loop& loop, const Estate& estate, base::Fd fd, Adopt adopt);

  // Runs the loop until everything was told; false: nothing comes from there.
  bool learn();
  // Asks the other process to go.
  void ask_to_leave(bool hard);
  // Runs the loop until the other one listens no more, at most so long. From then on this process serves, and what is
  // said there of states and tables is late.
  void await_stopped(base::Nanos most);
  bool open() const { return channel_.open(); }

 private:
  void on_bequest(tandem::Bequest& bequest, Descriptors fds) override;
  void on_closed(const std::string& reason) override;
  void send_roster();
  void on_patience() { patient_ = false; }

  base::Loop& loop_;
  const Estate estate_;
  const Adopt adopt_;
  Channel channel_;
  InheritedFigures figures_;
  base::Timer patience_;
  const bool in_sync_;
  bool patient_ = true, greeted_ = false, told_ = false, stopped_ = false, serving_ = false;
};

}  // namespace lbd::heir
