#include "vrrpd/nft.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <array>

#include "base/fd.h"

namespace vrrpd::nft {
namespace {

// One expression of a rule.
template <typename Fill>
void expression(nl_msg* to, const char* name, Fill fill) {
  nest(to, NFTA_LIST_ELEM, [&] {
    put(to, NFTA_EXPR_NAME, name);
    nest(to, NFTA_EXPR_DATA, fill);
  });
}

void put_value(nl_msg* to, int attribute, const void* value, size_t size) {
  nest(to, attribute, [&] { CHECK(nla_put(to, NFTA_DATA_VALUE, static_cast<int>(size), value) == 0); });
}

}  // namespace

void put(nl_msg* to, int attribute, uint32_t value) {
  CHECK(nla_put_u32(to, attribute, htonl(value)) == 0);
}

void put(nl_msg* to, int attribute, const char* text) {
  CHECK(nla_put_string(to, attribute, text) == 0);
}

void Batch::edge(int type) {
  append(begin(type, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES).get());
}

std::vector<uint8_t> Batch::finish() {
  edge(NFNL_MSG_BATCH_END);
  return std::move(bytes_);
}

std::unique_ptr<nl_msg, Batch::Free> Batch::begin(int type, int flags, uint8_t family, uint16_t resource) {
  std::unique_ptr<nl_msg, Free> message(nlmsg_alloc_size(kLargestMessage));
  CHECK(message);
  CHECK(nlmsg_put(message.get(), 0, ++sequence_, type, 0, NLM_F_REQUEST | flags));
  nfgenmsg header{family, NFNETLINK_V0, htons(resource)};
  CHECK(nlmsg_append(message.get(), &header, sizeof header, NLMSG_ALIGNTO) == 0);
  return message;
}

void Batch::append(nl_msg* message) {
  const auto* raw = reinterpret_cast<const uint8_t*>(nlmsg_hdr(message));
  bytes_.insert(bytes_.end(), raw, raw + NLMSG_ALIGN(nlmsg_hdr(message)->nlmsg_len));
}

void Batch::delete_table(const char* name) {
  const auto table = [&](nl_msg* to) { put(to, NFTA_TABLE_NAME, name); };
  add(NFT_MSG_NEWTABLE, NLM_F_CREATE, table);
  add(NFT_MSG_DELTABLE, 0, table);
}

void Batch::replace_table(const char* name) {
  delete_table(name);
  add(NFT_MSG_NEWTABLE, NLM_F_CREATE, [&](nl_msg* to) { put(to, NFTA_TABLE_NAME, name); });
}

void Batch::add_chain(const char* table, const char* name, uint32_t hook, int priority, const char* device) {
  add(NFT_MSG_NEWCHAIN, NLM_F_CREATE, [&](nl_msg* to) {
    put(to, NFTA_CHAIN_TABLE, table);
    put(to, NFTA_CHAIN_NAME, name);
    put(to, NFTA_CHAIN_TYPE, "filter");
    nest(to, NFTA_CHAIN_HOOK, [&] {
      put(to, NFTA_HOOK_HOOKNUM, hook);
      put(to, NFTA_HOOK_PRIORITY, static_cast<uint32_t>(priority));
      if (device) put(to, NFTA_HOOK_DEV, device);
    });
  });
}

void Batch::add_set(const char* table, const char* name, uint32_t key_size, uint32_t most) {
  add(NFT_MSG_NEWSET, NLM_F_CREATE, [&](nl_msg* to) {
    put(to, NFTA_SET_TABLE, table);
    put(to, NFTA_SET_NAME, name);
    put(to, NFTA_SET_ID, ++sets_);
    put(to, NFTA_SET_FLAGS, NFT_SET_EVAL);
    put(to, NFTA_SET_KEY_TYPE, 0U);
    put(to, NFTA_SET_KEY_LEN, key_size);
    nest(to, NFTA_SET_DESC, [&] { put(to, NFTA_SET_DESC_SIZE, most); });
  });
}

void Batch::add_element(const char* table, const char* set, const void* key, int size) {
  add(NFT_MSG_NEWSETELEM, NLM_F_CREATE, [&](nl_msg* to) {
    put(to, NFTA_SET_ELEM_LIST_TABLE, table);
    put(to, NFTA_SET_ELEM_LIST_SET, set);
    nest(to, NFTA_SET_ELEM_LIST_ELEMENTS,
         [&] { nest(to, NFTA_LIST_ELEM, [&] { put_value(to, NFTA_SET_ELEM_KEY, key, static_cast<size_t>(size)); }); });
  });
}

void load_meta(nl_msg* to, uint32_t key) {
  expression(to, "meta", [&] {
    put(to, NFTA_META_KEY, key);
    put(to, NFTA_META_DREG, NFT_REG_1);
  });
}

void load(nl_msg* to, uint32_t base, uint32_t offset, uint32_t size, uint32_t into) {
  expression(to, "payload", [&] {
    put(to, NFTA_PAYLOAD_DREG, into);
    put(to, NFTA_PAYLOAD_BASE, base);
    put(to, NFTA_PAYLOAD_OFFSET, offset);
    put(to, NFTA_PAYLOAD_LEN, size);
  });
}

void mask(nl_msg* to, uint8_t bits) {
  const uint8_t none = 0;
  expression(to, "bitwise", [&] {
    put(to, NFTA_BITWISE_SREG, NFT_REG_1);
    put(to, NFTA_BITWISE_DREG, NFT_REG_1);
    put(to, NFTA_BITWISE_LEN, 1);
    put_value(to, NFTA_BITWISE_MASK, &bits, 1);
    put_value(to, NFTA_BITWISE_XOR, &none, 1);
  });
}

void compare(nl_msg* to, uint32_t how, const void* value, size_t size) {
  expression(to, "cmp", [&] {
    put(to, NFTA_CMP_SREG, NFT_REG_1);
    put(to, NFTA_CMP_OP, how);
    put_value(to, NFTA_CMP_DATA, value, size);
  });
}

void set_register(nl_msg* to, uint32_t into, const void* value, size_t size) {
  expression(to, "immediate", [&] {
    put(to, NFTA_IMMEDIATE_DREG, into);
    put_value(to, NFTA_IMMEDIATE_DATA, value, size);
  });
}

void store(nl_msg* to, uint32_t base, uint32_t offset, uint32_t size, bool pseudo) {
  expression(to, "payload", [&] {
    put(to, NFTA_PAYLOAD_SREG, NFT_REG_1);
    put(to, NFTA_PAYLOAD_BASE, base);
    put(to, NFTA_PAYLOAD_OFFSET, offset);
    put(to, NFTA_PAYLOAD_LEN, size);
    if (pseudo) put(to, NFTA_PAYLOAD_CSUM_FLAGS, NFT_PAYLOAD_L4CSUM_PSEUDOHDR);
  });
}

void add_to_set(nl_msg* to, const char* set) {
  expression(to, "dynset", [&] {
    put(to, NFTA_DYNSET_SET_NAME, set);
    put(to, NFTA_DYNSET_OP, NFT_DYNSET_OP_ADD);
    put(to, NFTA_DYNSET_SREG_KEY, NFT_REG32_00);
  });
}

void look_up(nl_msg* to, const char* set) {
  expression(to, "lookup", [&] {
    put(to, NFTA_LOOKUP_SET, set);
    put(to, NFTA_LOOKUP_SREG, NFT_REG32_00);
  });
}

void forward(nl_msg* to, const base::IpAddr& neighbour, uint32_t interface) {
  set_register(to, NFT_REG_1, &interface, sizeof interface);
  set_register(to, NFT_REG_2, neighbour.bytes.data(), neighbour.length());
  expression(to, "fwd", [&] {
    put(to, NFTA_FWD_SREG_DEV, NFT_REG_1);
    put(to, NFTA_FWD_SREG_ADDR, NFT_REG_2);
    put(to, NFTA_FWD_NFPROTO, neighbour.is_v6() ? NFPROTO_IPV6 : NFPROTO_IPV4);
  });
}

void verdict(nl_msg* to, uint32_t code) {
  expression(to, "immediate", [&] {
    put(to, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
    nest(to, NFTA_IMMEDIATE_DATA, [&] { nest(to, NFTA_DATA_VERDICT, [&] { put(to, NFTA_VERDICT_CODE, code); }); });
  });
}

// One as long as the process: the end of one waits in the kernel until all that was deleted is freed, for up to some
// tenths of a second.
base::Status send(const std::vector<uint8_t>& batch) {
  static const base::Fd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
  sockaddr_nl to{};
  to.nl_family = AF_NETLINK;
  // It goes in one piece.
  const int room = static_cast<int>(2 * batch.size());
  if (fd) setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
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

}  // namespace vrrpd::nft
