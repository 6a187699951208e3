// Drain: a node that has given its addresses up by plan keeps them for the connections that are open, in silence: the
// new master sends their segments here (passage.h). Nobody learns from this node where the addresses are: it does not
// answer who asks for them (ARP, neighbour solicitation), and asks for others in its own name.
//
// A table of nftables at the ingress and the egress of the interface. Life: begin() to end(), or until no connection is
// left or the limit has come, when `over` is called. Its owner takes the addresses down then. Thread: that of the loop.
// Errors: begin() says why it cannot be; nothing is changed then.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/addr.h"
#include "base/ev.h"
#include "base/result.h"

namespace vrrpd {

// Of one family.
struct DrainedAddresses {
  base::IpAddr own;  // another one of the node there
  std::vector<base::IpAddr> addresses;
};
// The transaction; pure.
std::vector<uint8_t> drain_batch(const std::string& table, const std::string& device,
                                 const std::vector<DrainedAddresses>& drained);

class Drain {
 public:
  Drain(base::Loop& loop, std::string table, std::function<void()> over);
  ~Drain() { end(); }
  base::Status begin(const std::string& device, std::vector<DrainedAddresses> drained, base::Nanos limit);
  void end();
  // What a process that was killed has left.
  void clear();
  bool active() const { return until_ != base::kNever; }
  base::Nanos left(base::MonoTime now) const { return active() && now < until_ ? until_ - now : base::Nanos(0); }

 private:
  // Who has learnt a moment ago that the addresses are here may still begin a connection.
  static constexpr base::Millis kLook{200};
  void on_look();
  bool is_used() const;

  const std::string table_;
  const std::function<void()> over_;
  std::vector<DrainedAddresses> drained_;
  base::MonoTime until_ = base::kNever;
  base::Timer look_;
};

}  // namespace vrrpd
