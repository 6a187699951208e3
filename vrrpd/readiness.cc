#include "vrrpd/readiness.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace vrrpd {
namespace {

// Before the first dot: what changes when old and new do not understand each other.
std::string_view major(std::string_view version) {
  return version.substr(0, version.find('.'));
}

// A little less is what checks at different moments see.
bool reaches_less(const tandem::NodeFacts& candidate, const tandem::NodeFacts& active) {
  return uint64_t{candidate.reach()} * 10 < uint64_t{active.reach()} * 9;
}

}  // namespace

Lacks lacks_of(const tandem::NodeFacts& candidate, const tandem::NodeFacts& active, bool teaching) {
  if (!candidate.serving()) return {"its lbd does not serve"};
  if (!active.serving()) return {};
  Lacks lacks;
  if (candidate.configuration() != active.configuration()) lacks.emplace_back("its configuration is another");
  // Nodes that do not tell their version tell nothing of certificates either.
  const bool told = !candidate.version().empty() && !active.version().empty();
  if (told && candidate.certificates() != active.certificates()) lacks.emplace_back("its certificates are others");
  if (told && major(candidate.version()) != major(active.version()))
    lacks.push_back(fmt::format("its version {} does not go with {}", candidate.version(), active.version()));
  if (candidate.learning() || teaching) lacks.emplace_back("it has not learnt everything yet (tables, states, maps)");
  if (reaches_less(candidate, active))
    lacks.push_back(
        fmt::format("it reaches {} % of the servers, not {} %", candidate.reach() / 10, active.reach() / 10));
  return lacks;
}

Lacks lacks_of_this_node(RouterId id, const tandem::NodeFacts& own, const Partner& partner) {
  std::vector<std::string> compared = partner.lost(id);
  if (const std::string master = partner.master_of(id); !master.empty()) compared = {master};
  Lacks lacks;
  for (const std::string& node : compared)
    if (const tandem::NodeFacts* facts = partner.last_facts(node))
      lacks = std::max(lacks, lacks_of(own, *facts, partner.teaching(node)),
                       [](const Lacks& one, const Lacks& other) { return one.size() < other.size(); });
  if (lacks.empty() && !own.serving()) lacks = {"its lbd does not serve"};
  return lacks;
}

std::string not_known(RouterId id, const Partner& partner, base::MonoTime now) {
  if (!partner.was_linked() || !partner.master_of(id).empty()) return {};
  if (!partner.linked()) return "its syncd does not answer";
  if (const auto lost = partner.lost(id); !lost.empty())
    return fmt::format("the link to node {} is lost, so what this node lacks is not known", fmt::join(lost, ", "));
  return patience_ends(partner, now) == base::kNever ? "" : "what it lacks is not known yet";
}

base::MonoTime patience_ends(const Partner& partner, base::MonoTime now) {
  if (!partner.linked() || !partner.nodes().empty()) return base::kNever;
  const base::MonoTime end = partner.linked_since() + kTimeToSpeak;
  return now < end ? end : base::kNever;
}

}  // namespace vrrpd
