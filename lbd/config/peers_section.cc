// peers sections: the nodes that have each other's stick tables, and tables of their own (manual 3.5). The nodes are
// linked by their syncd, which has the secret; what stands behind an address here says nothing to it.
#include <fmt/format.h>

#include <algorithm>

#include "cfg/address.h"
#include "lbd/config/section.h"

namespace lbd::config {
namespace {

// What one section gathers; its tables belong to the configuration.
struct PeersDraft {
  Peers section;
  Loading& loading;
  std::optional<cfg::Location> tls{};  // where TLS was asked for
};

std::optional<base::IpPort> read_address(cfg::Args& args, const cfg::Word& word) {
  auto address = cfg::parse_address(word.text, args.environment());
  if (!address) {
    args.error_at(word.loc, fmt::format("'{}' {}", args.name(), address.error().text));
    return std::nullopt;
  }
  if (address->kind == cfg::Address::Kind::ip && address->ports == cfg::Address::Ports::fixed && address->port != 0)
    return base::IpPort{address->ip, address->port};
  args.error_at(word.loc, fmt::format("'{}' needs an IP address and a port", args.name()));
  return std::nullopt;
}

// One certificate and one authority hold for a whole section: the nodes are equals.
void set_file(cfg::Args& args, std::string& file, const cfg::Word& word) {
  auto given = args.take<std::string>();
  if (!given) return;
  if (!file.empty() && file != *given)
    return args.error_at(word.loc,
                         fmt::format("'{}' is '{}' already; one holds for the whole section", word.text, file));
  file = *given;
}

// The words of bind, server and peer lines that say how the nodes speak with each other. Others are about sockets or
// TLS versions of haproxy's peers: syncd has its own.
void read_words(cfg::Args& args, PeersDraft& draft, Peers::Peer* peer) {
  Peers& section = draft.section;
  while (!args.at_end() && !args.failed()) {
    const cfg::Word word = *args.next();
    if (word.text == "crt") {
      set_file(args, section.certificate, word);
    } else if (word.text == "ca-file") {
      set_file(args, section.ca_file, word);
    } else if (word.text == "ssl") {
      if (!draft.tls) draft.tls = word.loc;
    } else if (word.text == "verify") {
      auto how = args.take_choice({"none", "optional", "required"});
      if (how && *how != 2)
        args.diagnostics().report(cfg::Severity::advice, word.loc,
                                  "the nodes always prove their certificates to each other");
    } else if (word.text == "shard" && peer) {
      peer->shard = args.take<uint32_t>({1, 1000}).value_or(0);
    } else {
      args.rest();
      advise_pending(word.text, "syncd has its own way to link the nodes", word.loc, args.diagnostics());
    }
  }
}

void add_peer(cfg::Args& args, PeersDraft& draft) {
  auto name = args.take<cfg::Word>();
  if (!name) return;
  for (const Peers::Peer& other : draft.section.peers)
    if (other.name == name->text) return args.error(fmt::format("there is a peer '{}' already", name->text));
  Peers::Peer peer{.name = name->text, .address = {}, .location = name->loc};
  const bool ours = peer.name == draft.loading.config.global.localpeer;
  const bool given = args.peek() && args.peek()->text.find(':') != std::string::npos;
  if (!given && !(ours && args.name() == "server"))
    return args.error(fmt::format("'{}' needs a name and IP:port", args.name()));
  if (given) {
    const cfg::Word word = *args.next();
    peer.address = read_address(args, word);
    if (!peer.address) return;
  }
  read_words(args, draft, &peer);
  draft.section.peers.push_back(std::move(peer));
}

void set_bind(cfg::Args& args, PeersDraft& draft) {
  auto word = args.take<cfg::Word>();
  if (!word) return;
  draft.section.bind = read_address(args, *word);
  read_words(args, draft, nullptr);
}

// table NAME type … : "peers/name" for those who refer to it.
void add_table(cfg::Args& args, PeersDraft& draft) {
  auto name = args.take<std::string>();
  if (!name) return;
  auto table = std::make_unique<StickTable>();
  table->name = fmt::format("{}/{}", draft.section.name, *name);
  table->location = args.statement().loc;
  for (const auto& other : draft.loading.config.peer_tables)
    if (other->name == table->name) return args.error(fmt::format("there is a table '{}' already", table->name));
  if (!read_stick_table(args, *table)) return;
  table->peers = draft.section.name;
  draft.loading.config.peer_tables.push_back(std::move(table));
}

template <bool value>
void set_disabled(cfg::Args&, PeersDraft& draft) {
  draft.section.disabled = value;
}

void set_shards(cfg::Args& args, PeersDraft& draft) {
  draft.section.shards = args.take<uint32_t>({1, 1000}).value_or(0);
}

void set_default_words(cfg::Args& args, PeersDraft& draft) {
  read_words(args, draft, nullptr);
}

void skip(cfg::Args& args, PeersDraft&) {
  args.rest();
}

constexpr cfg::Keyword<PeersDraft> kWords[] = {
    {.name = "bind", .doc = "ADDRESS:PORT: where this node listens for the others.", .set = set_bind},
    {.name = "default-bind", .doc = "Words for the listener.", .set = set_default_words},
    {.name = "default-server", .doc = "Words for the peers.", .set = set_default_words},
    {.name = "disabled", .doc = "Nothing is exchanged with the nodes of this section.", .set = set_disabled<true>},
    {.name = "enabled", .doc = "Undoes `disabled`.", .set = set_disabled<false>},
    {.name = "log", .doc = "Where syncd logs.", .set = skip, .pending = "syncd.conf says where syncd logs"},
    {.name = "peer", .doc = "NAME ADDRESS:PORT: a node; that of our own name says where we listen.", .set = add_peer},
    {.name = "server", .doc = "As `peer`; of our own node only the name, with `bind`.", .set = add_peer},
    {.name = "shards",
     .doc = "In how many parts the entries of tables are; a peer with `shard N` gets the Nth.",
     .set = set_shards},
    {.name = "table", .doc = "A stick table that belongs to no proxy.", .set = add_table},
};
const base::Registered<cfg::Keyword<PeersDraft>> kEnrolWords(kWords);

class PeersReader : public Section {
 public:
  PeersReader(std::string name, const cfg::Location& where, Loading& loading) : draft_{{}, loading} {
    draft_.section.name = std::move(name);
    draft_.section.location = where;
  }
  void line(const cfg::Statement& statement) override { run_word(statement, draft_, "peers", draft_.loading); }
  void close() override {
    check_tls();
    check_shards();
    draft_.loading.config.peers.push_back(std::move(draft_.section));
  }

