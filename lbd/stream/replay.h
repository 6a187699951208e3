// Replay: the body of a request as far as it has gone to a server, kept until an answer is accepted, so that it can go
// to a server once more.
//
// Owner: the stream. Thread: the worker's. Memory: at most what begin() permits; a request that is larger is not kept.
// Manual: retry-on.
#pragma once

#include <string>

#include "base/buffer.h"

namespace lbd::stream {

class Replay {
 public:
  // Not again when it has ended.
  void begin(size_t most) {
    most_ = most;
    on_ = !ended_;
  }
  bool on() const { return on_; }
  const std::string& body() const { return body_; }
  void keep(const base::Buffer& piece) {
    if (!on_) return;
    if (body_.size() + piece.size() > most_) return end();
    piece.append_to(body_);
  }
  void end() {
    on_ = false;
    ended_ = true;
    body_ = {};
  }

 private:
  std::string body_;
  size_t most_ = 0;
  bool on_ = false, ended_ = false;
};

}  // namespace lbd::stream
