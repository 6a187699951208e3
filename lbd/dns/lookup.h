// Lookup: what `do-resolve` asks: one name, once. Workers look into the cache of the section first; what is not there
// is an errand for the control thread.
//
// Thread: LookupCache and Lookups any; Lookup as base::Errand. Life: the cache and Lookups as the process, a Lookup
// until the rule and the control thread are done with it. Errors: no address. Manual: do-resolve, hold valid.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/addr.h"
#include "base/errand.h"
#include "base/time.h"
#include "lbd/config/config.h"

namespace lbd::dns {

struct Lookup : base::Errand {
  Lookup(base::Mailbox& home, Sender& sender, std::string n, base::Family p)
      : Errand(home, sender), name(std::move(n)), prefer(p) {}
  const std::string name;  // canonical
  const base::Family prefer;
  std::optional<base::IpAddr> found;
};

// Addresses that were found not longer ago than `hold valid`.
class LookupCache {
 public:
  std::optional<base::IpAddr> find(const std::string& name, base::Family prefer, base::MonoTime now);
  void put(const std::string& name, base::Family prefer, const base::IpAddr& ip, base::MonoTime until,
           base::MonoTime now);

 private:
  // Clients choose the names: there are never more than these.
  static constexpr size_t kMost = 10000;
  struct Entry {
    base::IpAddr ip;
    base::MonoTime until;
  };
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_[2];
};

// Where rules ask.
class Lookups {
 public:
  virtual LookupCache& cache(const config::Resolvers& section) = 0;
  virtual void ask(const config::Resolvers& section, std::shared_ptr<Lookup> lookup) = 0;

 protected:
  ~Lookups() = default;
};

}  // namespace lbd::dns
