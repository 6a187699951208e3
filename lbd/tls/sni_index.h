// SniIndex: from the name a client asks for to the entries of its list: two look-ups by hash, whatever their number.
//
// An entry is a number that the owner gives a meaning; a name may have several, in the order in which they were added.
// A name is found as it is, or as "*.example.org" that stands for one label before ".example.org". Names are ASCII
// lower case in the index; what is asked for may be in any case. Life: filled once, then immutable. Thread: any then.
// Memory: the text of a name once, and 12 bytes an entry. RFC 6066, 3; RFC 6125, 6.4.3.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lbd::tls {

class SniIndex {
 public:
  static constexpr uint32_t kNone = ~0u;
  static constexpr size_t kLongestName = 255;

  void add(std::string_view name, uint32_t entry);

  // The entries of a name as chains: for (at = exact(name); at != kNone; at = next(at)) use(entry(at)).
  // `name` in lower case.
  uint32_t exact(std::string_view name) const { return name.starts_with('.') ? kNone : find(name); }
  uint32_t wildcard(std::string_view name) const;
  uint32_t next(uint32_t at) const { return links_[at].next; }
  uint32_t entry(uint32_t at) const { return links_[at].entry; }
  size_t size() const { return heads_.size(); }

 private:
  struct Link {
    uint32_t entry, next;
  };
  struct Chain {
    uint32_t first, last;
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  uint32_t find(std::string_view key) const;

  std::unordered_map<std::string, Chain, Hash, std::equal_to<>> heads_;  // wildcards as ".example.org"
  std::vector<Link> links_;
};

}  // namespace lbd::tls