 private:
  void check_tls() {
    Peers& section = draft_.section;
    if (draft_.tls && (section.certificate.empty() || section.ca_file.empty()))
      draft_.loading.diagnostics.report(
          cfg::Severity::advice, *draft_.tls,
          "nodes prove certificates of one authority to each other; without both they are not linked by this section",
          section.ca_file.empty() ? "add 'ca-file <file>'" : "add 'crt <file>'");
    if (draft_.tls && !section.certificate.empty() && !section.ca_file.empty()) return;
    section.certificate.clear();
    section.ca_file.clear();
  }
  void check_shards() {
    const Peers& section = draft_.section;
    for (const Peers::Peer& peer : section.peers)
      if (peer.shard > section.shards)
        draft_.loading.diagnostics.error(
            peer.location, fmt::format("peer '{}': shard {} of {}", peer.name, peer.shard, section.shards),
            "give 'shards <number>' in the section");
  }

  PeersDraft draft_;
};

std::unique_ptr<Section> open(const cfg::Statement& header, Loading& loading) {
  std::string name = section_name(header, loading);
  if (name.empty()) return nullptr;
  return std::make_unique<PeersReader>(std::move(name), header.loc, loading);
}

constexpr SectionRow kRows[] = {{"peers", "Nodes that have each other's stick tables.", open}};
const base::Registered<SectionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
