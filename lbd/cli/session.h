// Session: one client of a runtime socket: reads lines, runs their commands, sends the answers.
//
// A long answer is made piece by piece as it is read, so that other clients and what else the thread does get their
// turn. Not interactive, it ends after the answer to what has been sent; after `prompt` it stays. Commands wait while
// an answer is still unsent, so that a client that does not read costs one answer and no more. Idle longer than `stats
// timeout` it is closed. Life: belongs to its Server, which deletes it when done() was called. Thread: control.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/ev.h"
#include "base/fd.h"
#include "base/lazy_timer.h"
#include "lbd/cli/command.h"
#include "lbd/cli/framing.h"

namespace lbd::cli {

class Session;

// What a runtime socket permits its clients.
struct Access {
  Level level = Level::operator_;
  bool exposes_listeners = false;
  SessionState::Severity severity = SessionState::Severity::none;
};

class SessionOwner {
 public:
  // The session deletes nothing itself: the owner does, after this returns.
  virtual void session_done(Session& session) = 0;

 protected:
  ~SessionOwner() = default;
};

class Session {
 public:
  Session(base::Loop& loop, base::Fd fd, const Access& access, Services& services, SessionOwner& owner);
  ~Session();

 private:
  void on_io(int revents);
  void on_wake();
  void on_timeout();
  // False: the session is over.
  bool read_input();
  bool run_commands();
  bool write_output();
  void run(Command& command);
  void end_answer();

  base::IoWatcher io_;
  base::LazyTimer timeout_;
  base::Fd fd_;
  Services& services_;
  SessionOwner& owner_;
  SessionState state_;
  CommandReader reader_;
  std::vector<Command> commands_;  // of the line that is being executed
  size_t next_ = 0;                // of them
  std::function<More(std::string&)> more_;
  std::shared_ptr<Session*> self_;  // for those who may wake it when it is gone
  std::string output_;
  size_t sent_ = 0;
  bool input_ended_ = false;
  bool answered_ = false;  // at least one line was executed
  bool closing_ = false;   // once the output is out
  bool waiting_ = false;   // more_ is, for somebody to wake it
  bool watching_ = false;  // the same, and input ends that
};

}  // namespace lbd::cli
