// `option forwarded`: which parameters the Forwarded field of requests gets (RFC 7239). Manual: 4.2 (of 2.8).
#pragma once

#include <optional>

#include "cfg/statement.h"

namespace lbd::config {

struct Forwarded {
  // Said by a word of its own (`by`), or as an expression gives it (`by-expr EXPR`).
  struct Part {
    bool wanted = false;
    std::optional<cfg::Word> expression;
  };
  bool proto = false;
  Part host, by, by_port, for_, for_port;
};

}  // namespace lbd::config
