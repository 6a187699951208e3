// ServerIndex: a leaf for each server of a backend, and something that an algorithm wants to know of all of them
// without asking each one. What that is, its kinds say: LoadIndex, RoomIndex.
//
// Owner: the Backend, for algorithms that ask for it. Thread: any; place() the control thread. No lock: who writes
// looks again at what it was made of and repeats when that has moved, so that the last one to write leaves it right,
// and one who reads meanwhile gets what was right a moment ago. Errors: none. Life: as the Backend's.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace lbd::server {

class Server;

class ServerIndex {
 public:
  static constexpr uint32_t kNowhere = ~uint32_t{0};
  using Make = std::unique_ptr<ServerIndex> (*)(size_t capacity);
  template <typename Kind>
  static std::unique_ptr<ServerIndex> make(size_t capacity) {
    return std::make_unique<Kind>(capacity);
  }

  explicit ServerIndex(size_t capacity) : servers_(capacity) {}
  virtual ~ServerIndex() = default;

  size_t capacity() const { return servers_.size(); }
  // Null: nobody is there (any more).
  void place(size_t leaf, Server* server) {
    servers_[leaf].store(server, std::memory_order_release);
    update(leaf);
  }
  Server* server_at(size_t leaf) const { return servers_[leaf].load(std::memory_order_acquire); }
  // What is known of the server may have changed.
  virtual void update(size_t leaf) = 0;

 private:
  std::vector<std::atomic<Server*>> servers_;
};

}  // namespace lbd::server
