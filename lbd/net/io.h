// Io: what every connection of one worker shares: the loop, the pools, and the graveyard.
//
// Deletion rule: an object that an event callback may still be inside of is never deleted there; it is buried, and
// the graveyard is emptied before the loop sleeps again. Thread: one Io per worker.
#pragma once

#include <memory>
#include <vector>

#include "base/buffer.h"
#include "base/ev.h"

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

struct Io {
  explicit Io(size_t bufsize) : chunks(bufsize), blocks(4096, 256) { prepare_.bind<&Io::before_sleep>(this); }
  base::Loop loop;
  base::ChunkPool chunks;
  base::BlockPool blocks;  // of arenas
  Graveyard graveyard;

 private:
  void before_sleep() { graveyard.empty(); }
  base::Prepare prepare_{loop};
};

}  // namespace lbd::net
