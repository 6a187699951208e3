// Freshness: whether a request may be answered from a cache, whether an answer may be kept, and for how long. Pure.
//
// A shared cache (RFC 9111), as careful as HAProxy's: only whole answers 200 to GET, and only those that say how long
// they are good or how to ask whether they still are. Units: seconds. Manual: 6.1.
#pragma once

#include <optional>

#include "base/time.h"
#include "lbd/http/head.h"

namespace lbd::cache {

struct RequestTerms {
  bool use = false;             // an answer may come from the cache
  bool store = false;           // its answer may be kept
  bool only_if_shared = false;  // if that says so: the request has credentials (RFC 9111, 3.5)
  bool invalidates = false;     // what is kept under its address is out of date when it has succeeded (RFC 9111, 4.4)
};
RequestTerms terms_of(const http::Head& request);

struct Lifetime {
  base::Seconds left{0};  // how long it may be given again
  base::Seconds age{0};   // how old it was when it came
};
// `most`: whatever the answer says. Nothing: it must not be kept.
std::optional<Lifetime> lifetime_of(const http::Head& response, base::Seconds most, bool only_if_shared,
                                    base::WallTime now);

}  // namespace lbd::cache
