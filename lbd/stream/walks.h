// Walks: looking at all exchanges of a worker a piece at a time, while they come and go (`show sess`).
//
// A walk sees every exchange whose connection was there when it began and still is when its turn comes. Whoever walks
// sits in another thread and asks for each piece with a task of its own, so that traffic goes on in between.
// Owner: the Worker. Thread: the worker's. Errors: a walk that is not known is over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/intrusive.h"

namespace lbd::stream {

class ClientConnection;
class Stream;

class Walks {
 public:
  explicit Walks(base::List<ClientConnection>& clients) : clients_(clients) {}

  using Visit = std::function<void(Stream&)>;
  // The number of the new walk; its first connection is the next one's turn.
  uint64_t begin();
  // Visits the exchanges of the next connections: some hundreds of them. False: that were the last, the walk is over.
  bool go_on(uint64_t walk, const Visit& visit);
  void end(uint64_t walk);
  // Of the owner: it is about to leave the list.
  void leaving(const ClientConnection& connection);

 private:
  struct Walk {
    uint64_t number = 0;
    ClientConnection* next = nullptr;  // null: at the end
    uint64_t last_client = 0;          // who comes later is not seen
  };
  ClientConnection* behind(ClientConnection& connection);

  base::List<ClientConnection>& clients_;
  std::vector<Walk> walks_;
  uint64_t begun_ = 0;
};

}  // namespace lbd::stream
