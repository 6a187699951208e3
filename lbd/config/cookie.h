// Cookie: the `cookie` line of a backend, which binds clients to servers by a cookie of HTTP.
//
// Plain data, part of a Proxy; immutable after load. What it means at run time: lbd/balance/cookie_persistence.h.
// Errors: at load, at the word (cookie_words.cc). Manual: 4.2 cookie.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"

namespace lbd::config {

struct Cookie {
  std::string name;
  enum class Mode : uint8_t { observe, insert, rewrite, prefix } mode = Mode::observe;
  bool indirect = false, nocache = false, postonly = false, preserve = false, dynamic = false;
  std::string attributes;                  // behind "NAME=VALUE; path=/" when it is inserted: "; HttpOnly"
  base::Seconds max_idle{0}, max_life{0};  // 0: for ever
  bool dated() const { return mode == Mode::insert && (max_idle.count() > 0 || max_life.count() > 0); }
  // Whether log lines tell of it; a cookie that is only looked at has dashes there.
  bool shown() const { return mode != Mode::observe || indirect; }
};

}  // namespace lbd::config
