#include "vrrpd/drain.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>

#include <algorithm>

#include "vrrpd/nft.h"
#include "vrrpd/tcp_flows.h"

namespace vrrpd {
namespace {

constexpr const char* kIn = "ingress";
constexpr const char* kOut = "egress";
constexpr uint32_t kArpSender = 14, kArpTarget = 24;  // the addresses of IPv4 in ARP (RFC 826)
constexpr uint32_t kSourceV6 = 8;
constexpr uint32_t kSolicited = 8;  // the target of a neighbour solicitation (RFC 4861, 4.3)

void match_protocol(nl_msg* to, uint16_t protocol) {
  const uint16_t wire = htons(protocol);
  nft::load_meta(to, NFT_META_PROTOCOL);
  nft::compare(to, NFT_CMP_EQ, &wire, sizeof wire);
}

void match_address(nl_msg* to, uint32_t base, uint32_t offset, const base::IpAddr& ip) {
  nft::load(to, base, offset, static_cast<uint32_t>(ip.length()));
  nft::compare(to, NFT_CMP_EQ, ip.bytes.data(), ip.length());
}

void match_solicitation(nl_msg* to) {
  const uint8_t control = IPPROTO_ICMPV6, kind = ND_NEIGHBOR_SOLICIT;
  match_protocol(to, ETH_P_IPV6);
  nft::load_meta(to, NFT_META_L4PROTO);
  nft::compare(to, NFT_CMP_EQ, &control, sizeof control);
  nft::load(to, NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1);
  nft::compare(to, NFT_CMP_EQ, &kind, sizeof kind);
}

void in_v4(nl_msg* to, const base::IpAddr& ip) {
  match_protocol(to, ETH_P_ARP);
  match_address(to, NFT_PAYLOAD_NETWORK_HEADER, kArpTarget, ip);
  nft::verdict(to, NF_DROP);
}

void out_v4(nl_msg* to, const base::IpAddr& ip, const base::IpAddr& own) {
  match_protocol(to, ETH_P_ARP);
  match_address(to, NFT_PAYLOAD_NETWORK_HEADER, kArpSender, ip);
  nft::set_register(to, NFT_REG_1, own.bytes.data(), own.length());
  nft::store(to, NFT_PAYLOAD_NETWORK_HEADER, kArpSender, static_cast<uint32_t>(own.length()));
}

void in_v6(nl_msg* to, const base::IpAddr& ip) {
  match_solicitation(to);
  match_address(to, NFT_PAYLOAD_TRANSPORT_HEADER, kSolicited, ip);
  nft::verdict(to, NF_DROP);
}

void out_v6(nl_msg* to, const base::IpAddr& ip, const base::IpAddr& own) {
  match_solicitation(to);
  match_address(to, NFT_PAYLOAD_NETWORK_HEADER, kSourceV6, ip);
  nft::set_register(to, NFT_REG_1, own.bytes.data(), own.length());
  nft::store(to, NFT_PAYLOAD_NETWORK_HEADER, kSourceV6, static_cast<uint32_t>(own.length()), true);
}

}  // namespace

std::vector<uint8_t> drain_batch(const std::string& table, const std::string& device,
                                 const std::vector<DrainedAddresses>& drained) {
  const char* name = table.c_str();
  nft::Batch batch(NFPROTO_NETDEV);
  batch.replace_table(name);
  batch.add_chain(name, kIn, NF_NETDEV_INGRESS, 0, device.c_str());
  batch.add_chain(name, kOut, NF_NETDEV_EGRESS, 0, device.c_str());
  for (const auto& [own, addresses] : drained) {
    for (const base::IpAddr& ip : addresses) {
      batch.add_rule(name, kIn, [&](nl_msg* to) { ip.is_v6() ? in_v6(to, ip) : in_v4(to, ip); });
      batch.add_rule(name, kOut, [&](nl_msg* to) { ip.is_v6() ? out_v6(to, ip, own) : out_v4(to, ip, own); });
    }
  }
  return batch.finish();
}

Drain::Drain(base::Loop& loop, std::string table, std::function<void()> over)
    : table_(std::move(table)), over_(std::move(over)), look_(loop) {
  look_.bind<&Drain::on_look>(this);
}

base::Status Drain::begin(const std::string& device, std::vector<DrainedAddresses> drained, base::Nanos limit) {
  TRY(nft::send(drain_batch(table_, device, drained)));
  drained_ = std::move(drained);
  until_ = base::mono_now() + limit;
  look_.start_after(kLook);
  return {};
}

void Drain::end() {
  if (!active()) return;
  until_ = base::kNever;
  look_.stop();
  clear();
}

void Drain::clear() {
  nft::Batch batch(NFPROTO_NETDEV);
  batch.delete_table(table_.c_str());
  (void)nft::send(batch.finish());
}

bool Drain::is_used() const {
  return std::any_of(drained_.begin(), drained_.end(), [](const DrainedAddresses& each) {
    const auto open = tcp_flows(each.addresses, 1);
    return open && !open->empty();
  });
}

void Drain::on_look() {
  if (is_used() && base::mono_now() < until_) return look_.start_after(kLook);
  over_();
}

}  // namespace vrrpd
