#include "vrrpd/passage.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <netinet/in.h>

#include <array>
#include <cstring>

#include "vrrpd/nft.h"

namespace vrrpd {
namespace {

constexpr const char* kChain = "ingress";
// Of connections that begin here; one more is served by the other node as long as this lasts.
constexpr uint32_t kMost = 262'144;
// What may be ours from an earlier time, when this node gave the addresses up and got them back.
constexpr size_t kMostKept = 20'000;

constexpr uint8_t kSyn = 0x02, kAck = 0x10;
constexpr uint32_t kFlags = 13, kPortSize = 2, kSourcePort = 0, kDestinationPort = 2;  // in the TCP header
constexpr uint32_t kWord = 4;                                                          // of a register

// Where it stands in the IP header.
struct Layout {
  uint16_t protocol;
  uint32_t source, destination, size;
};
Layout layout(const base::IpAddr& ip) {
  if (ip.is_v6()) return {ETH_P_IPV6, 8, 24, 16};
  return {ETH_P_IP, 12, 16, 4};
}

const char* set_of(const base::IpAddr& ip) {
  return ip.is_v6() ? "ours_6" : "ours_4";
}

// Source, its port, destination, its port; each begins a register.
void load_key(nl_msg* to, const Layout& at) {
  const uint32_t words = at.size / kWord;
  uint32_t into = NFT_REG32_00;
  nft::load(to, NFT_PAYLOAD_NETWORK_HEADER, at.source, at.size, into);
  nft::load(to, NFT_PAYLOAD_TRANSPORT_HEADER, kSourcePort, kPortSize, into += words);
  nft::load(to, NFT_PAYLOAD_NETWORK_HEADER, at.destination, at.size, ++into);
  nft::load(to, NFT_PAYLOAD_TRANSPORT_HEADER, kDestinationPort, kPortSize, into + words);
}

uint32_t key_size(const base::IpAddr& ip) {
  return 2 * static_cast<uint32_t>(ip.length()) + 2 * kWord;
}

std::vector<uint8_t> key_of(const TcpFlow& flow) {
  std::vector<uint8_t> key;
  for (const base::IpPort* end : {&flow.remote, &flow.local}) {
    key.insert(key.end(), end->ip.bytes.begin(), end->ip.bytes.begin() + static_cast<ptrdiff_t>(end->ip.length()));
    key.insert(key.end(), {static_cast<uint8_t>(end->port >> 8), static_cast<uint8_t>(end->port), 0, 0});
  }
  return key;
}

void match_tcp_to(nl_msg* to, const base::IpAddr& ip) {
  const Layout at = layout(ip);
  const uint16_t protocol = htons(at.protocol);
  const uint8_t tcp = IPPROTO_TCP;
  nft::load_meta(to, NFT_META_PROTOCOL);
  nft::compare(to, NFT_CMP_EQ, &protocol, sizeof protocol);
  nft::load_meta(to, NFT_META_L4PROTO);
  nft::compare(to, NFT_CMP_EQ, &tcp, sizeof tcp);
  nft::load(to, NFT_PAYLOAD_NETWORK_HEADER, at.destination, at.size);
  nft::compare(to, NFT_CMP_EQ, ip.bytes.data(), ip.length());
}

void match_syn(nl_msg* to) {
  nft::load(to, NFT_PAYLOAD_TRANSPORT_HEADER, kFlags, 1);
  nft::mask(to, kSyn | kAck);
  nft::compare(to, NFT_CMP_EQ, &kSyn, 1);
}

void add_rules(nft::Batch& batch, const char* table, const base::IpAddr& ip, const base::IpAddr& neighbour,
               uint32_t interface) {
  batch.add_rule(table, kChain, [&](nl_msg* to) {
    match_tcp_to(to, ip);
    match_syn(to);
    load_key(to, layout(ip));
    nft::add_to_set(to, set_of(ip));
    nft::verdict(to, NF_ACCEPT);
  });
  batch.add_rule(table, kChain, [&](nl_msg* to) {
    match_tcp_to(to, ip);
    load_key(to, layout(ip));
    nft::look_up(to, set_of(ip));
    nft::verdict(to, NF_ACCEPT);
  });
  batch.add_rule(table, kChain, [&](nl_msg* to) {
    match_tcp_to(to, ip);
    nft::forward(to, neighbour, interface);
  });
}

}  // namespace

std::vector<uint8_t> passage_batch(const std::string& table, const PassageRoute& route,
                                   const std::vector<TcpFlow>& kept) {
  const char* name = table.c_str();
  nft::Batch batch(NFPROTO_NETDEV);
  batch.replace_table(name);
  batch.add_chain(name, kChain, NF_NETDEV_INGRESS, 0, route.device.c_str());
  for (const PassageRoute::Hop& hop : route.hops)
    batch.add_set(name, set_of(hop.neighbour), key_size(hop.neighbour), kMost);
  for (const TcpFlow& flow : kept) {
    const std::vector<uint8_t> key = key_of(flow);
    batch.add_element(name, set_of(flow.local.ip), key.data(), static_cast<int>(key.size()));
  }
  for (const PassageRoute::Hop& hop : route.hops)
    for (const base::IpAddr& ip : hop.addresses) add_rules(batch, name, ip, hop.neighbour, route.interface);
  return batch.finish();
}

Passage::Passage(base::Loop& loop, std::string table, std::function<void()> over)
    : table_(std::move(table)), over_(std::move(over)), limit_(loop) {
  limit_.bind<&Passage::on_limit>(this);
}

base::Status Passage::open(const PassageRoute& route, base::Nanos limit, bool has_own) {
  close();
  std::vector<TcpFlow> kept;
  for (size_t i = 0; has_own && i < route.hops.size(); ++i) {
    const std::vector<TcpFlow> own = TRY(tcp_flows(route.hops[i].addresses, kMostKept));
    kept.insert(kept.end(), own.begin(), own.end());
  }
  TRY(nft::send(passage_batch(table_, route, kept)));
  limit_.start_after(limit);
  return {};
}

void Passage::close() {
  if (!active()) return;
  limit_.stop();
  clear();
}

void Passage::on_limit() {
  clear();
  over_();
}

void Passage::clear() {
  nft::Batch batch(NFPROTO_NETDEV);
  batch.delete_table(table_.c_str());
  (void)nft::send(batch.finish());
}

}  // namespace vrrpd
