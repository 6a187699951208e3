// Errand: what something that waits in one loop has asked another thread for. Whoever is asked writes the result into
// the object (a class derived from it) and calls finish(); the one who waits is told in its own thread. It may stop
// waiting at any time: forget().
//
// Owner: shared by both sides. Life: until both are done with it; the mailbox must outlive whoever may finish it.
// Thread: finish() any, once; the rest in that of `home`.
#pragma once

#include <memory>

#include "base/mailbox.h"

namespace base {

class Errand : public std::enable_shared_from_this<Errand> {
 public:
  class Sender {
   public:
    virtual void errand_done() = 0;

   protected:
    ~Sender() = default;
  };

  Errand(Mailbox& home, Sender& sender) : home_(home), sender_(&sender) {}
  virtual ~Errand() = default;

  void finish() {
    home_.post([self = shared_from_this()] {
      self->done_ = true;
      if (self->sender_) self->sender_->errand_done();
    });
  }
  bool done() const { return done_; }
  void forget() { sender_ = nullptr; }

 private:
  Mailbox& home_;
  Sender* sender_;
  bool done_ = false;
};

// The errand that somebody waits for, if any: forgotten with whoever waits.
class PendingErrand {
 public:
  PendingErrand() = default;
  PendingErrand(const PendingErrand&) = delete;
  PendingErrand& operator=(const PendingErrand&) = delete;
  ~PendingErrand() { reset(); }
  void set(std::shared_ptr<Errand> errand) {
    reset();
    errand_ = std::move(errand);
  }
  void reset() {
    if (errand_) errand_->forget();
    errand_.reset();
  }
  Errand* get() const { return errand_.get(); }

 private:
  std::shared_ptr<Errand> errand_;
};

}  // namespace base
