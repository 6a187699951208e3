// Names: all `resolvers` sections of a running lbd, the servers that they resolve, and what rules ask.
//
// Owner: the runtime. Thread: control thread, but for Lookups. Life: as the runtime's; start() begins to ask. Errors:
// in the log, as changes of servers. Manual: 5.3.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/mailbox.h"
#include "lbd/dns/discovery.h"
#include "lbd/dns/resolver.h"
#include "lbd/server/objects.h"

namespace lbd::dns {

class Names final : public Lookups {
 public:
  Names(base::Loop& loop, const config::Config& config, const server::Objects& objects, server::Supervisor& supervisor);
  void start();
  // The server does not answer: its name is asked for now.
  void hurry(const server::Server& server);
  const std::vector<std::unique_ptr<Resolver>>& resolvers() const { return resolvers_; }

  LookupCache& cache(const config::Resolvers& section) override;
  void ask(const config::Resolvers& section, std::shared_ptr<Lookup> lookup) override;

 private:
  size_t index_of(const config::Resolvers& section) const;
  void follow(server::Backend& backend);

  const config::Config& config_;
  const server::Objects& objects_;
  server::Supervisor& supervisor_;
  base::Mailbox mailbox_;
  std::vector<std::unique_ptr<LookupCache>> caches_;
  std::vector<std::unique_ptr<Resolver>> resolvers_;
  std::vector<std::unique_ptr<NamedServer>> servers_;
  std::vector<std::unique_ptr<Service>> services_;
};

}  // namespace lbd::dns
