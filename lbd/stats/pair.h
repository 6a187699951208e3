// Pair: what this lbd knows of the pair that its node belongs to: which VRRP instances are master here and since when,
// how the other node's syncd is doing, and the figures of both daemons. lbd/link writes it; the page, the exporter and
// JSON read it.
//
// Life: that of Statistics. Thread: the control thread. Errors: none; a daemon that is not there has no figures.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace lbd::stats {

struct Pair {
  enum class Role : uint8_t { unknown, backup, master, fault };
  struct Instance {
    std::string name;
    Role role = Role::unknown;
    uint32_t router_id = 0, priority = 0, base_priority = 0;
    std::string interface;
    base::WallTime since{};  // of the last transition
    std::string reason;      // of it
    std::string held_back;   // why it does not preempt
    std::vector<std::string> addresses;
  };
  // One number or text of a daemon, as it tells it itself.
  struct Figure {
    std::string object;  // "", "instance VI_1", "node lb2"
    std::string name, help;
    bool counter = false;
    uint64_t value = 0;
    std::string text;  // of a state; then there is no number
  };
  struct Daemon {
    bool linked = false;
    std::vector<Figure> figures;
    // 0 and "" where there is none.
    uint64_t number(std::string_view object, std::string_view name) const;
    std::string text(std::string_view object, std::string_view name) const;
    // The objects whose names begin so, each once: "node lb2" → "lb2".
    std::vector<std::string> objects(std::string_view kind) const;
  };
  Daemon vrrpd, syncd;
  bool in_sync = false;  // with the syncd of this node
  std::vector<Instance> instances;

  bool known() const { return vrrpd.linked || syncd.linked; }
};

std::string_view name_of(Pair::Role role);  // "MASTER"

// The head of the page: one line an instance, one line another node. Nothing where there is no pair.
std::string render_pair_html(const Pair& pair, base::WallTime now);
// The tandem_* families of the exporter.
std::string render_pair_metrics(const Pair& pair);
// An object.
std::string render_pair_json(const Pair& pair);

}  // namespace lbd::stats
