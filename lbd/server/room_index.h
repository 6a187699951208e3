// RoomIndex: the first server of a backend that has room for one more, known without asking those before it.
//
// A bit for each server in words of 64, a bit for each of these words that has one, and so on: three levels for ten
// thousand servers. Most of the time a server that takes a slot or gives one back leaves its bit as it was.
//
// Owner, thread, life, errors: as ServerIndex.
#pragma once

#include "lbd/server/server_index.h"

namespace lbd::server {

class RoomIndex : public ServerIndex {
 public:
  explicit RoomIndex(size_t capacity);
  void update(size_t leaf) override { renew(0, leaf); }

  // In the rotation and below its maxconn. A limit that changes with the load of the backend, or with time, is not
  // looked at, nor those that wait.
  static bool has_room(const Server& server);
  // The leaf of the first server that has room. kNowhere: there is none, or not any more.
  size_t first() const;

 private:
  static constexpr size_t kBits = 64;
  using Word = std::atomic<uint64_t>;

  // What the bit `number` of a level is to be.
  bool below(size_t level, size_t number) const;
  void renew(size_t level, size_t number);

  std::vector<std::vector<Word>> levels_;  // the servers first; the last one is one word
};

}  // namespace lbd::server
