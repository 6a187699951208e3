// WorkerWalk: a long answer that is made of what the workers carry: one worker after the other is asked for a piece, by
// a task in its mailbox, and the next piece is asked for when the client has read this one. So neither traffic nor the
// control thread waits, and memory is bounded by a piece.
//
// Owner: the Invocation's `more` and the task that is under way. Thread: made, read and destroyed in the control
// thread; `show` runs in the workers. Errors: a worker that has left is passed over.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "lbd/cli/command.h"
#include "lbd/stream/close.h"
#include "lbd/stream/stream.h"

namespace lbd::cli {

class WorkerWalk : public std::enable_shared_from_this<WorkerWalk> {
 public:
  // Appends what is to be said of the exchange. True: it was the one that was sought, and the walk is over.
  using Show = std::function<bool(stream::Stream& stream, std::string& text)>;
  WorkerWalk(Services& services, std::function<void()> wake, Show show)
      : engine_(*services.engine), home_(*services.home), wake_(std::move(wake)), show_(std::move(show)) {}
  ~WorkerWalk();

  // Whatever is found ends, for this reason.
  void end_what_is_found(stream::Reason reason) { ends_ = reason; }
  // For Invocation::more.
  More more(std::string& answer);
  bool found() const { return found_; }

 private:
  void ask();
  void answered(std::string text, std::optional<uint64_t> rest, bool found);

  stream::Engine& engine_;
  base::Mailbox& home_;
  std::function<void()> wake_;
  Show show_;
  std::optional<stream::Reason> ends_;
  size_t worker_ = 0;             // whose turn it is
  std::optional<uint64_t> walk_;  // of its
  std::string text_;              // that has come
  bool asked_ = false, found_ = false;
};

}  // namespace lbd::cli
