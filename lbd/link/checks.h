// CheckShare: what the checks of this node found is told to the other nodes, and what theirs found goes to the
// Scheduler, which knows when to believe it (lbd/check/trust.h).
//
// Whoever has another configuration may mean another server by the same name, and is not heard.
// Owner: PartsLink. Thread, errors: see Share; servers that are not here are left.
#pragma once

#include <set>
#include <unordered_map>
#include <vector>

#include "lbd/check/scheduler.h"
#include "lbd/link/share.h"
#include "lbd/server/objects.h"

namespace lbd::link {

class CheckShare final : public Share, private check::FindingSink {
 public:
  // `hello`: what this process says of itself.
  CheckShare(check::Scheduler& scheduler, const server::Objects& objects, const tandem::Hello& hello);
  ~CheckShare() override;

  bool owns(std::string_view list) const override { return list == kList; }
  void mark_all() override;
  void collect(Teller& teller) override;
  void accept(const replica::PartStore::News& news) override;
  void present(const tandem::Present& present) override;

 private:
  static constexpr std::string_view kList = "checks";
  struct Latest {
    check::CheckReport report;
    bool told = false;
  };
  void found(const server::Server& server, const check::CheckReport& report) override;

  check::Scheduler& scheduler_;
  const server::Objects& objects_;
  const uint64_t origin_;
  const std::string node_, configuration_;
  std::set<uint64_t> believed_;  // processes of other nodes with our configuration
  std::unordered_map<const server::Server*, Latest> latest_;
  std::vector<const server::Server*> news_;
};

}  // namespace lbd::link
