#include "syncd/metrics.h"

#include "base/version.h"

namespace syncd {
namespace {

using base::MetricKind;

constexpr base::MetricRow<ProcessView> kProcess[] = {
    {.name = "uptime_seconds",
     .doc = "Seconds since start.",
     .kind = MetricKind::gauge,
     .scopes = base::kScopeProcess,
     .read =
         [](const ProcessView& v) { return static_cast<uint64_t>(base::to_seconds(base::mono_now() - v.started)); }},
    {.name = "entries",
     .doc = "Objects in the store.",
     .kind = MetricKind::gauge,
     .scopes = base::kScopeProcess,
     .read = [](const ProcessView& v) { return uint64_t{v.store.size()}; }},
    {.name = "entries_limit",
     .doc = "Objects that the store may hold.",
     .kind = MetricKind::limit,
     .scopes = base::kScopeProcess,
     .read = [](const ProcessView& v) { return uint64_t{v.store.limit()}; }},
    {.name = "changes",
     .doc = "Changes of objects since start.",
     .scopes = base::kScopeProcess,
     .read = [](const ProcessView& v) { return v.store.last_sequence(); }},
    {.name = "changes_stale",
     .doc = "Changes that were told but were older than what was known.",
     .scopes = base::kScopeProcess,
     .read = [](const ProcessView& v) { return v.store.counters().stale.get(); }},
    {.name = "entries_refused",
     .doc = "Objects left out because the store was full.",
     .scopes = base::kScopeProcess,
     .read = [](const ProcessView& v) { return v.store.counters().refused.get(); }},
    {.name = "table_parts",
     .doc = "Parts of entries of stick tables, each of one process.",
     .kind = MetricKind::gauge,
     .scopes = base::kScopeProcess,
     .read = [](const ProcessView& v) { return uint64_t{v.parts.parts()}; }},
    {.name = "table_parts_limit",
     .doc = "How many there may be.",
     .kind = MetricKind::limit,
     .scopes = base::kScopeProcess,
     .read = [](const ProcessView& v) { return uint64_t{v.parts.limit()}; }},
    {.name = "table_changes",
     .doc = "Changes of parts since start.",
     .scopes = base::kScopeProcess,
     .read = [](const ProcessView& v) { return v.parts.last_sequence(); }},
    {.name = "table_parts_known",
     .doc = "Parts that were told but were known.",
     .scopes = base::kScopeProcess,
     .read = [](const ProcessView& v) { return v.parts.counters().known.get(); }},
    {.name = "table_parts_late",
     .doc = "Parts that were told when their entry had expired.",
     .scopes = base::kScopeProcess,
     .read = [](const ProcessView& v) { return v.parts.counters().late.get(); }},
    {.name = "table_parts_evicted",
     .doc = "Parts that made room for others.",
     .scopes = base::kScopeProcess,
     .read = [](const ProcessView& v) { return v.parts.counters().evicted.get(); }},
    {.name = "table_parts_refused",
     .doc = "Parts left out because of their size or names.",
     .scopes = base::kScopeProcess,
     .read = [](const ProcessView& v) { return v.parts.counters().refused.get(); }},
    {.name = "local_links",
     .doc = "lbd processes of this node that are linked.",
     .kind = MetricKind::gauge,
     .scopes = base::kScopeProcess,
     .read = [](const ProcessView& v) { return uint64_t{v.local.links()}; }},
    {.name = "connections_refused",
     .doc = "Connections of other nodes that were refused.",
     .scopes = base::kScopeProcess,
     .read = [](const ProcessView& v) { return v.nodes.refused(); }},
    {.name = "malformed",
     .doc = "Connections of other nodes that were closed because of malformed bytes.",
     .scopes = base::kScopeProcess,
     .read =
         [](const ProcessView& v) {
           uint64_t count = 0;
           for (const auto& server : v.nodes.servers()) count += server->counters().malformed.get();
           return count;
         }},
};
const base::Registered<base::MetricRow<ProcessView>> kEnrolProcess(kProcess);

constexpr base::MetricRow<Node> kNode[] = {
    {.name = "in_sync",
     .doc = "1 when both nodes have told each other everything.",
     .kind = MetricKind::gauge,
     .scopes = base::kScopePeer,
     .read = [](const Node& n) { return uint64_t{n.in_sync()}; }},
    {.name = "configuration_differs",
     .doc = "1 when lbd has another configuration there than here.",
     .kind = MetricKind::gauge,
     .scopes = base::kScopePeer,
     .read = [](const Node& n) { return uint64_t{n.drifted()}; }},
    {.name = "links",
     .doc = "How often a link came about.",
     .scopes = base::kScopePeer,
     .read = [](const Node& n) { return n.links(); }},
    {.name = "updates_in",
     .doc = "Updates received.",
     .scopes = base::kScopePeer,
     .read = [](const Node& n) { return n.link().counters().updates_in.get(); }},
    {.name = "updates_out",
     .doc = "Updates sent.",
     .scopes = base::kScopePeer,
     .read = [](const Node& n) { return n.link().counters().updates_out.get(); }},
    {.name = "updates_on_the_way",
     .doc = "Updates sent and not acknowledged.",
     .kind = MetricKind::gauge,
     .scopes = base::kScopePeer,
     .read = [](const Node& n) { return uint64_t{n.link().session().on_the_way()}; }},
    {.name = "updates_rejected",
     .doc = "Updates received and left out.",
     .scopes = base::kScopePeer,
     .read = [](const Node& n) { return n.link().counters().rejected.get(); }},
    {.name = "table_parts_in",
     .doc = "Parts of table entries received.",
     .scopes = base::kScopePeer,
     .read = [](const Node& n) { return n.parts().counters().updates_in.get(); }},
    {.name = "table_parts_out",
     .doc = "Parts of table entries sent.",
     .scopes = base::kScopePeer,
     .read = [](const Node& n) { return n.parts().counters().updates_out.get(); }},
    {.name = "table_parts_on_the_way",
     .doc = "Parts of table entries sent and not acknowledged.",
     .kind = MetricKind::gauge,
     .scopes = base::kScopePeer,
     .read = [](const Node& n) { return uint64_t{n.parts().session().on_the_way()}; }},
    {.name = "teachings",
     .doc = "How often the node was taught from the start.",
     .scopes = base::kScopePeer,
     .read = [](const Node& n) { return n.link().counters().teachings.get(); }},
    {.name = "resyncs",
     .doc = "Gaps seen by either node.",
     .scopes = base::kScopePeer,
     .read = [](const Node& n) { return n.link().counters().resyncs.get(); }},
};
const base::Registered<base::MetricRow<Node>> kEnrolNode(kNode);

constexpr std::string_view kConfigurations[] = {"unknown", "same", "another"};

template <typename Object>
void add_rows(tandem::StatsReply& reply, const std::string& name, const Object& object) {
  base::Registered<base::MetricRow<Object>>::for_each([&](const base::MetricRow<Object>& row) {
    auto* out = reply.add_rows();
    out->set_object(name);
    out->set_name(std::string(row.name));
    out->set_kind(static_cast<tandem::StatsReply::Kind>(row.kind));
    out->set_value(row.read(object));
    out->set_help(std::string(row.doc));
  });
}

void add_text(tandem::StatsReply& reply, const std::string& object, const char* name, std::string_view text) {
  auto* out = reply.add_rows();
  out->set_object(object);
  out->set_name(name);
  out->set_kind(tandem::StatsReply::STATE);
  out->set_text(std::string(text));
}

}  // namespace

tandem::StatsReply make_stats(const Config& config, const ProcessView& process) {
  tandem::StatsReply reply;
  add_text(reply, "", "node", config.node);
  add_text(reply, "", "version", base::kVersion);
  add_rows(reply, "", process);
  for (const auto& node : process.nodes.all()) {
    std::string object = "node " + node->name();
    add_text(reply, object, "state", node->state());
    add_text(reply, object, "address", node->address().to_string());
    add_text(reply, object, "configuration", kConfigurations[static_cast<size_t>(node->configuration())]);
    if (!node->linked()) add_text(reply, object, "last_error", node->last_error());
    add_rows(reply, object, *node);
  }
  process.local.for_each([&](const LocalLink& lbd) {
    std::string object = "lbd " + std::to_string(lbd.pid());
    add_text(reply, object, "state",
             lbd.link().session().complete() && (!lbd.parts().attached() || lbd.parts().complete()) ? "in sync"
                                                                                                    : "teaching");
  });
  return reply;
}

}  // namespace syncd
