// Forwarded: what `option forwarded` tells servers of the client and its request (RFC 7239). What is no address or
// port, as expressions may want it, becomes an obfuscated identifier, "_text"; what cannot be said is "unknown".
//
// Owner: the rules of the backend. Thread: any. Life: theirs. Errors: expressions, when they are compiled.
// Manual: 4.2 option forwarded (of 2.8).
#pragma once

#include <memory>
#include <string_view>

#include "lbd/config/forwarded.h"
#include "lbd/expr/expr.h"

namespace lbd::rules {

class Forwarded {
 public:
  Forwarded(const config::Forwarded& what, expr::CompileContext& context);
  // The value of the field, in the arena of the exchange; "": there is nothing to say.
  std::string_view value(expr::Transaction& transaction) const;

 private:
  struct Part {
    bool wanted = false;
    const expr::Expr* expression = nullptr;
  };
  class Writer;

  bool proto_;
  Part host_, by_, by_port_, for_, for_port_;
};

}  // namespace lbd::rules
