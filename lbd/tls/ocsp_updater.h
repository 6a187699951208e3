// OcspUpdater: keeps the OCSP answers of certificates with `ocsp-update on` fresh: knows when each is due, lets a
// thread of its own fetch one after the other, and hands what came, once its signature is verified, to Contexts.
//
// An answer is due before it ends, but not more often than mindelay and not more seldom than maxdelay; after a failure
// again after mindelay, and then after twice as long each time. Which certificates there are is asked for whenever
// Contexts has changed. Owner: the runtime. Thread: that of the loop; the fetching one touches only its errand.
// Errors: to the log, and in entries(). Units: seconds since 1970. Manual: 3.2 (tune.ssl.ocsp-update.*), 5.1
// (ocsp-update); management of HAProxy 2.8, 9.3 (show ssl ocsp-updates, update ssl ocsp-response).
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/ev.h"
#include "base/mailbox.h"
#include "lbd/tls/contexts.h"
#include "lbd/tls/ocsp_fetch.h"

namespace lbd::tls {

class OcspUpdater {
 public:
  enum class Outcome : uint8_t { unknown, updated, http_error, wrong_header, check_failed, not_inserted };
  static std::string_view text_of(Outcome outcome);
  struct Entry {
    std::string path, uri;
    int64_t due = 0, updated = 0;
    uint32_t successes = 0, failures = 0;
    uint32_t failed_in_a_row = 0;
    bool automatic = true;  // false: only because an operator asked
    Outcome last = Outcome::unknown;
  };

  OcspUpdater(base::Loop& loop, const config::OcspUpdate& settings, Contexts& contexts);
  ~OcspUpdater();
  OcspUpdater(const OcspUpdater&) = delete;
  OcspUpdater& operator=(const OcspUpdater&) = delete;

  // Nothing is done before.
  void start();
  // By the id of the answer.
  const std::map<std::string, Entry>& entries();
  // update ssl ocsp-response: as soon as the thread is free; an error: nobody could be asked.
  base::Status update_now(const std::string& path);

 private:
  void on_tick();
  void learn();
  void run();
  void came(const std::string& id, base::Result<std::string> der);
  Outcome insert(const std::string& id, const std::string& der, Entry& entry);

  const config::OcspUpdate& settings_;
  Contexts& contexts_;
  base::Mailbox mailbox_;
  base::Timer timer_;
  std::map<std::string, Entry> entries_;
  uint64_t seen_changes_ = ~uint64_t{0};
  bool busy_ = false;

  std::thread thread_;  // made when it is first needed
  std::mutex mutex_;
  std::condition_variable woken_;
  std::optional<OcspQuestion> errand_;
  std::atomic<bool> stop_{false};
};

}  // namespace lbd::tls
