// LazyTimer: a deadline that moves often and expires seldom. Moving it later is one store; the libev timer behind it
// is re-armed only when it fires too early or when the deadline moves before the armed time.
//
// Life: a member of the object it calls. Thread: that of its loop. The callback runs with the deadline cleared.
#pragma once

#include "base/ev.h"

namespace base {

class LazyTimer {
 public:
  explicit LazyTimer(Loop& loop) : timer_(loop) {}

  template <auto Method, typename Object>
  void bind(Object* object) {
    timer_.bind<&LazyTimer::on_timer>(this);
    object_ = object;
    expired_ = [](void* o) { (static_cast<Object*>(o)->*Method)(); };
  }

  // kNever disarms.
  void set(MonoTime deadline) {
    deadline_ = deadline;
    if (deadline < armed_) arm();
  }
  void set_after(Nanos delay) { set(timer_.loop().now() + delay); }
  void clear() { deadline_ = kNever; }
  MonoTime deadline() const { return deadline_; }

 private:
  void arm() {
    armed_ = deadline_;
    timer_.start_after(deadline_ - timer_.loop().now());
  }
  void on_timer() {
    armed_ = kNever;
    if (deadline_ == kNever) return;
    // Half a millisecond early counts as due: libev's clock and ours are read at different moments.
    if (deadline_ - timer_.loop().now() > Micros(500)) return arm();
    deadline_ = kNever;
    expired_(object_);
  }

  Timer timer_;
  MonoTime deadline_ = kNever;
  MonoTime armed_ = kNever;
  void* object_ = nullptr;
  void (*expired_)(void*) = nullptr;
};

}  // namespace base
