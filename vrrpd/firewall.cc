#include "vrrpd/firewall.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <sys/socket.h>

#include <array>
#include <memory>

#include "base/fd.h"
#include "base/log.h"

namespace vrrpd {
namespace {

constexpr const char* kChain = "input";
constexpr int kPriority = -1;  // before the filters of others, as keepalived's
constexpr size_t kLargestMessage = 4096;
constexpr size_t kDestinationV4 = 16, kDestinationV6 = 24;  // in the IP header

struct Free {
  void operator()(nl_msg* message) const { nlmsg_free(message); }
};

// Messages one after the other.
class Batch {
 public:
  Batch() { edge(NFNL_MSG_BATCH_BEGIN); }
  std::vector<uint8_t> finish() {
    edge(NFNL_MSG_BATCH_END);
    return std::move(bytes_);
  }

  template <typename Fill>
  void add(int type, int flags, Fill fill) {
    append(NFNL_SUBSYS_NFTABLES << 8 | type, flags, NFPROTO_INET, 0, fill);
  }

 private:
  void edge(int type) {
    append(type, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES, [](nl_msg*) {});
  }
  template <typename Fill>
  void append(int type, int flags, int family, int resource, Fill fill) {
    const std::unique_ptr<nl_msg, Free> message(nlmsg_alloc_size(kLargestMessage));
    CHECK(message);
    CHECK(nlmsg_put(message.get(), 0, ++sequence_, type, 0, NLM_F_REQUEST | flags));
    const nfgenmsg header{static_cast<uint8_t>(family), NFNETLINK_V0, htons(static_cast<uint16_t>(resource))};
    CHECK(nlmsg_append(message.get(), const_cast<nfgenmsg*>(&header), sizeof header, NLMSG_ALIGNTO) == 0);
    fill(message.get());
    const auto* raw = reinterpret_cast<const uint8_t*>(nlmsg_hdr(message.get()));
    bytes_.insert(bytes_.end(), raw, raw + NLMSG_ALIGN(nlmsg_hdr(message.get())->nlmsg_len));
  }

