// The index of addresses and networks: a table for each prefix length that occurs, looked at from the longest on.
#include "lbd/expr/pattern_ip.h"

#include <arpa/inet.h>
#include <fmt/core.h>

#include <array>
#include <cstring>

#include "base/strings.h"
#include "lbd/expr/pattern_hash.h"
#include "lbd/expr/pattern_index.h"
#include "lbd/expr/pattern_table.h"

namespace lbd::expr {
namespace {

uint32_t mask_of(unsigned length) {
  return length ? ~uint32_t{0} << (32 - length) : 0;
}

// "192.0.2.1" in full; what else inet_aton() knows ("127.1") is rare.
bool parse_v4(std::string_view text, uint32_t& ip) {
  uint32_t value = 0, part = 0;
  unsigned digits = 0, dots = 0;
  bool plain = true;
  for (char c : text) {
    if (c == '.') {
      plain = plain && digits > 0 && part < 256;
      value = value << 8 | (part & 0xff);
      part = digits = 0;
      ++dots;
    } else if (base::is_digit(c)) {
      plain = plain && !(digits > 0 && part == 0) && ++digits <= 3;
      part = part * 10 + static_cast<uint32_t>(c - '0');
    } else {
      return false;
    }
  }
  if (plain && dots == 3 && digits > 0 && part < 256) {
    ip = value << 8 | part;
    return true;
  }
  char copy[32];
  in_addr parsed;
  if (text.empty() || text.size() >= sizeof copy) return false;
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = 0;
  if (!inet_aton(copy, &parsed)) return false;
  ip = ntohl(parsed.s_addr);
  return true;
}

struct Key6 {
  uint64_t high, low;
  bool operator==(const Key6&) const = default;
};

Key6 key_of(const uint8_t* bytes, unsigned length) {
  Key6 key;
  std::memcpy(&key.high, bytes, 8);
  std::memcpy(&key.low, bytes + 8, 8);
  auto keep = [](uint64_t value, unsigned bits) {
    return bits == 0 ? 0 : __builtin_bswap64(__builtin_bswap64(value) & ~uint64_t{0} << (64 - bits));
  };
  key.high = keep(key.high, std::min(length, 64u));
  key.low = keep(key.low, length > 64 ? length - 64 : 0);
  return key;
}

uint32_t hash(const Key6& key) {
  const HashSecret& secret = HashSecret::of_process();
  uint64_t mixed = hash_detail::fold(key.high ^ secret.a, key.low ^ secret.b);
  mixed = hash_detail::fold(mixed ^ key.low, secret.a);
  return static_cast<uint32_t>(mixed ^ mixed >> 32);
}

auto same(const Key6& key) {
  return [key](const PatternEntry& entry) {
    auto network = parse_network(entry.key());
    return network && network->ip.is_v6() && key_of(network->ip.bytes.data(), network->length) == key;
  };
}

// A table of one prefix length knows addresses by all their 32 bits.
constexpr auto kSame4 = [](const PatternEntry&) { return true; };

// ::ffff:a.b.c.d, ::a.b.c.d and 2002:AABB:CCDD::/48.
bool v4_inside(const uint8_t* v6, uint32_t& ip) {
  constexpr uint8_t kZeros[10] = {};
  uint32_t word;
  if (v6[0] == 0x20 && v6[1] == 0x02)
    std::memcpy(&word, v6 + 2, 4);
  else if (std::memcmp(v6, kZeros, 10) == 0 && v6[10] == v6[11] && (v6[10] == 0 || v6[10] == 0xff))
    std::memcpy(&word, v6 + 12, 4);
  else
    return false;
  ip = ntohl(word);
  return true;
}

class IpIndex final : public PatternIndex {
 public:
  IpIndex(PatternEntries& entries, base::Grace& grace)
      : entries_(entries), grace_(grace), holes_(grace), lengths6_(grace) {}
  ~IpIndex() override {
    for (auto& table : tables4_) delete table.load(std::memory_order_relaxed);
    for (auto& table : tables6_) delete table.load(std::memory_order_relaxed);
  }

