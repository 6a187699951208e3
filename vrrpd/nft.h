// nft: transactions of nftables, built as bytes and sent over netlink: tables, chains, sets and rules, and of rules the
// few expressions that vrrpd needs. A transaction takes effect as a whole or not at all.
//
// Building is pure; send() does one system call each way. Thread: building any, sending one. Errors: what the kernel
// says of the transaction. Manual: nft(8); linux/netfilter/nf_tables.h.
#pragma once

#include <arpa/inet.h>  // before the kernel's own, which then leave out what both have
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/addr.h"
#include "base/result.h"

namespace vrrpd::nft {

void put(nl_msg* to, int attribute, uint32_t value);
void put(nl_msg* to, int attribute, const char* text);
template <typename Fill>
void nest(nl_msg* to, int attribute, Fill fill) {
  nlattr* begin = nla_nest_start(to, attribute | NLA_F_NESTED);
  CHECK(begin);
  fill();
  nla_nest_end(to, begin);
}

// Messages one after the other.
class Batch {
 public:
  // `family`: NFPROTO_INET, NFPROTO_NETDEV.
  explicit Batch(uint8_t family) : family_(family) { edge(NFNL_MSG_BATCH_BEGIN); }
  std::vector<uint8_t> finish();

  // The table is made anew; or only deleted, whether it was there or not.
  void replace_table(const char* name);
  void delete_table(const char* name);
  // At a hook (NF_INET_LOCAL_IN, NF_NETDEV_INGRESS …); `device` for those of NFPROTO_NETDEV.
  void add_chain(const char* table, const char* name, uint32_t hook, int priority, const char* device = nullptr);
  // Of keys with that many bytes, to which rules may add.
  void add_set(const char* table, const char* name, uint32_t key_size, uint32_t most);
  void add_element(const char* table, const char* set, const void* key, int size);
  // `fill` gets the message and adds expressions.
  template <typename Fill>
  void add_rule(const char* table, const char* chain, Fill fill) {
    add(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, [&](nl_msg* to) {
      put(to, NFTA_RULE_TABLE, table);
      put(to, NFTA_RULE_CHAIN, chain);
      nest(to, NFTA_RULE_EXPRESSIONS, [&] { fill(to); });
    });
  }

 private:
  static constexpr size_t kLargestMessage = 8192;
  struct Free {
    void operator()(nl_msg* message) const { nlmsg_free(message); }
  };
  template <typename Fill>
  void add(int type, int flags, Fill fill) {
    const std::unique_ptr<nl_msg, Free> message = begin(NFNL_SUBSYS_NFTABLES << 8 | type, flags, family_, 0);
    fill(message.get());
    append(message.get());
  }
  void edge(int type);
  std::unique_ptr<nl_msg, Free> begin(int type, int flags, uint8_t family, uint16_t resource);
  void append(nl_msg* message);

  const uint8_t family_;
  std::vector<uint8_t> bytes_;
  uint32_t sequence_ = 0, sets_ = 0;
};

// Expressions. Registers: NFT_REG_1 is NFT_REG32_00 to NFT_REG32_03.
void load_meta(nl_msg* to, uint32_t key);  // NFT_META_…, into NFT_REG_1
// `base`: NFT_PAYLOAD_NETWORK_HEADER, NFT_PAYLOAD_TRANSPORT_HEADER.
void load(nl_msg* to, uint32_t base, uint32_t offset, uint32_t size, uint32_t into = NFT_REG_1);
void mask(nl_msg* to, uint8_t bits);  // of the one byte in NFT_REG_1
// The rule ends unless NFT_REG_1 is so; `how`: NFT_CMP_EQ, NFT_CMP_NEQ.
void compare(nl_msg* to, uint32_t how, const void* value, size_t size);
void set_register(nl_msg* to, uint32_t into, const void* value, size_t size);
// What is in NFT_REG_1 into the packet; `pseudo`: it belongs to the pseudo header, whose checksum follows.
void store(nl_msg* to, uint32_t base, uint32_t offset, uint32_t size, bool pseudo = false);
// The key begins in NFT_REG32_00.
void add_to_set(nl_msg* to, const char* set);
void look_up(nl_msg* to, const char* set);  // the rule ends unless it is there
// To the neighbour with that address on the interface.
void forward(nl_msg* to, const base::IpAddr& neighbour, uint32_t interface);
void verdict(nl_msg* to, uint32_t code);  // NF_DROP, NF_ACCEPT

base::Status send(const std::vector<uint8_t>& batch);

}  // namespace vrrpd::nft
