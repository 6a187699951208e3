#include "lbd/membership.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <set>

#include "lbd/config/check.h"
#include "lbd/config/server_line.h"
#include "lbd/stream/worker.h"

namespace lbd {
namespace {

using server::Backend;
using server::Server;

std::string text_of(const cfg::Diagnostic& error) {
  return error.hint.empty() ? error.text : fmt::format("{} ({})", error.text, error.hint);
}

}  // namespace

// A server on its way out, for as long as a worker has not looked yet.
class Membership::Departure {
 public:
  Departure(Membership& owner, std::shared_ptr<Server> server, std::function<void(base::Status)> done)
      : owner_(owner), server_(std::move(server)), done_(std::move(done)) {
    owner_.leaving_.push_back(this);
  }
  ~Departure() { std::erase(owner_.leaving_, this); }

  const std::shared_ptr<Server>& server() const { return server_; }
  void note_use() { used_.store(true, std::memory_order_relaxed); }
  bool used() const { return used_.load(std::memory_order_relaxed); }
  void answer(base::Status status) { done_(std::move(status)); }

 private:
  Membership& owner_;
  const std::shared_ptr<Server> server_;
  std::atomic<bool> used_{false};
  const std::function<void(base::Status)> done_;
};

stream::Site& Membership::site_of(const Backend& backend) const {
  return parts_.engine.site(backend.config().index);
}

bool Membership::known(const Backend& backend, const std::string& name) const {
  return backend.find_server(name) || std::any_of(leaving_.begin(), leaving_.end(), [&](const Departure* one) {
           return &one->server()->backend() == &backend && one->server()->name() == name;
         });
}

base::Result<Server*> Membership::leader_of(const config::Server& line, Backend& backend) const {
  if (line.track.empty()) return nullptr;
  if (line.check.enabled) return base::Err("unable to enable checks and tracking at the same time!");
  const size_t slash = line.track.find('/');
  Backend* where = &backend;
  if (slash != std::string::npos) where = parts_.engine.objects().find_backend(line.track.substr(0, slash));
  if (!where)
    return base::Err(fmt::format("unable to find required proxy '{}' for tracking.", line.track.substr(0, slash)));
  const std::string name = slash == std::string::npos ? line.track : line.track.substr(slash + 1);
  Server* leader = where->find_server(name);
  if (!leader) return base::Err(fmt::format("unable to find required server '{}' for tracking.", name));
  const std::string who = fmt::format("unable to use {}/{} for tracking as it ", where->name(), name);
  if (added_.contains(leader)) return base::Err(who + "is a dynamic server.");
  const config::Server& its = leader->config();
  if (!its.check.enabled && !its.agent_check && its.track.empty())
    return base::Err(who + "does not have any check nor agent enabled.");
  return leader;
}

// That of the line, or the lowest that is free.
base::Status Membership::choose_id(config::Server& line, const Backend& backend) const {
  std::set<uint32_t> taken;
  for (const auto& other : backend.servers()) {
    const config::Server& its = other->config();
    if (line.id != 0 && its.id == line.id)
      return base::Err(fmt::format("'id' : custom id {} already used at {}:{} ('server {}').", line.id,
                                   its.location.source ? its.location.file() : "run time", its.location.line,
                                   its.name));
    taken.insert(its.id);
  }
  for (const Departure* one : leaving_) taken.insert(one->server()->config().id);
  line.own_id = line.id != 0;
  if (!line.own_id)
    for (line.id = 1; taken.contains(line.id); ++line.id) continue;
  return {};
}

base::Result<std::string> Membership::add(Backend& backend, const std::string& name,
                                          std::span<const std::string> words) {
  if (!balance::takes_servers(backend.config()))
    return base::Err("Backend must use a dynamic load balancing to support dynamic servers.");
  cfg::Diagnostics diagnostics;
  auto parsed = config::parse_added_server(name, words, parts_.engine.config().environment, diagnostics);
  if (!parsed) return base::Err(parsed.error());
  const std::shared_ptr<config::Server> line = std::move(parsed->line);
  if (known(backend, name)) return base::Err("Already exists a server with the same name in backend.");
  const auto leader = leader_of(*line, backend);
  if (!leader) return base::Err(leader.error());
  if (auto chosen = choose_id(*line, backend); !chosen) return base::Err(chosen.error());
  if (!config::can_be_checked(backend.config(), *line))
    return base::Err(
        fmt::format("config: backend '{}': server '{}' has neither service port nor check port nor "
                    "tcp_check rule 'connect' with port information.",
                    backend.name(), name));
  if (line->agent_check && line->agent.port == 0)
    return base::Err(fmt::format("server {} does not have agent port. Agent check has been disabled.", name));
  const auto slot = parts_.engine.objects().take_slot();
  if (!slot) return base::Err("There are too many dynamic servers.");

  base::Grace& grace = parts_.engine.patterns.grace();
  stream::Site& site = site_of(backend);
  parts_.engine.tls.add_server(backend.config(), *line, diagnostics);
  if (line->tls.sni && !diagnostics.has_errors()) site.rules->add_server_name(*line, grace, diagnostics);
  if (diagnostics.has_errors()) {
    parts_.engine.tls.remove_server(*line);
    parts_.engine.objects().give_slot(*slot);
    return base::Err(text_of(*config::first_error(diagnostics)));
  }
  parts_.statistics.open(*slot);
  const uint8_t admin = parsed->enabled ? 0 : server::kForcedMaintenance;
  std::shared_ptr<Server> server(new Server(*line, backend, backend.next_index(), *slot, admin),
                                 [line](Server* gone) { delete gone; });
  added_.insert(server.get());
  parts_.supervisor.add(*server, *leader);
  Server& added = *server;
  grace.retire([before = std::shared_ptr(backend.insert(std::move(server)))] {});
  parts_.scheduler.add(added);
  parts_.agents.add(added);
  std::string said;
  for (const cfg::Diagnostic& one : diagnostics.all()) said += one.text + "\n";
  return said;
}

bool Membership::used(const Server& server) const {
  if (server.served() > 0 || server.queue().size() > 0) return true;
  stats::CounterBlocks& blocks = parts_.statistics.blocks();
  for (size_t worker = 0; worker < blocks.workers(); ++worker) {
    const server::Counters& counters = blocks.at(worker, server.slot());
    if (counters.idle_safe.get() + counters.idle_unsafe.get() > 0) return true;
  }
  return false;
}

base::Status Membership::may_go(const Server& server) const {
  bool named = parts_.supervisor.is_tracked(server);
  parts_.engine.for_each_site(
      [&](const stream::Site& site) { named = named || site.rules->refers_to(server.config()); });
  if (named)
    return base::Err("This server cannot be removed at runtime due to other configuration elements pointing to it.");
  if (!(server.admin() & server::kMaintenance)) return base::Err("Only servers in maintenance mode can be deleted.");
  if (used(server)) return base::Err("Server still has connections attached to it, cannot remove it.");
  return {};
}

void Membership::remove(Server& server, std::function<void(base::Status)> done) {
  if (auto free = may_go(server); !free) return done(std::move(free));
  const Backend::Servers& all = server.backend().servers();
  const auto place = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.get() == &server; });
  CHECK(place != all.end());
  // Whoever lets go of it last, be it that his worker has ended, tells us.
  std::shared_ptr<Departure> departure(new Departure(*this, *place, std::move(done)),
                                       [this](Departure* one) { parts_.home.post([this, one] { finish(*one); }); });
  parts_.engine.patterns.grace().retire([before = std::shared_ptr(server.backend().erase(server))] {});
  for (const auto& worker : parts_.engine.workers)
    if (!worker->left())
      worker->post([&w = *worker, departure] {
        if (!w.forget(*departure->server())) departure->note_use();
      });
}

void Membership::finish(Departure& departure) {
  const std::unique_ptr<Departure> end(&departure);
  const std::shared_ptr<Server> server = departure.server();
  auto free = may_go(*server);
  if (free && departure.used()) free = base::Err("Server still has connections attached to it, cannot remove it.");
  if (free)
    settle(server);
  else
    parts_.engine.patterns.grace().retire([before = std::shared_ptr(server->backend().insert(server, true))] {});
  departure.answer(std::move(free));
}

// Nobody uses it any more.
void Membership::settle(const std::shared_ptr<Server>& server) {
  base::Grace& grace = parts_.engine.patterns.grace();
  parts_.scheduler.remove(*server);
  parts_.agents.remove(*server);
  parts_.supervisor.remove(*server);
  parts_.engine.captured_errors.forget(*server);
  if (added_.erase(server.get()) == 0) return parked_.push_back(server);
  site_of(server->backend()).rules->remove_server_name(server->config(), grace);
  parts_.engine.tls.remove_server(server->config());
  parts_.engine.objects().give_slot(server->slot());
}

}  // namespace lbd