  const PatternEntry* find(const Value& value) const override {
    uint32_t ip = value.v4;
    if (value.type == Type::ipv4) {
      if (const PatternEntry* found = find4(ip)) return found;
      uint8_t mapped[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
      uint32_t word = htonl(ip);
      std::memcpy(mapped + 12, &word, 4);
      return find6(mapped);
    }
    if (const PatternEntry* found = find6(value.v6)) return found;
    return v4_inside(value.v6, ip) ? find4(ip) : nullptr;
  }

  std::string add(PatternEntry& entry) override {
    auto network = parse_network(entry.key());
    if (!network) return fmt::format("'{}' is not a valid IPv4 or IPv6 address", entry.key());
    if (network->ip.is_v6()) {
      Key6 key = key_of(network->ip.bytes.data(), network->length);
      table(tables6_, network->length, [&] {
        lengths6_.change([&](auto& lengths) {
          lengths.insert(std::lower_bound(lengths.begin(), lengths.end(), network->length, std::greater<>()),
                         network->length);
        });
      }).add(hash(key), entry, same(key));
    } else if (network->holes) {
      holes_.append({network->ip.v4_host_order(), network->mask, &entry}, !entry.alone);
    } else {
      table(tables4_, network->length, [&] {
        lengths4_.fetch_or(uint64_t{1} << network->length, std::memory_order_release);
      }).add(network->ip.v4_host_order(), entry, kSame4);
    }
    return {};
  }

  void remove(PatternEntry& entry) override {
    auto network = parse_network(entry.key());
    if (network->ip.is_v6()) {
      Key6 key = key_of(network->ip.bytes.data(), network->length);
      tables6_[network->length].load(std::memory_order_relaxed)->remove(hash(key), entry, same(key));
    } else if (network->holes) {
      holes_.change([&](auto& list) { std::erase_if(list, [&](const Hole& hole) { return hole.entry == &entry; }); });
    } else {
      tables4_[network->length].load(std::memory_order_relaxed)->remove(network->ip.v4_host_order(), entry, kSame4);
    }
  }

  // Most lists are of addresses.
  void reserve(size_t count) override { expected_ = count; }
  bool in_list() const override { return false; }

 private:
  struct Hole {
    uint32_t ip, mask;
    const PatternEntry* entry;
  };

  const PatternEntry* find4(uint32_t ip) const {
    for (uint64_t left = lengths4_.load(std::memory_order_acquire); left;) {
      auto length = static_cast<unsigned>(63 - __builtin_clzll(left));
      left ^= uint64_t{1} << length;
      const PatternTable* table = tables4_[length].load(std::memory_order_acquire);
      if (const PatternEntry* found = table->find(ip & mask_of(length), kSame4)) return found;
    }
    if (const auto* holes = holes_.get())
      for (const Hole& hole : *holes)
        if ((ip & hole.mask) == hole.ip) return hole.entry;
    return nullptr;
  }

  const PatternEntry* find6(const uint8_t* bytes) const {
    const auto* lengths = lengths6_.get();
    if (!lengths) return nullptr;
    for (uint8_t length : *lengths) {
      Key6 key = key_of(bytes, length);
      const PatternTable* table = tables6_[length].load(std::memory_order_acquire);
      if (const PatternEntry* found = table->find(hash(key), same(key))) return found;
    }
    return nullptr;
  }

  template <typename Tables, typename Announce>
  PatternTable& table(Tables& tables, size_t length, const Announce& announce) {
    PatternTable* known = tables[length].load(std::memory_order_relaxed);
    if (known) return *known;
    known = new PatternTable(entries_, grace_);
    if (length + 1 == tables.size()) known->reserve(expected_);
    tables[length].store(known, std::memory_order_release);
    announce();
    return *known;
  }

  PatternEntries& entries_;
  base::Grace& grace_;
  std::array<std::atomic<PatternTable*>, 33> tables4_{};  // by prefix length, as many as occur
  std::array<std::atomic<PatternTable*>, 129> tables6_{};
  std::atomic<uint64_t> lengths4_{0};  // bits
  SharedList<Hole> holes_;
  SharedList<uint8_t> lengths6_;  // falling
  size_t expected_ = 0;
};

}  // namespace

std::optional<PatternNetwork> parse_network(std::string_view text) {
  size_t slash = text.find('/');
  std::string_view address = text.substr(0, slash);
  std::string_view mask = slash == std::string_view::npos ? std::string_view() : text.substr(slash + 1);
  PatternNetwork made;
  uint32_t ip;
  if (parse_v4(address, ip)) {
    made.length = 32;
    made.mask = ~uint32_t{0};
    if (slash != std::string_view::npos) {
      if (auto bits = base::parse_int<unsigned>(mask); bits && *bits <= 32)
        made.mask = mask_of(*bits);
      else if (bits || mask.find('.') == std::string_view::npos || !parse_v4(mask, made.mask))
        return std::nullopt;
      made.length = static_cast<uint8_t>(__builtin_popcount(made.mask));
      made.holes = made.mask != mask_of(made.length);
    }
    made.ip = base::IpAddr::v4(ip & made.mask);
    return made;
  }
  if (address.find(':') == std::string_view::npos) return std::nullopt;
  auto parsed = base::IpAddr::parse(address);
  if (!parsed || !parsed->is_v6()) return std::nullopt;
  made.ip = *parsed;
  made.length = 128;
  if (slash != std::string_view::npos) {
    auto bits = base::parse_int<uint8_t>(mask);
    if (!bits || *bits > 128) return std::nullopt;
    made.length = *bits;
  }
  return made;
}

std::unique_ptr<PatternIndex> make_ip_index(PatternEntries& entries, base::Grace& grace) {
  return std::make_unique<IpIndex>(entries, grace);
}

}  // namespace lbd::expr
