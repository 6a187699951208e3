// Wrap: what a link puts between its frames and the socket, such as TLS (syncd/tls.h).
//
// Life: a Wrap with its channel, its WrapMaker longer. Thread: that of the channel. Errors: of the peer as text; after
// one the wrap is of no more use, but what drain() gives may be sent.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ipc {

class Wrap {
 public:
  virtual ~Wrap() = default;
  // What came: what it says is appended to `plain`.
  virtual base::Status take(std::string_view bytes, std::string& plain) = 0;
  // What is to be said; it waits until the peer has proven itself.
  virtual base::Status put(std::string_view plain) = 0;
  // What is to be sent now is appended.
  virtual void drain(std::string& bytes) = 0;
  // The peer has proven that it bears this name.
  virtual bool peer_is(std::string_view name) const = 0;
};

class WrapMaker {
 public:
  // `accepts`: the peer connected to us.
  virtual std::unique_ptr<Wrap> make(bool accepts) const = 0;

 protected:
  ~WrapMaker() = default;
};

}  // namespace ipc
