// Storage: owner of what programs point to: argument texts, regular expressions, pattern sets, converter data. Filled
// at load, freed as a whole together with the rules. Thread: one load; afterwards only read.
#pragma once

#include <memory>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"

namespace lbd::config {
struct Server;
}

namespace lbd::expr {

class Storage {
 public:
  Storage() : pool_(4096, 0), arena_(pool_) {}

  template <typename T, typename... Args>
  T* make(Args&&... args) {
    auto owned = std::make_unique<Owned<T>>(std::forward<Args>(args)...);
    T* object = &owned->object;
    owned_.push_back(std::move(owned));
    return object;
  }
  std::string_view copy(std::string_view text) { return arena_.copy(text); }
  base::Arena& arena() { return arena_; }
  // Servers that programs name.
  void refer_to(const config::Server& server) { servers_.insert(&server); }
  bool refers_to(const config::Server& server) const { return servers_.contains(&server); }

 private:
  struct Any {
    virtual ~Any() = default;
  };
  template <typename T>
  struct Owned : Any {
    template <typename... Args>
    explicit Owned(Args&&... args) : object(std::forward<Args>(args)...) {}
    T object;
  };
  base::BlockPool pool_;
  base::Arena arena_;
  std::vector<std::unique_ptr<Any>> owned_;
  std::set<const config::Server*> servers_;
};

}  // namespace lbd::expr