  std::vector<uint8_t> bytes_;
  uint32_t sequence_ = 0;
};

void put(nl_msg* to, int attribute, uint32_t value) {
  CHECK(nla_put_u32(to, attribute, htonl(value)) == 0);
}
void put(nl_msg* to, int attribute, const char* text) {
  CHECK(nla_put_string(to, attribute, text) == 0);
}
template <typename Fill>
void nest(nl_msg* to, int attribute, Fill fill) {
  nlattr* begin = nla_nest_start(to, attribute | NLA_F_NESTED);
  CHECK(begin);
  fill();
  nla_nest_end(to, begin);
}

// One expression of a rule.
template <typename Fill>
void expression(nl_msg* to, const char* name, Fill fill) {
  nest(to, NFTA_LIST_ELEM, [&] {
    put(to, NFTA_EXPR_NAME, name);
    nest(to, NFTA_EXPR_DATA, fill);
  });
}

void load_meta(nl_msg* to, uint32_t key) {
  expression(to, "meta", [&] {
    put(to, NFTA_META_KEY, key);
    put(to, NFTA_META_DREG, NFT_REG_1);
  });
}

void compare(nl_msg* to, uint32_t how, const void* value, size_t size) {
  expression(to, "cmp", [&] {
    put(to, NFTA_CMP_SREG, NFT_REG_1);
    put(to, NFTA_CMP_OP, how);
    nest(to, NFTA_CMP_DATA, [&] { CHECK(nla_put(to, NFTA_DATA_VALUE, static_cast<int>(size), value) == 0); });
  });
}

void load_destination(nl_msg* to, const base::IpAddr& ip) {
  expression(to, "payload", [&] {
    put(to, NFTA_PAYLOAD_DREG, NFT_REG_1);
    put(to, NFTA_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
    put(to, NFTA_PAYLOAD_OFFSET, static_cast<uint32_t>(ip.is_v6() ? kDestinationV6 : kDestinationV4));
    put(to, NFTA_PAYLOAD_LEN, static_cast<uint32_t>(ip.length()));
  });
}

void drop(nl_msg* to) {
  expression(to, "immediate", [&] {
    put(to, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
    nest(to, NFTA_IMMEDIATE_DATA,
         [&] { nest(to, NFTA_DATA_VERDICT, [&] { put(to, NFTA_VERDICT_CODE, static_cast<uint32_t>(NF_DROP)); }); });
  });
}

void put_rule(nl_msg* to, const base::IpAddr& ip) {
  put(to, NFTA_RULE_TABLE, kFirewallTable);
  put(to, NFTA_RULE_CHAIN, kChain);
  nest(to, NFTA_RULE_EXPRESSIONS, [&] {
    const uint8_t family = ip.is_v6() ? NFPROTO_IPV6 : NFPROTO_IPV4;
    load_meta(to, NFT_META_NFPROTO);
    compare(to, NFT_CMP_EQ, &family, sizeof family);
    load_destination(to, ip);
    compare(to, NFT_CMP_EQ, ip.bytes.data(), ip.length());
    if (ip.is_v6()) {
      const uint8_t control = IPPROTO_ICMPV6;
      load_meta(to, NFT_META_L4PROTO);
      compare(to, NFT_CMP_NEQ, &control, sizeof control);
    }
    drop(to);
  });
}

base::Status send(const std::vector<uint8_t>& batch) {
  const base::Fd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
  sockaddr_nl to{};
  to.nl_family = AF_NETLINK;
  if (!fd || sendto(fd.get(), batch.data(), batch.size(), 0, reinterpret_cast<sockaddr*>(&to), sizeof to) < 0)
    return base::Err(base::Error::from_errno("nftables"));
  // The kernel has done it when sendto() returns; what it complains about waits here.
  alignas(nlmsghdr) std::array<char, 8192> answer;
  const ssize_t n = recv(fd.get(), answer.data(), answer.size(), MSG_DONTWAIT);
  auto left = static_cast<int>(n);
  for (auto* header = reinterpret_cast<nlmsghdr*>(answer.data()); n > 0 && nlmsg_ok(header, left);
       header = nlmsg_next(header, &left)) {
    if (header->nlmsg_type != NLMSG_ERROR) continue;
    errno = -static_cast<const nlmsgerr*>(nlmsg_data(header))->error;
    if (errno) return base::Err(base::Error::from_errno("nftables"));
  }
  return {};
}

}  // namespace

std::vector<uint8_t> firewall_batch(const std::vector<base::IpAddr>& addresses) {
  const auto table = [](nl_msg* to) { put(to, NFTA_TABLE_NAME, kFirewallTable); };
  Batch batch;
  // Made so that it can be deleted, whether there was one or not.
  batch.add(NFT_MSG_NEWTABLE, NLM_F_CREATE, table);
  batch.add(NFT_MSG_DELTABLE, 0, table);
  if (addresses.empty()) return batch.finish();
  batch.add(NFT_MSG_NEWTABLE, NLM_F_CREATE, table);
  batch.add(NFT_MSG_NEWCHAIN, NLM_F_CREATE, [](nl_msg* to) {
    put(to, NFTA_CHAIN_TABLE, kFirewallTable);
    put(to, NFTA_CHAIN_NAME, kChain);
    put(to, NFTA_CHAIN_TYPE, "filter");
    nest(to, NFTA_CHAIN_HOOK, [&] {
      put(to, NFTA_HOOK_HOOKNUM, static_cast<uint32_t>(NF_INET_LOCAL_IN));
      put(to, NFTA_HOOK_PRIORITY, static_cast<uint32_t>(kPriority));
    });
  });
  for (const base::IpAddr& ip : addresses)
    batch.add(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, [&](nl_msg* to) { put_rule(to, ip); });
  return batch.finish();
}

Firewall::~Firewall() {
  if (!refused_.empty()) (void)send(firewall_batch({}));
}

void Firewall::refuse(const void* owner, std::vector<base::IpAddr> addresses) {
  const auto known = refused_.find(owner);
  if (known == refused_.end() ? addresses.empty() : known->second == addresses) return;
  if (addresses.empty())
    refused_.erase(known);
  else
    refused_[owner] = std::move(addresses);
  std::vector<base::IpAddr> all;
  for (const auto& [each, refused] : refused_) all.insert(all.end(), refused.begin(), refused.end());
  if (auto status = send(firewall_batch(all)); !status)
    base::log(base::Level::err, "packets to addresses with no_accept are accepted: {}", status.error().text);
}

}  // namespace vrrpd
