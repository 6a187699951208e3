// StreamFacts: what an exchange is doing, for those who look at it from outside (`show sess`).
//
// A copy of a moment; `transaction` must not outlive the call in which the facts were taken. Thread: the worker's.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.h"
#include "lbd/expr/transaction.h"
#include "lbd/stream/close.h"

namespace lbd::stream {

struct StreamFacts {
  struct Side {
    int fd = -1;          // of the connection that carries it; -1: there is none
    bool h2 = false;      // it is one stream of HTTP/2
    bool paused = false;  // nobody wants what it may have to say
    bool tls = false;
    size_t unread = 0, unsent = 0;  // bytes that came from it, or wait to go to it
    base::MonoTime deadline = base::kNever;
  };
  explicit StreamFacts(const expr::Transaction& of) : transaction(of) {}

  const expr::Transaction& transaction;
  Side client, server;
  Phase phase = Phase::request;
  bool http = false;
  bool waits_for_rule = false;
  bool request_done = false, response_done = false;  // the end of the message was passed on
  uint64_t request_bytes = 0, response_bytes = 0;    // of payload that was passed on
  base::MonoTime wait_ends = base::kNever;           // of the queue, the next try, a rule
};

}  // namespace lbd::stream
