#include "lbd/dns/names.h"

#include <map>

namespace lbd::dns {

Names::Names(base::Loop& loop, const config::Config& config, const server::Objects& objects,
             server::Supervisor& supervisor)
    : config_(config), objects_(objects), supervisor_(supervisor), mailbox_(loop) {
  for (const config::Resolvers& section : config.resolvers) {
    caches_.push_back(std::make_unique<LookupCache>());
    resolvers_.push_back(std::make_unique<Resolver>(loop, section, *caches_.back()));
  }
}

void Names::start() {
  for (const auto& backend : objects_.backends()) follow(*backend);
}

void Names::follow(server::Backend& backend) {
  std::map<std::pair<std::string, const config::Resolvers*>, Service*> services;
  for (const auto& server : backend.servers()) {
    const config::Server& line = server->config();
    const config::Resolvers* section = config_.find_resolvers(line.resolvers);
    if (!section || line.host.empty()) continue;
    Resolver& resolver = *resolvers_[index_of(*section)];
    auto name = canonical_name(line.host);
    if (!name) continue;
    if (!line.srv()) {
      servers_.push_back(std::make_unique<NamedServer>(*server, *name, line.port, resolver, supervisor_));
      continue;
    }
    Service*& service = services[{*name, section}];
    if (!service) {
      services_.push_back(std::make_unique<Service>(*name, resolver, supervisor_));
      service = services_.back().get();
    }
    service->add(*server);
  }
}

void Names::hurry(const server::Server& server) {
  for (const auto& named : servers_)
    if (named->follows(server)) named->hurry();
  for (const auto& service : services_)
    if (service->follows(server)) service->hurry();
}

size_t Names::index_of(const config::Resolvers& section) const {
  return static_cast<size_t>(&section - config_.resolvers.data());
}

LookupCache& Names::cache(const config::Resolvers& section) {
  return *caches_[index_of(section)];
}

void Names::ask(const config::Resolvers& section, std::shared_ptr<Lookup> lookup) {
  mailbox_.post([this, index = index_of(section), lookup = std::move(lookup)] { resolvers_[index]->look_up(lookup); });
}

}  // namespace lbd::dns
