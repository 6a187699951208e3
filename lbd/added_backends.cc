#include "lbd/added_backends.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lbd/config/check.h"
#include "lbd/stream/worker.h"

namespace lbd {

using server::Backend;

// The lowest that is free.
uint32_t AddedBackends::free_id() const {
  std::set<uint32_t> taken;
  for (const auto& proxy : engine_.config().proxies) taken.insert(proxy->id);
  for (const Added& one : all_) taken.insert(one.line.proxy().id);
  uint32_t id = engine_.config().global.stats_sockets.empty() ? 1 : 2;
  while (taken.contains(id)) ++id;
  return id;
}

base::Status AddedBackends::add(const config::AddedBackendLine& line) {
  server::Objects& objects = engine_.objects();
  if (objects.find_backend(line.name) || objects.find_frontend(line.name))
    return base::Err(fmt::format("A proxy named '{}' already exists.", line.name));
  auto made = config::make_added_backend(engine_.config(), line);
  if (!made) return base::Err(made.error());
  config::Proxy& proxy = made->proxy();
  cfg::Diagnostics diagnostics;
  check::check(engine_.config(), proxy, diagnostics);
  if (const cfg::Diagnostic* error = config::first_error(diagnostics)) return base::Err(error->text);
  const auto place = engine_.free_place();
  const auto slot = objects.take_slot();
  if (!place || !slot) {
    if (slot) objects.give_slot(*slot);
    return base::Err("There are too many dynamic backends.");
  }
  proxy.id = free_id();
  proxy.own_id = false;
  proxy.index = *place;
  Backend& backend = objects.add_backend(proxy, *slot);
  backend.published = false;
  if (auto compiled = engine_.add_site(backend); !compiled) {
    const std::unique_ptr<Backend> gone = objects.remove_backend(backend);
    objects.give_slot(*slot);
    return compiled;
  }
  statistics_.open(*slot);
  all_.push_back({std::move(*made), &backend});
  publish_names();
  return {};
}

// What workers know. They look within a turn.
void AddedBackends::publish_names() {
  auto names = std::make_unique<expr::AddedBackends>();
  for (const Added& one : all_)
    if (!one.leaving) names->emplace(one.backend->name(), one.backend);
  const expr::AddedBackends* before = engine_.facts.added_backends.exchange(names.release());
  engine_.patterns.grace().retire(std::unique_ptr<const expr::AddedBackends>(before));
}

base::Status AddedBackends::may_go(const Backend& backend) const {
  if (backend.published) return base::Err("Backend must be unpublished prior to its deletion.");
  if (!backend.servers().empty()) return base::Err("Backend still has servers, they must be deleted first.");
  if (backend.streams.load() > 0 || backend.queue().size() > 0)
    return base::Err("Backend still has streams attached to it, cannot remove it.");
  return {};
}

void AddedBackends::remove(Backend& backend, std::function<void(base::Status)> done) {
  const auto found = std::find_if(all_.begin(), all_.end(), [&](const Added& one) { return one.backend == &backend; });
  if (found == all_.end())
    return done(
        base::Err("Only backends that were added at run time can be deleted: the configuration names this one."));
  if (found->leaving) return done(base::Err("Backend is being deleted already."));
  if (auto free = may_go(backend); !free) return done(std::move(free));
  found->leaving = true;
  publish_names();
  after_a_turn([this, &backend, done = std::move(done)] { finish(backend, done); });
}

// Whoever lets go of it last, be it that his worker has ended, tells us.
void AddedBackends::after_a_turn(std::function<void()> then) {
  const std::shared_ptr<const void> held(this, [this, then = std::move(then)](const void*) { home_.post(then); });
  for (const auto& worker : engine_.workers)
    if (!worker->left()) worker->post([held] {});
}

void AddedBackends::finish(Backend& backend, const std::function<void(base::Status)>& done) {
  const auto found = std::find_if(all_.begin(), all_.end(), [&](const Added& one) { return one.backend == &backend; });
  if (auto free = may_go(backend); !free) {
    found->leaving = false;
    publish_names();
    return done(std::move(free));
  }
  // An exchange that has just left it may still be at its last words.
  struct Remains {
    config::AddedBackend line;
    std::unique_ptr<Backend> backend;
    std::unique_ptr<stream::Site> site;
  };
  auto remains = std::make_shared<Remains>();
  remains->line = std::move(found->line);
  scheduler_.forget(backend);
  engine_.captured_errors.forget(backend.config());
  remains->site = engine_.remove_site(backend);
  remains->backend = engine_.objects().remove_backend(backend);
  all_.erase(found);
  after_a_turn([this, remains] {
    remains->site.reset();
    engine_.objects().give_slot(remains->backend->slot());
  });
  done({});
}

}  // namespace lbd
