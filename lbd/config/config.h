// The immutable model of a configuration: what haproxy.cfg said, typed, before anything runs.
//
// Life: load() makes it from text (parsing opens nothing but the files themselves), link() resolves names, the check
// rows look across sections; then it is const for ever and outlives the runtime built from it. Rule lines (acl,
// http-request, use_backend …) stay statements here: lbd/rules compiles them. Thread: any, since nothing changes.
// Manual: HAProxy configuration.txt, sections 3 to 5.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cfg/environment.h"
#include "cfg/source.h"
#include "cfg/statement.h"
#include "lbd/config/cache.h"
#include "lbd/config/global.h"
#include "lbd/config/proxy.h"
#include "lbd/config/relay.h"
#include "lbd/config/resolvers.h"

namespace lbd::config {

// userlist NAME: users with clear or crypt(3) passwords and the groups they are in.
struct User {
  std::string name, password;
  bool insecure = false;  // insecure-password: in clear
  std::vector<std::string> groups;
};
struct UserList {
  std::string name;
  cfg::Location location;
  std::vector<User> users;
};

// http-errors NAME: a set of error files that `errorfiles NAME` refers to.
struct HttpErrors {
  std::string name;
  cfg::Location location;
  std::map<int, ErrorAnswer> answers;
};

// peers NAME: nodes that have each other's stick tables. Their syncd link them (docs/replication.md).
struct Peers {
  struct Peer {
    std::string name;
    std::optional<base::IpPort> address;  // none: of this node, where `bind` gives it
    uint32_t shard = 0;                   // 0: it has the entries of all
    cfg::Location location;
  };
  std::string name;
  std::optional<base::IpPort> bind;  // where this node listens, if not at the address of its `peer` line
  cfg::Location location;
  std::vector<Peer> peers;
  uint32_t shards = 0;  // in how many the entries of its tables are; 0: every peer has all
  // TLS between the nodes, both ends proving a certificate of the authority; "": none.
  std::string certificate, ca_file;
  bool disabled = false;
};

struct Config {
  // The text of everything below, which every Location and Statement points into; and what the variables were.
  cfg::SourceSet sources;
  cfg::Environment environment;
  Global global;
  std::vector<std::unique_ptr<Proxy>> proxies;  // in the order of the files; Proxy::id is HAProxy's
  std::vector<UserList> userlists;
  std::vector<HttpErrors> http_errors;
  std::vector<std::unique_ptr<HealthCheck>> health_checks;
  std::vector<Peers> peers;
  std::vector<Ring> rings;
  std::vector<LogForward> log_forwards;
  std::vector<std::unique_ptr<Cache>> caches;
  // link() adds one named "default", with the system's name servers, unless there is one.
  std::vector<Resolvers> resolvers;
  // Sections whose words belong to other parts (mailers, crt-store …), kept as they stand.
  struct OtherSection {
    std::string kind, name;
    cfg::Location location;
    std::vector<cfg::Statement> statements;
  };
  std::vector<OtherSection> other_sections;
  // Tables of peers sections, in their order; and those of the proxies too, in the order of the files, made by link().
  std::vector<std::unique_ptr<StickTable>> peer_tables;
  std::vector<StickTable*> stick_tables;
  // Named defaults sections, which may hold rules: unused ones are checked too.
  std::vector<std::unique_ptr<Proxy>> defaults;

  // By name, made by link(); large files name their backends often.
  std::unordered_map<std::string_view, Proxy*> frontend_by_name, backend_by_name;

  Proxy* find_frontend(std::string_view name) const;  // also a listen section; null when there is none
  Proxy* find_backend(std::string_view name) const;   // also a listen section
  // By the name of its proxy, or "peers/name"; null when there is none.
  const StickTable* find_table(std::string_view name) const;
  const Cache* find_cache(std::string_view name) const;          // null when there is none
  const Resolvers* find_resolvers(std::string_view name) const;  // null when there is none
};

}  // namespace lbd::config
