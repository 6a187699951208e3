// Roster: the lbd processes that are there now, on this node and on those that are linked: what a process has open ends
// with it (gauges of stick tables). Life: as long as the process. Thread: one. Errors: none; at most kMost of a source.
#pragma once

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "proto/parts.pb.h"

namespace syncd {

class RosterObserver {
 public:
  virtual void roster_changed() = 0;

 protected:
  ~RosterObserver() = default;
};

class Roster {
 public:
  static constexpr int kMost = 256;

  // All that this source has; `local`: of this node. What is no news is not told, or two nodes
  // would answer each other without end.
  void set(const void* source, tandem::Present present, bool local) {
    while (present.origins_size() > kMost) present.mutable_origins()->RemoveLast();
    auto [known, added] = sources_.try_emplace(source);
    if (!added && same(known->second.present, present)) return;
    known->second = {std::move(present), local};
    tell();
  }
  void remove(const void* source) {
    if (sources_.erase(source)) tell();
  }
  // The process that was started last, of a source or of this node; null: there is none.
  const tandem::Origin* latest(const void* source) const {
    auto known = sources_.find(source);
    return known == sources_.end() ? nullptr : later(nullptr, known->second.present);
  }
  const tandem::Origin* latest_local() const {
    const tandem::Origin* latest = nullptr;
    for (const auto& [source, known] : sources_)
      if (known.local) latest = later(latest, known.present);
    return latest;
  }
  tandem::Present local() const { return gather(true); }
  tandem::Present all() const { return gather(false); }

  void add_observer(RosterObserver& observer) { observers_.push_back(&observer); }
  void remove_observer(RosterObserver& observer) { std::erase(observers_, &observer); }

 private:
  struct Known {
    tandem::Present present;
    bool local = false;
  };
  static bool same(const tandem::Present& a, const tandem::Present& b) {
    return std::equal(a.origins().begin(), a.origins().end(), b.origins().begin(), b.origins().end(),
                      [](const auto& x, const auto& y) {
                        return x.id() == y.id() && x.node() == y.node() && x.generation() == y.generation() &&
                               x.configuration() == y.configuration();
                      });
  }
  static const tandem::Origin* later(const tandem::Origin* latest, const tandem::Present& present) {
    for (const tandem::Origin& one : present.origins())
      if (!latest || one.generation() > latest->generation()) latest = &one;
    return latest;
  }
  tandem::Present gather(bool only_local) const {
    tandem::Present out;
    for (const auto& [source, known] : sources_)
      if (known.local || !only_local) out.mutable_origins()->MergeFrom(known.present.origins());
    return out;
  }
  void tell() {
    for (RosterObserver* observer : observers_) observer->roster_changed();
  }

  std::map<const void*, Known> sources_;
  std::vector<RosterObserver*> observers_;
};

}  // namespace syncd
