// Key: what of a request the hash algorithms look at: an address, the URI, a parameter, a header field, the cookie of
// RDP, or an expression. compile() reads the words once; hash() is the data path and allocates nothing.
//
// Life: part of an Algorithm. Thread: immutable, any worker. Errors: at load, at the word. A request that has no such
// key gets no hash, and round robin decides. Manual: 4.2 balance source, uri, url_param, hdr, rdp-cookie, hash.
#pragma once

#include <memory>
#include <optional>

#include "lbd/balance/algorithm.h"
#include "lbd/balance/hash_type.h"

namespace lbd::balance {

class Key {
 public:
  virtual ~Key() = default;
  virtual std::optional<uint32_t> hash(expr::Transaction& transaction, const HashType& type) const = 0;

  // Null when something was reported.
  static std::unique_ptr<Key> compile(const config::Config& config, const config::Proxy& proxy,
                                      cfg::Diagnostics& diagnostics, expr::PatternFiles* files = nullptr);
};

}  // namespace lbd::balance
