// Io: what every connection of one worker shares: the loop, the pools, and the graveyard.
//
// Deletion rule: an object that an event callback may still be inside of is never deleted there; it is buried, and
// the graveyard is emptied before the loop sleeps again. Thread: one Io per worker.
#pragma once

#include <memory>
#include <vector>

#include "base/buffer.h"
#include "base/ev.h"
#include "base/intrusive.h"

namespace lbd::net {

class Mortal {
 public:
  virtual ~Mortal() = default;
};

class Graveyard {
 public:
  void bury(std::unique_ptr<Mortal> dead) { dead_.push_back(std::move(dead)); }
  void empty() {
    // The dead may bury others.
    while (!dead_.empty()) {
      leaving_.swap(dead_);
      leaving_.clear();
    }
  }

 private:
  std::vector<std::unique_ptr<Mortal>> dead_, leaving_;
};

// Work that many events of one turn make, done once, before the loop sleeps.
struct DeferredTag;
class Deferred : public base::ListHook<DeferredTag> {
 public:
  virtual void before_sleep() = 0;

 protected:
  ~Deferred() = default;
};

struct Io {
  explicit Io(size_t bufsize) : chunks(bufsize), blocks(4096, 256) { prepare_.bind<&Io::before_sleep>(this); }
  base::Loop loop;
  base::ChunkPool chunks;
  base::BlockPool blocks;  // of arenas
  Graveyard graveyard;
  uint32_t sockets = 0;  // of its connections
  void defer(Deferred& work) {
    if (work.linked()) return;
    // It may be too late for this turn.
    if (deferred_.empty()) awake_.start();
    deferred_.push_back(work);
  }

 private:
  void before_sleep() {
    if (!deferred_.empty()) {
      while (Deferred* work = deferred_.pop_front()) work->before_sleep();
      awake_.stop();
    }
    graveyard.empty();
  }
  base::List<Deferred, DeferredTag> deferred_;
  base::Wakefulness awake_{loop};
  base::Prepare prepare_{loop};
};

}  // namespace lbd::net
