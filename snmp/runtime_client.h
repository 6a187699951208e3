// RuntimeClient: asks lbd's runtime API, one command after the other, without ever waiting: each on a connection of its
// own, as socat and lbctl do.
//
// Life: of the collector; destroying it forgets what is under way. Answers come from the loop, never from ask().
// Thread: that of the loop. Errors: given to the answer: no socket, no right, no end of the answer within the deadline,
// or one that is longer than the limit.
#pragma once

#include <deque>
#include <functional>
#include <string>

#include "base/addr.h"
#include "base/ev.h"
#include "base/fd.h"
#include "base/result.h"

namespace snmp {

class RuntimeClient {
 public:
  using Answer = std::function<void(base::Result<std::string> text)>;
  RuntimeClient(base::Loop& loop, std::string path, base::Nanos deadline = base::Seconds(5));

  void ask(std::string command, Answer answer);
  bool idle() const { return questions_.empty(); }

 private:
  struct Question {
    std::string command;
    Answer answer;
  };
  void begin();
  void on_io(int revents);
  void on_deadline();
  void write();
  void read();
  void finish(base::Result<std::string> result);

  static constexpr size_t kLimit = 256u << 20;
  const std::string path_;
  const base::Nanos deadline_;
  base::IoWatcher io_;
  base::Timer timer_;
  base::Fd fd_;
  std::deque<Question> questions_;
  std::string text_;
  size_t written_ = 0;
};

}  // namespace snmp
