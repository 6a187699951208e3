// CookieKey: the secret that the cookies of a backend's servers are made with (`dynamic-cookie-key`), and whether they
// are made at all. A cookie says where a server is, so that every node with the same secret gives it the same.
//
// An operator may change the secret or end the making at run time; clients that come with earlier cookies are balanced
// anew. Without a secret no cookie is made. Thread: cookie() by any, the rest by the control thread or before workers
// start. Errors: none. Manual: 4.2 cookie (dynamic), dynamic-cookie-key; management.txt 9.3.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/addr.h"

namespace lbd::server {

class CookieKey {
 public:
  static constexpr size_t kLength = 16;
  using Room = char[kLength];

  void enable(bool on);
  void set(std::string secret);
  bool in_use() const { return used_.load(std::memory_order_acquire); }
  // Of the server at that address; "": none is made.
  std::string_view cookie(const base::SockAddr& address, Room& room) const;

 private:
  void publish();

  bool enabled_ = false;
  std::vector<std::unique_ptr<const std::string>> secrets_;  // readers keep references
  std::atomic<const std::string*> used_{nullptr};
};

}  // namespace lbd::server
