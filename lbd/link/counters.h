// CounterShare: the counters of frontends, backends and servers are told to the other nodes about once a second, those
// that changed; what others told is in stats::Others.
//
// Some hundred objects are looked at in one go, so that thousands of servers do not hold up the control thread.
// Owner: PartsLink. Thread, errors: see Share; objects that are not here are left.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "lbd/link/share.h"
#include "lbd/stats/statistics.h"

namespace lbd::link {

class CounterShare final : public Share {
 public:
  // `hello`: what this process says of itself.
  CounterShare(stats::Statistics& statistics, const tandem::Hello& hello);

  bool owns(std::string_view list) const override { return list == kList; }
  void mark_all() override { told_.clear(); }
  void collect(Teller& teller) override;
  void accept(const replica::PartStore::News& news) override;
  void present(const tandem::Present& present) override;

 private:
  static constexpr std::string_view kList = "counters";
  static constexpr base::Millis kRound{1000};
  static constexpr size_t kAtATime = 256;
  void tell(const stats::Object& object, Teller& teller);

  stats::Statistics& statistics_;
  const uint64_t origin_;
  const std::string node_;
  std::map<uint64_t, std::string> elsewhere_;       // the processes of other nodes
  std::unordered_map<std::string, uint64_t> told_;  // of each object: a hash of what was told last
  std::vector<stats::Object> round_;                // whose turn it is
  size_t next_ = 0;                                 // of them
  base::MonoTime begins_{};                         // the next round
};

}  // namespace lbd::link
