// Share: one kind of thing that the lbd processes of all nodes tell each other: entries of stick tables, what TLS
// clients resume with, results of checks, counters. Each is told in parts (proto/parts.proto): of an object, named by a
// list and a key, every process has a part of its own, and of each the latest counts.
//
// A Share marks what changed and is asked for it every PartsLink::kTick; it never waits for anybody. To add one: derive
// here, give it to PartsLink in SyncdLink's constructor.
// Life: that of PartsLink. Thread: control thread. Errors: none; what others tell and makes no sense is left.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "proto/envelope.pb.h"
#include "replica/part_batch.h"
#include "replica/stamp.h"

namespace lbd::link {

// Milliseconds of wall time, as deadlines of parts are.
inline int64_t millis_of(base::WallTime time) {
  return base::to_millis(time.time_since_epoch());
}

// Puts what is told by this process into a message.
class Teller {
 public:
  Teller(replica::PartBatch& batch, replica::HybridClock& clock, uint64_t origin, std::string_view node)
      : batch_(batch), clock_(clock), origin_(origin), node_(node), now_(base::wall_now()) {}
  // `deadline`: in milliseconds of wall time, 0: never; `cleared`: parts up to this version end.
  void tell(std::string_view list, std::string_view key, std::string_view value, int64_t deadline,
            uint64_t cleared = 0) {
    uint64_t version = clock_.next(now_);
    if (cleared > 0) version = std::max(version, cleared + 1);
    tell_at(list, key, value, version, cleared, deadline);
  }
  // What was said at `version`, before now; the later one of two processes holds.
  void tell_at(std::string_view list, std::string_view key, std::string_view value, uint64_t version, uint64_t cleared,
               int64_t deadline = 0) {
    batch_.add({.table = list,
                .key = key,
                .value = value,
                .origin = origin_,
                .version = version,
                .cleared = cleared,
                .node = node_,
                .deadline = deadline});
  }
  bool full() const { return batch_.full(); }
  int64_t now() const { return millis_of(now_); }

 private:
  replica::PartBatch& batch_;
  replica::HybridClock& clock_;
  const uint64_t origin_;
  const std::string_view node_;
  const base::WallTime now_;
};

// What the node of this process is called, as others hear it; `fallback` before syncd has said so.
inline std::string own_node(const tandem::Present& present, uint64_t origin, const std::string& fallback) {
  for (const tandem::Origin& one : present.origins())
    if (one.id() == origin) return one.node();
  return fallback;
}

class Share {
 public:
  virtual ~Share() = default;
  virtual bool owns(std::string_view list) const = 0;
  // Whoever knew what was told may have forgotten it: all is to be told again.
  virtual void mark_all() = 0;
  // What is new, until `teller` is full.
  virtual void collect(Teller& teller) = 0;
  // What another process told of a list that is its own.
  virtual void accept(const replica::PartStore::News& news) = 0;
  // What it knows goes to the process after this one directly, where no syncd keeps it.
  virtual bool inherited() const { return false; }
  // Which processes there are now, on all nodes.
  virtual void present(const tandem::Present&) {}
};

}  // namespace lbd::link
