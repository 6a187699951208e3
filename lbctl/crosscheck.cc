#include "lbctl/crosscheck.h"

#include <fmt/format.h>
#include <ifaddrs.h>

#include <algorithm>
#include <map>
#include <memory>

#include "base/addr.h"
#include "base/fd.h"
#include "base/strings.h"

namespace lbctl {
namespace {

struct Fact {
  std::string kind, name, address, detail, more, where;
};

// Words beyond those of a fact stay empty.
std::vector<Fact> read_facts(std::string_view outline, std::vector<Finding>& findings) {
  std::vector<Fact> facts;
  for (std::string_view line : base::split(outline, '\n')) {
    if (line.empty()) continue;
    const auto words = base::split(line, '\t');
    const auto word = [&](size_t index) {
      return std::string(index < words.size() ? words[index] : std::string_view());
    };
    if (words[0] == "listen" && words.size() == 6)
      facts.push_back({word(0), word(1), word(2), word(3), word(4), word(5)});
    else if (words[0] == "peer" && words.size() == 7)
      facts.push_back({"node", word(2), word(4), word(3), word(1), word(6)});
    else if (words.size() == 5)
      facts.push_back({word(0), word(1), word(2), word(3), "", word(4)});
    else
      findings.push_back({true, fmt::format("'{}' is not understood", line), "are the programs of one version?"});
  }
  return facts;
}

bool is_v6(std::string_view address) {
  return address.find(':') != std::string_view::npos;
}

class Check {
 public:
  Check(std::string_view lbd_outline, std::string_view vrrpd_outline, const NodeFacts& node)
      : node_(node), lbd_(read_facts(lbd_outline, findings_)), vrrpd_(read_facts(vrrpd_outline, findings_)) {}

  std::vector<Finding> run() {
    virtual_addresses();
    listeners();
    routers();
    nodes();
    return std::move(findings_);
  }

 private:
  void complain(bool error, std::string text, std::string hint = {}) {
    findings_.push_back({error, std::move(text), std::move(hint)});
  }
  bool has(const std::string& address) const { return node_.addresses.contains(address); }
  const Fact* virtual_address(const std::string& address) const {
    const auto found = std::find_if(vrrpd_.begin(), vrrpd_.end(),
                                    [&](const Fact& fact) { return fact.kind == "vip" && fact.address == address; });
    return found == vrrpd_.end() ? nullptr : &*found;
  }

  // Somebody listens at each of them.
  void virtual_addresses() {
    for (const Fact& vip : vrrpd_) {
      if (vip.kind != "vip") continue;
      const bool heard = std::any_of(lbd_.begin(), lbd_.end(), [&](const Fact& fact) {
        return fact.kind == "listen" && (fact.address == vip.address || fact.address == "*");
      });
      if (!heard)
        complain(false,
                 fmt::format("{}: nobody listens at the virtual address {} of {}", vip.where, vip.address, vip.name),
                 "a 'bind' of a frontend names it, or '*'");
    }
  }

  // The addresses that they name are there, here or with a virtual address.
  void listeners() {
    std::set<std::string> told;
    for (const Fact& listener : lbd_) {
      if (listener.kind != "listen" || listener.address == "*" || has(listener.address)) continue;
      if (!told.insert(listener.address).second) continue;
      const std::string what = fmt::format("{}: '{}' listens at {}", listener.where, listener.name, listener.address);
      if (!virtual_address(listener.address)) {
        complain(true, what + ", which is neither an address of this node nor a virtual one",
                 "add it to virtual_ipaddress, or correct it");
      } else if (const bool v6 = is_v6(listener.address);
                 listener.more != "transparent" && !(v6 ? node_.binds_foreign_v6 : node_.binds_foreign_v4)) {
        complain(
            true, what + ", which the other node may hold: lbd will not start here",
            fmt::format("'transparent' behind the bind, or sysctl net.{}.ip_nonlocal_bind=1", v6 ? "ipv6" : "ipv4"));
      }
    }
  }

  // Interfaces and unicast addresses are what they say.
  void routers() {
    for (const Fact& fact : vrrpd_) {
      const std::string place = fmt::format("{}: {}", fact.where, fact.name);
      if (fact.kind == "device" && !fact.address.empty() && !node_.devices.contains(fact.address))
        complain(true, fmt::format("{}: there is no interface '{}' here", place, fact.address));
      if (fact.kind == "source" && !has(fact.address))
        complain(true, fmt::format("{}: the source {} is not an address of this node", place, fact.address));
      if (fact.kind == "peer") {
        if (has(fact.address))
          complain(true, fmt::format("{}: the peer {} is this node itself", place, fact.address),
                   "unicast_peer is the address of the other node");
      }
    }
  }

  // In each peers section there is this node, and another one.
  void nodes() {
    std::map<std::string, std::vector<const Fact*>> sections;
    for (const Fact& fact : lbd_)
      if (fact.kind == "node") sections[fact.more].push_back(&fact);
    for (const auto& [name, peers] : sections) {
      const auto is_ours = [](const Fact* fact) { return fact->detail == "this"; };
      const auto ours = std::find_if(peers.begin(), peers.end(), is_ours);
      if (ours == peers.end())
        complain(false, fmt::format("{}: no peer of '{}' is this node", peers.front()->where, name),
                 "its name is that of 'localpeer', of lbd's -L, or of the host");
      else if (base::IpAddr::parse((*ours)->address) && !has((*ours)->address))
        complain(true, fmt::format("{}: the peer '{}' is this node, which has not the address {}", (*ours)->where,
                                   (*ours)->name, (*ours)->address));
      if (std::all_of(peers.begin(), peers.end(), is_ours))
        complain(false, fmt::format("{}: the section '{}' has no other node", peers.front()->where, name));
      for (const Fact* peer : peers)
        if (!is_ours(peer) && has(peer->address))
          complain(true, fmt::format("{}: the peer '{}' has an address of this node", peer->where, peer->name));
    }
  }

  std::vector<Finding> findings_;
  const NodeFacts& node_;
  const std::vector<Fact> lbd_, vrrpd_;
};

bool is_on(const std::string& switch_file) {
  const auto text = base::read_file(switch_file);
  return text && base::trim(*text) == "1";
}

}  // namespace

NodeFacts facts_of_this_node() {
  NodeFacts node;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) == 0) {
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(list, ::freeifaddrs);
    for (const ifaddrs* one = list; one; one = one->ifa_next) {
      node.devices.insert(one->ifa_name);
      if (!one->ifa_addr) continue;
      const int family = one->ifa_addr->sa_family;
      if (family == AF_INET || family == AF_INET6)
        node.addresses.insert(
            base::SockAddr::from_raw(one->ifa_addr, family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6))
                .ip_port()
                .ip.to_string());
    }
  }
  node.binds_foreign_v4 = is_on("/proc/sys/net/ipv4/ip_nonlocal_bind");
  node.binds_foreign_v6 = is_on("/proc/sys/net/ipv6/ip_nonlocal_bind");
  return node;
}

std::vector<Finding> crosscheck(std::string_view lbd_outline, std::string_view vrrpd_outline, const NodeFacts& node) {
  return Check(lbd_outline, vrrpd_outline, node).run();
}

}  // namespace lbctl
