// Backoff: how long to wait before the next attempt to connect. Doubles from `first` to `most`, and each delay is
// drawn from its upper half, so that many clients of one restarted server do not come back together. Pure: the
// random number is an argument.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.h"

namespace ipc {

class Backoff {
 public:
  explicit Backoff(base::Nanos first = base::Millis(100), base::Nanos most = base::Seconds(2))
      : first_(first), most_(most), next_(first) {}
  base::Nanos next(uint32_t random) {
    base::Nanos whole = next_;
    next_ = std::min(next_ * 2, most_);
    return whole / 2 + whole / 2 * (random % 1024) / 1023;
  }
  void reset() { next_ = first_; }

 private:
  base::Nanos first_, most_, next_;
};

}  // namespace ipc
