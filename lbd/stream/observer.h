// Observer: what the traffic to a server with `observe` says of its health. Workers tell each outcome; so many failures
// in a row as `error-limit` says are reported to the Supervisor, which does what `on-error` wants.
//
// Life: part of the Engine; report_to() before workers start, without it nobody is told. Thread: note() any, the report
// is made in the thread of the mailbox. Errors: none. Manual: 5.2 observe, error-limit, on-error.
#pragma once

#include <string_view>

#include "base/mailbox.h"
#include "lbd/server/supervisor.h"

namespace lbd::stream {

// How something went that was done with a server.
enum class Outcome : uint8_t {
  connected,
  no_connection,
  good_answer,
  bad_status,
  bad_head,
  closed,      // before there was a head
  read_error,  // likewise
  timed_out,   // likewise
};

// By the status of a final answer. Those that say what the server cannot do are no failures.
constexpr Outcome outcome_of(uint32_t status) {
  return status < 500 || status == 501 || status == 505 ? Outcome::good_answer : Outcome::bad_status;
}

class Observer {
 public:
  void report_to(base::Mailbox& home, server::Supervisor& supervisor) {
    home_ = &home;
    supervisor_ = &supervisor;
  }
  // The line of the server says `observe`.
  void note(server::Server& server, Outcome outcome);

 private:
  base::Mailbox* home_ = nullptr;
  server::Supervisor* supervisor_ = nullptr;
};

}  // namespace lbd::stream
