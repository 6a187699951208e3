// RAII over libev. A watcher is a member of the object that it calls, is bound to a member function at compile time,
// is stopped by its destructor and does not move (libev keeps its address).
//
//   class Conn {
//     void on_io(int revents);
//     base::IoWatcher io_{base::bind<&Conn::on_io>(this)};   // or io_.bind<&Conn::on_io>(this) in the constructor
//   };
//
// Thread: everything belongs to the thread that runs the loop, but for Async::send and Loop::mailbox users.
#pragma once

#include <ev.h>

#include "base/time.h"

namespace base {

class Loop {
 public:
  // `fd_limit_hint` is unused by libev but documents that one loop serves one thread.
  Loop() : loop_(ev_loop_new(EVFLAG_AUTO | EVFLAG_NOENV)) {
    ev_check_init(&refresh_, [](struct ev_loop*, ev_check* w, int) { static_cast<Loop*>(w->data)->update_now(); });
    refresh_.data = this;
    ev_set_priority(&refresh_, EV_MAXPRI);
    ev_check_start(loop_, &refresh_);
    ev_unref(loop_);
    update_now();
  }
  ~Loop() { ev_loop_destroy(loop_); }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void run() { ev_run(loop_, 0); }
  void run_once() { ev_run(loop_, EVRUN_ONCE); }
  void run_nowait() { ev_run(loop_, EVRUN_NOWAIT); }
  void stop() { ev_break(loop_, EVBREAK_ALL); }
  void after_fork() { ev_loop_fork(loop_); }
  struct ev_loop* raw() const {
    return loop_;
  }

  // The time at which this turn of the loop woke up: one clock read a turn, good to the length of a turn.
  MonoTime now() const { return now_; }
  // Reads the clock again (after something slow).
  void update_now() { now_ = mono_now(); }

 private:
  struct ev_loop* loop_;
  ev_check refresh_;
  MonoTime now_;
};

// What the wrappers below have in common: a raw libev watcher and how it is started and stopped.
template <typename Raw>
class Watcher {
 public:
  explicit Watcher(Loop& loop) : loop_(&loop) {}
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;
  bool active() const { return ev_is_active(&raw_); }
  Loop& loop() const { return *loop_; }

 protected:
  template <auto Method, typename Object>
  void set_callback(Object* object) {
    ev_init(&raw_, ([](struct ev_loop*, Raw* w, int revents) {
      auto* self = static_cast<Object*>(w->data);
      if constexpr (requires { (self->*Method)(revents); })
        (self->*Method)(revents);
      else
        (self->*Method)();
    }));
    raw_.data = object;
  }
  Loop* loop_;
  Raw raw_;
};

class IoWatcher : public Watcher<ev_io> {
 public:
  template <auto Method, typename Object>
  void bind(Object* object) {
    set_callback<Method>(object);
    ev_io_set(&raw_, -1, 0);
  }
  explicit IoWatcher(Loop& loop) : Watcher(loop) {}
  ~IoWatcher() { stop(); }
  // `events`: EV_READ | EV_WRITE. Starting again with other events changes them; the same events cost nothing.
  void start(int fd, int events) {
    if (ev_is_active(&raw_)) {
      if (raw_.fd == fd && (raw_.events & (EV_READ | EV_WRITE)) == events) return;
      ev_io_stop(loop_->raw(), &raw_);
    }
    ev_io_set(&raw_, fd, events);
    if (events) ev_io_start(loop_->raw(), &raw_);
  }
  void stop() { ev_io_stop(loop_->raw(), &raw_); }
  // Called after the watchers of the same turn that have not said this. Before start().
  void call_last() { ev_set_priority(&raw_, EV_MINPRI); }
  int events() const { return ev_is_active(&raw_) ? raw_.events & (EV_READ | EV_WRITE) : 0; }
  // Run the callback in this turn of the loop as if the kernel had reported `events`.
  void feed(int events) { ev_feed_event(loop_->raw(), &raw_, events); }
};

class Timer : public Watcher<ev_timer> {
 public:
  template <auto Method, typename Object>
  void bind(Object* object) {
    set_callback<Method>(object);
    ev_timer_set(&raw_, 0., 0.);
  }
  explicit Timer(Loop& loop) : Watcher(loop) {}
  ~Timer() { stop(); }
  void start_after(Nanos delay) {
    ev_timer_stop(loop_->raw(), &raw_);
    ev_now_update_if_stale();
    ev_timer_set(&raw_, delay.count() > 0 ? to_seconds(delay) : 0., 0.);
    ev_timer_start(loop_->raw(), &raw_);
  }
  void start_at(MonoTime when) { start_after(when - mono_now()); }
  void stop() { ev_timer_stop(loop_->raw(), &raw_); }

 private:
  // libev counts from the time of its last wake-up; after a long turn a short timer would fire early.
  void ev_now_update_if_stale() { ev_now_update(loop_->raw()); }
};

// Wakes a loop from another thread; several sends before it wakes are one call.
class Async : public Watcher<ev_async> {
 public:
  template <auto Method, typename Object>
  void bind(Object* object) {
    set_callback<Method>(object);
    ev_async_start(loop_->raw(), &raw_);
  }
  explicit Async(Loop& loop) : Watcher(loop) {}
  ~Async() { ev_async_stop(loop_->raw(), &raw_); }
  void send() { ev_async_send(loop_->raw(), &raw_); }
};

// One signal, on the default behaviour of libev: handled in the loop, not in the handler.
class SignalWatcher : public Watcher<ev_signal> {
 public:
  template <auto Method, typename Object>
  void bind(Object* object, int signum) {
    set_callback<Method>(object);
    ev_signal_set(&raw_, signum);
    ev_signal_start(loop_->raw(), &raw_);
  }
  explicit SignalWatcher(Loop& loop) : Watcher(loop) {}
  ~SignalWatcher() { ev_signal_stop(loop_->raw(), &raw_); }
};

// Runs once a turn, before the loop sleeps: for work gathered over a turn (flushes, graveyards).
class Prepare : public Watcher<ev_prepare> {
 public:
  template <auto Method, typename Object>
  void bind(Object* object) {
    set_callback<Method>(object);
    ev_prepare_start(loop_->raw(), &raw_);
  }
  explicit Prepare(Loop& loop) : Watcher(loop) {}
  ~Prepare() { ev_prepare_stop(loop_->raw(), &raw_); }
};

// While it runs, the loop does not sleep: it looks for events, and goes on.
class Wakefulness : public Watcher<ev_idle> {
 public:
  explicit Wakefulness(Loop& loop) : Watcher(loop) { set_callback<&Wakefulness::nothing>(this); }
  ~Wakefulness() { stop(); }
  void start() { ev_idle_start(loop_->raw(), &raw_); }
  void stop() { ev_idle_stop(loop_->raw(), &raw_); }

 private:
  void nothing() {}
};

}  // namespace base
