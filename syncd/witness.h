// Witness: who can be asked over a link: a daemon of this node, another node.
// Life, thread: of the link. Errors: why it cannot be asked now.
#pragma once

#include <optional>
#include <string>

#include "proto/envelope.pb.h"

namespace syncd {

class Witness {
 public:
  struct Refusal {
    std::string why;
    bool older = false;   // it would not know the question
    bool absent = false;  // there may be a link again
  };
  // Nothing: its answer may come.
  virtual std::optional<Refusal> ask(const tandem::Envelope& question) = 0;

 protected:
  ~Witness() = default;
};

}  // namespace syncd
