// CapturedErrors: the last request and the last response of each proxy that broke the protocol, as they were received,
// for `show errors`.
//
// Names of fields up to the offending byte are in lower case: the parser works in place. A worker that finds another
// one at it does not wait: its message is counted and not kept.
// Owner: the Engine. Thread: any. Errors: none. Manual: management.txt 9.3 ("show errors").
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/addr.h"
#include "base/time.h"
#include "lbd/config/config.h"
#include "lbd/http/h1_parser.h"

namespace lbd::server {
class Server;
}

namespace lbd::stream {

struct CapturedError {
  uint64_t event = 0;  // its number, from 0
  base::WallTime when;
  const config::Proxy* frontend = nullptr;
  const config::Proxy* backend = nullptr;  // null: of a request
  const server::Server* server = nullptr;  // the same
  base::IpPort source;                     // of the client
  std::string bytes;                       // at most a buffer
  size_t position = 0;                     // of the offending one
  http::H1Error error = http::H1Error::none;
};

class CapturedErrors {
 public:
  void keep(CapturedError error);
  uint64_t events() const { return events_.load(std::memory_order_relaxed); }

  struct OfProxy {
    std::optional<CapturedError> request, response;
  };
  OfProxy of(const config::Proxy& proxy) const;
  // It goes, and with it what is kept of it.
  void forget(const config::Proxy& proxy);
  void forget(const server::Server& server);

 private:
  std::atomic<uint64_t> events_{0};
  mutable std::mutex mutex_;
  std::map<const config::Proxy*, OfProxy> kept_;
};

}  // namespace lbd::stream
