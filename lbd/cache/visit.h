// Visit: what one exchange has to do with a cache, from `cache-use` to its end. Owner: its transaction.
#pragma once

#include <memory>
#include <string_view>

#include "lbd/cache/cache.h"

namespace lbd::cache {

struct Visit {
  Cache& cache;
  std::string_view key;  // in the arena of the exchange
  RequestTerms terms;
  Wanted wanted;
  Cache::Answer answer;                  // null: a server is asked
  std::unique_ptr<Recording> recording;  // null: what it says is not kept
};

}  // namespace lbd::cache
