// The hash algorithms: a key of the request decides which server it belongs to. Map-based: the hash modulo the sum of
// the configured weights, over a map of the servers in the rotation. Consistent: the nearest place on a ring that
// follows the weights of the moment; with hash-balance-factor a server that has more than its share passes the request
// on along the ring. A request without the key goes round robin. Manual: balance, hash-type, hash-balance-factor,
// hash-preserve-affinity, 5.2 hash-key.
#include "lbd/expr/hash.h"

#include "lbd/balance/hash_ring.h"
#include "lbd/balance/key.h"
#include "lbd/balance/roundrobin.h"
#include "lbd/balance/weight_map.h"

namespace lbd::balance {
namespace {

using server::Server;

std::vector<uint32_t> configured_weights(const server::Backend::Servers& servers) {
  std::vector<uint32_t> weights;
  for (const auto& server : servers) weights.push_back(eligible(*server) ? server->config().weight : 0);
  return weights;
}

// Where a server stands on the ring, by the word hash-key; one whose address nobody knows stands by its id.
uint32_t ring_key(const Server& server) {
  using HashKey = config::Server::HashKey;
  const config::Server& line = server.config();
  const uint32_t id = line.id ? line.id : server.index() + 1;
  if (line.hash_key == HashKey::id || !server.address().is_ip()) return id;
  const base::IpPort address = server.address().ip_port();
  uint32_t key = 0;
  for (size_t i = 0; i < address.ip.length(); ++i) key = expr::hash::avalanche(key ^ address.ip.bytes[i]);
  return line.hash_key == HashKey::address ? key : expr::hash::avalanche(key ^ address.port);
}

std::vector<HashRing::Member> ring_members(const server::Backend::Servers& servers) {
  std::vector<HashRing::Member> members;
  for (const auto& server : servers) members.push_back({ring_key(*server), eligible(*server) ? server->weight() : 0});
  return members;
}

class Hash : public Algorithm {
 public:
  Hash(const server::Backend& backend, uint32_t workers, std::unique_ptr<Key> key)
      : key_(std::move(key)),
        type_(HashType::from(backend.config().balance.hash_type)),
        factor_(backend.config().balance.hash_balance_factor),
        leave_(backend.config().balance.leave),
        tables_(backend, workers, type_.consistent),
        otherwise_(backend, workers) {}

  Server* home(const Request& request) override {
    std::optional<uint32_t> hash = key_->hash(request.transaction, type_);
    if (!hash) return nullptr;
    const Table& table = tables_.get(request.worker);
    if (!type_.consistent) {
      if (table.map.empty()) return nullptr;
      const size_t first = *hash % table.map.size();
      if (leave_ == Leave::never) return table.servers[table.map[first]];
      for (size_t i = 0; i < table.map.size(); ++i) {
        Server* server = table.servers[table.map[(first + i) % table.map.size()]];
        if (!leaves(*server)) return server;
      }
      return table.servers[table.map[first]];
    }
    if (table.ring.empty()) return nullptr;
    const size_t first = table.ring.find(*hash);
    size_t at = first;
    for (size_t left = table.ring.size(); left > 1 && passes_on(table.ring.member(at), request, table); --left)
      at = table.ring.next(at);
    // Where all are full there is no better place than the first.
    return &server_at(table, leave_ != Leave::never && leaves(server_at(table, at)) ? first : at);
  }
  bool by_key() const override { return true; }

  Server* take(const Request& request) override { return otherwise_.take(request); }

 private:
  using Leave = config::Balance::Leave;
  struct Table {
    Table(const server::Backend& backend, const Table* before, bool consistent)
        : Table(backend.servers(), before, consistent) {}
    Table(const server::Backend::Servers& all, const Table*, bool consistent)
        : ring(consistent ? ring_members(all) : std::vector<HashRing::Member>()) {
      if (!consistent) map = weight_map(configured_weights(all));
      for (const auto& server : all) {
        servers.push_back(server.get());
        weight_before.push_back(total_weight);
        if (eligible(*server)) total_weight += server->weight();
      }
    }
    std::vector<Server*> servers;  // which map and ring mean
    HashRing ring;
    std::vector<uint32_t> map;
    std::vector<uint64_t> weight_before;  // of the servers in front of each
    uint64_t total_weight = 0;
  };

  Server& server_at(const Table& table, size_t at) const { return *table.servers[table.ring.member(at)]; }

  // hash-preserve-affinity: whether the server is full, or its queue is.
  bool leaves(const Server& server) const {
    if (server.has_room()) return false;
    const uint32_t most = server.config().maxqueue;
    return leave_ == Leave::maxconn || (most > 0 && server.queue().size() >= most);
  }

  // Whether the request goes on along the ring: this server just failed, or has more than its share.
  bool passes_on(uint32_t member, const Request& request, const Table& table) const {
    const Server& server = *table.servers[member];
    if (&server == request.avoid) return table.servers.size() > 1;
    if (leave_ != Leave::never && leaves(server)) return true;
    if (factor_ == 0) return false;
    // This one is among them already; those that no server has room for belong to none.
    const server::Backend& backend = server.backend();
    const uint32_t all = backend.streams.load(std::memory_order_relaxed), waiting = backend.queue().size();
    const uint64_t streams = all > waiting ? all - waiting : 1;
    // So many there may be in all; each server has its part of them, in whole numbers that add up, and at least one.
    const uint64_t places = (streams * factor_ + 99) / 100;
    const auto places_until = [&](uint64_t weight) { return places * weight / table.total_weight; };
    const uint64_t before = table.weight_before[member];
    const uint64_t share = places_until(before + server.weight()) - places_until(before);
    return load_of(server).streams >= std::max<uint64_t>(1, share);
  }

  const std::unique_ptr<Key> key_;
  const HashType type_;
  const uint32_t factor_;  // percent, 0: no bound
  const Leave leave_;
  Snapshots<Table, bool> tables_;
  RoundRobin otherwise_;
};

void check_hash(const config::Config& config, const config::Proxy& proxy, cfg::Diagnostics& diagnostics) {
  Key::compile(config, proxy, diagnostics);
}

std::unique_ptr<Algorithm> make_hash(const server::Backend& backend, const Setting& setting) {
  cfg::Diagnostics diagnostics;
  std::unique_ptr<Key> key = Key::compile(setting.config, backend.config(), diagnostics, setting.files);
  CHECK(key);
  return std::make_unique<Hash>(backend, setting.workers, std::move(key));
}

// Over a map of all servers, whose places would all change, none may come.
bool by_ring(const config::Proxy& proxy) {
  return HashType::from(proxy.balance.hash_type).consistent;
}

constexpr AlgorithmRow kRows[] = {
    {.name = "source",
     .doc = "by the client's address",
     .check = check_hash,
     .make = make_hash,
     .takes_servers = by_ring},
    {.name = "uri",
     .doc = "by the URI up to its query, or whole, or a part of it",
     .check = check_hash,
     .make = make_hash,
     .takes_servers = by_ring},
    {.name = "url_param",
     .doc = "by a parameter of the query",
     .check = check_hash,
     .make = make_hash,
     .takes_servers = by_ring},
    {.name = "hdr",
     .doc = "by a header field: hdr(name)",
     .check = check_hash,
     .make = make_hash,
     .takes_servers = by_ring},
    {.name = "rdp-cookie",
     .doc = "by the cookie of a remote desktop client",
     .check = check_hash,
     .make = make_hash,
     .takes_servers = by_ring},
    {.name = "hash", .doc = "by a sample expression", .check = check_hash, .make = make_hash, .takes_servers = by_ring},
};
const base::Registered<AlgorithmRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::balance
