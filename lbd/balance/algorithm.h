// Algorithm: how a backend chooses among its servers; and the row that makes it known to the word `balance`.
//
// One Algorithm per backend, shared by all workers. take() is called on the data path by every worker at once: an
// algorithm keeps what it needs in atomics, and in immutable snapshots that are rebuilt when the generation of the
// backend moved (Snapshots below). It considers the servers of the rotation only (active ones, or backups when no
// active one is usable) and takes the slot of the one that it returns, so that maxconn holds across workers.
// A new algorithm is one file with one row. Errors: the words are checked at load, at the word. Manual: 4.2 balance.
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/registry.h"
#include "cfg/diag.h"
#include "lbd/config/proxy.h"
#include "lbd/expr/transaction.h"
#include "lbd/server/server.h"

namespace lbd::expr {
class PatternFiles;
}

namespace lbd::balance {

struct Request {
  expr::Transaction& transaction;
  uint32_t worker;                        // 0 … workers-1
  const server::Server* avoid = nullptr;  // failed just now: only if there is no other
};

class Algorithm {
 public:
  virtual ~Algorithm() = default;
  // The server that the request belongs to whether it has room or not (hash algorithms): the stream waits for it.
  // Null: no such server, take() decides. No slot is taken.
  virtual server::Server* home(const Request&) { return nullptr; }
  // Whether home() decides wherever a request has a key.
  virtual bool by_key() const { return false; }
  // A server with a slot taken, or null when none in the rotation has room.
  virtual server::Server* take(const Request& request) = 0;
};

// What an algorithm is checked against and made of.
struct Setting {
  const config::Config& config;
  uint32_t workers;
  expr::PatternFiles* files = nullptr;  // maps that the key of a hash may use
};

struct AlgorithmRow {
  std::string_view name;  // without arguments: "hdr" for hdr(name)
  std::string_view doc;
  // Reports what is wrong with the arguments.
  void (*check)(const config::Config& config, const config::Proxy& proxy, cfg::Diagnostics& diagnostics);
  std::unique_ptr<Algorithm> (*make)(const server::Backend& backend, const Setting& setting);
  server::ServerIndex::Make index = nullptr;  // of what it asks Backend::index()
  // Whether servers may come at run time; null: always.
  bool (*takes_servers)(const config::Proxy& proxy) = nullptr;
};
using Algorithms = base::Registered<AlgorithmRow>;

// `hdr(name)` in two: the name of the row, and what stands in the brackets.
struct AlgorithmWord {
  std::string_view name, argument;
  bool brackets = false, closed = true;
};
AlgorithmWord split_algorithm(std::string_view word);

// For algorithms whose word takes nothing.
void check_no_arguments(const config::Config& config, const config::Proxy& proxy, cfg::Diagnostics& diagnostics);

// Whether `server` may get this request, its slot aside.
inline bool eligible(const server::Server& server) {
  return server.in_rotation();
}

// Streams on a server and waiting for it, in relation to its weight.
struct Load {
  uint64_t streams = 0, weight = 1;
  bool lighter_than(const Load& other) const { return streams * other.weight < other.streams * weight; }
};
inline Load load_of(const server::Server& server) {
  return {uint64_t{server.served()} + server.queue().size(), std::max(1u, server.weight())};
}

// Takes a slot of the first server with room, from `start` on; that to avoid only if no other has. Null: none has.
template <typename Servers>
server::Server* take_first(const Servers& servers, const Request& request, size_t start = 0) {
  for (bool avoiding : {true, false}) {
    for (size_t i = 0; i < servers.size(); ++i) {
      server::Server& server = *servers[(start + i) % servers.size()];
      if ((&server == request.avoid) == avoiding) continue;
      if (eligible(server) && server.has_room() && server.take_slot()) return &server;
    }
    if (!request.avoid) break;
  }
  return nullptr;
}

// Snapshots<T>: T built from the state of a backend, immutable but for atomics inside. Each worker keeps a handle of
// its own and renews it when the generation moved, so reading takes no lock and writes no shared line.
// T has `T(const server::Backend&, const T* before, Extra...)`; `before` may be null.
template <typename T, typename... Extra>
class Snapshots {
 public:
  Snapshots(const server::Backend& backend, uint32_t workers, Extra... extra)
      : backend_(backend), extra_(extra...), handles_(workers) {}

  T& get(uint32_t worker) {
    Handle& handle = handles_[worker];
    if (handle.generation != backend_.generation()) [[unlikely]]
      renew(handle);
    return *handle.snapshot;
  }

 private:
  struct alignas(64) Handle {
    uint32_t generation = 0;
    std::shared_ptr<T> snapshot;
  };
  void renew(Handle& handle) {
    std::lock_guard lock(mutex_);
    uint32_t generation = backend_.generation();
    if (latest_.generation != generation) {
      latest_.snapshot = std::apply(
          [this](const Extra&... extra) {
            return std::make_shared<T>(backend_, static_cast<const T*>(latest_.snapshot.get()), extra...);
          },
          extra_);
      latest_.generation = generation;
    }
    handle = latest_;
  }

  const server::Backend& backend_;
  std::tuple<Extra...> extra_;
  std::vector<Handle> handles_;
  std::mutex mutex_;
  Handle latest_;
};

}  // namespace lbd::balance
