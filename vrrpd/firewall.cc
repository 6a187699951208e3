#include "vrrpd/firewall.h"

#include <netinet/in.h>

#include "base/log.h"
#include "vrrpd/nft.h"

namespace vrrpd {
namespace {

constexpr const char* kChain = "input";
constexpr int kPriority = -1;                                 // before the filters of others, as keepalived's
constexpr uint32_t kDestinationV4 = 16, kDestinationV6 = 24;  // in the IP header

void put_rule(nl_msg* to, const base::IpAddr& ip) {
  const uint8_t family = ip.is_v6() ? NFPROTO_IPV6 : NFPROTO_IPV4;
  nft::load_meta(to, NFT_META_NFPROTO);
  nft::compare(to, NFT_CMP_EQ, &family, sizeof family);
  nft::load(to, NFT_PAYLOAD_NETWORK_HEADER, ip.is_v6() ? kDestinationV6 : kDestinationV4,
            static_cast<uint32_t>(ip.length()));
  nft::compare(to, NFT_CMP_EQ, ip.bytes.data(), ip.length());
  if (ip.is_v6()) {
    const uint8_t control = IPPROTO_ICMPV6;
    nft::load_meta(to, NFT_META_L4PROTO);
    nft::compare(to, NFT_CMP_NEQ, &control, sizeof control);
  }
  nft::verdict(to, NF_DROP);
}

}  // namespace

std::vector<uint8_t> firewall_batch(const std::vector<base::IpAddr>& addresses) {
  nft::Batch batch(NFPROTO_INET);
  if (addresses.empty()) {
    batch.delete_table(kFirewallTable);
    return batch.finish();
  }
  batch.replace_table(kFirewallTable);
  batch.add_chain(kFirewallTable, kChain, NF_INET_LOCAL_IN, kPriority);
  for (const base::IpAddr& ip : addresses)
    batch.add_rule(kFirewallTable, kChain, [&](nl_msg* to) { put_rule(to, ip); });
  return batch.finish();
}

Firewall::~Firewall() {
  if (!refused_.empty()) (void)nft::send(firewall_batch({}));
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
  if (auto status = nft::send(firewall_batch(all)); !status)
    base::log(base::Level::err, "packets to addresses with no_accept are accepted: {}", status.error().text);
}

}  // namespace vrrpd
