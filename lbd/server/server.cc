#include "lbd/server/server.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace lbd::server {

Frontend::Frontend(const config::Proxy& config, uint32_t slot) : config_(config), slot_(slot) {
  maxconn = config.maxconn;
  for (const auto& bind : config.binds)
    for (const config::BindAddress& address : bind->addresses)
      listeners_.push_back(std::make_unique<Listener>(*bind, address));
}

Listener& Frontend::listener_of(const config::BindAddress& address) const {
  auto same =
      std::find_if(listeners_.begin(), listeners_.end(), [&](const auto& one) { return &one->address == &address; });
  CHECK(same != listeners_.end());
  return **same;
}

Server::Server(const config::Server& config, Backend& backend, uint32_t index, uint32_t slot, uint8_t admin)
    : config_(config),
      backend_(backend),
      index_(index),
      slot_(slot),
      permits_(config.strict_maxconn ? std::make_unique<Permits>(*this) : nullptr),
      user_weight_(config.weight) {
  // A minconn above maxconn raises it; maxconn alone is a fixed limit.
  maxconn_ = std::max(config.maxconn, config.minconn);
  minconn_ = config.minconn ? config.minconn : config.maxconn;
  addresses_.push_back(std::make_unique<const base::SockAddr>(config.address));
  address_ = addresses_.back().get();
  downtime.changed = base::mono_now();
  admin_ = admin;
  if (config.disabled) admin_ = kForcedMaintenance | kConfigMaintenance;
  // A name that had no address at start (init-addr none): nobody can be sent there until it has one.
  if (!config.host.empty() && config.address.family() == AF_UNSPEC) admin_ |= kResolveMaintenance;
  if (!config.srv()) host = config.host;
  weight_ = user_weight_ * kWeightScale;
  up_ = !(admin_ & kMaintenance);
  usable_ = up_ && user_weight_ > 0;
}

bool Server::take_slot() {
  uint32_t limit = max_connections();
  if (limit == 0) {
    raise_peak(served_peak_, served_.fetch_add(1) + 1);
    note_load();
    return true;
  }
  uint32_t now = served_.load();
  while (now < limit)
    if (served_.compare_exchange_weak(now, now + 1)) {
      raise_peak(served_peak_, now + 1);
      note_load();
      return true;
    }
  return false;
}

void Server::note_load() {
  ServerIndex* index = backend_.index();
  if (!index) return;
  if (leaf() != ServerIndex::kNowhere) index->update(leaf());
}

bool Server::take_slot_if(uint32_t served) {
  uint32_t limit = max_connections();
  if ((limit > 0 && served >= limit) || !served_.compare_exchange_strong(served, served + 1)) return false;
  raise_peak(served_peak_, served + 1);
  note_load();
  return true;
}

void Server::take_over_slot() {
  raise_peak(served_peak_, served_.fetch_add(1) + 1);
  note_load();
}

bool Server::hand_over() {
  if (up() && queue_.grant_next(*this)) return true;
  return in_rotation() && backend_.queue().grant_next(*this);
}

void Server::give_slot() {
  // The slot goes on to a waiter without ever being free, unless the limit was lowered meanwhile.
  uint32_t limit = max_connections();
  if ((limit == 0 || served() <= limit) && hand_over()) return;
  served_.fetch_sub(1);
  note_load();
  fill();
}

void Server::fill() {
  while ((up() && queue_.size() > 0) || (in_rotation() && backend_.queue().size() > 0)) {
    if (!take_slot()) return;
    if (hand_over()) continue;
    served_.fetch_sub(1);
    note_load();
  }
}

bool Server::has_room() const {
  uint32_t limit = max_connections();
  return limit == 0 || (queue_.size() == 0 && served() < limit);
}

uint32_t Server::max_connections() const {
  uint32_t limit = maxconn();
  if (limit == 0) return 0;
  uint32_t least = minconn_.load(std::memory_order_relaxed);
  uint32_t full = backend_.fullconn();
  if (least != limit && full > 0) {
    uint64_t streams = backend_.streams.load(std::memory_order_relaxed);
    if (streams < full) limit = std::max<uint32_t>(least, static_cast<uint32_t>(streams * limit / full));
  }
  uint32_t ramp = ramp_percent();
  if (ramp < 100) limit = limit * ramp / 100;
  return std::max(1u, limit);
}

void Server::recompute() {
  bool was_usable = usable();
  weight_.store((user_weight_ * kWeightScale * ramp_percent() + 99) / 100, std::memory_order_relaxed);
  bool up = !(admin_ & kMaintenance) && operational_ != Operational::stopped;
  up_.store(up);
  usable_.store(up && !(admin_ & kDrain) && operational_ != Operational::stopping && user_weight_ > 0);
  backend_.server_changed(*this, was_usable);
  note_load();
  fill();
}

void Server::set_operational(Operational state) {
  if (state == operational_) return;
  bool was_up = up();
  bool ramp_ends = operational_ == Operational::starting && state == Operational::running;
  if (!ramp_ends) downtime.note(base::mono_now(), !was_up);
  operational_ = state;
  recompute();
  if (was_up && !up()) ++downtime.went_down;
}

void Server::set_admin(uint8_t bits) {
  if (bits == admin_) return;
  const bool was_up = up();
  downtime.note(base::mono_now(), !was_up);
  admin_ = bits;
  recompute();
  if (was_up && !up()) ++downtime.went_down;
}

void Server::set_user_weight(uint32_t weight) {
  if (weight == user_weight_) return;
  user_weight_ = weight;
  recompute();
}

void Server::set_ramp(uint32_t percent) {
  if (percent == ramp_percent()) return;
  ramp_.store(percent, std::memory_order_relaxed);
  recompute();
}

void Server::set_maxconn(uint32_t limit) {
  // A fixed limit stays fixed.
  if (minconn_ == maxconn_ || minconn_ > limit) minconn_ = limit;
  maxconn_.store(limit);
  note_load();
  fill();
  if (permits_) permits_->fill();
}

void Server::set_address(const base::SockAddr& address) {
  auto known = std::find_if(addresses_.begin(), addresses_.end(), [&](const auto& one) {
    return one->length() == address.length() && std::memcmp(one->sa(), address.sa(), address.length()) == 0;
  });
  if (known == addresses_.end()) known = addresses_.insert(known, std::make_unique<const base::SockAddr>(address));
  address_.store(known->get(), std::memory_order_release);
  // Balancing may depend on it (hash-key).
  backend_.server_changed(*this, usable());
}

Backend::Backend(const config::Proxy& config, uint32_t slot, uint32_t fullconn)
    : config_(config), slot_(slot), fullconn_(config.fullconn ? config.fullconn : fullconn) {
  if (!config.dynamic_cookie_key.empty()) cookie_key.set(config.dynamic_cookie_key);
  cookie_key.enable(config.cookie && config.cookie->dynamic);
}

Server& Backend::add_server(const config::Server& config, uint32_t slot) {
  own_servers_->push_back(std::make_shared<Server>(config, *this, next_index(), slot));
  Server& added = *own_servers_->back();
  if (added.minconn_ != added.maxconn_) dynamic_limits_ = true;
  server_changed(added, false);
  if (index()) give_leaf(added);
  return added;
}

void Backend::keep_index(ServerIndex::Make make) {
  if (index()) return;
  make_index_ = make;
  uint32_t next = 0;
  for (const auto& server : servers()) server->leaf_ = next++;
  grow_index(next);
}

// Who does not know it yet writes what nobody reads any more; it has changed what is read here before that.
void Backend::grow_index(size_t capacity) {
  all_indexes_.push_back(make_index_(capacity));
  index_.store(all_indexes_.back().get());
  for (const auto& server : servers())
    if (server->leaf() != ServerIndex::kNowhere) index()->place(server->leaf(), server.get());
}

void Backend::give_leaf(Server& server) {
  uint32_t leaf = 0;
  while (leaf < index()->capacity() && index()->server_at(leaf)) ++leaf;
  if (leaf == index()->capacity()) grow_index(std::max(8u, 2 * leaf));
  server.leaf_ = leaf;
  index()->place(leaf, &server);
}

void Backend::make_direct(const config::Server& config, uint32_t slot) {
  direct_ = std::make_unique<Server>(config, *this, 0, slot);
}

Server* Backend::find_server(std::string_view name) const {
  for (const auto& server : servers())
    if (server->name() == name) return server.get();
  return nullptr;
}

Server* Backend::find_server(uint32_t index) const {
  const Servers& all = servers();
  // Where it is as long as none has gone.
  if (index < all.size() && all[index]->index() == index) return all[index].get();
  auto found = std::lower_bound(all.begin(), all.end(), index,
                                [](const auto& server, uint32_t wanted) { return server->index() < wanted; });
  return found != all.end() && (*found)->index() == index ? found->get() : nullptr;
}

std::unique_ptr<const Backend::Servers> Backend::publish(std::unique_ptr<Servers> servers) {
  servers_.store(servers.get(), std::memory_order_release);
  return std::exchange(own_servers_, std::move(servers));
}

std::unique_ptr<const Backend::Servers> Backend::insert(std::shared_ptr<Server> server, bool back) {
  Server& added = *server;
  auto all = std::make_unique<Servers>(*own_servers_);
  auto behind = std::upper_bound(all->begin(), all->end(), added.index(),
                                 [](uint32_t index, const auto& other) { return index < other->index(); });
  all->insert(behind, std::move(server));
  added.removed_.store(false, std::memory_order_relaxed);
  if (added.minconn_ != added.maxconn_) dynamic_limits_ = true;
  auto before = publish(std::move(all));
  server_changed(added, back && added.usable());
  if (index()) give_leaf(added);
  return before;
}

std::unique_ptr<const Backend::Servers> Backend::erase(Server& server) {
  auto all = std::make_unique<Servers>(*own_servers_);
  std::erase_if(*all, [&](const auto& other) { return other.get() == &server; });
  server.removed_.store(true, std::memory_order_relaxed);
  auto before = publish(std::move(all));
  server_changed(server, server.usable());
  if (const uint32_t leaf = server.leaf_.exchange(ServerIndex::kNowhere); index() && leaf != ServerIndex::kNowhere)
    index()->place(leaf, nullptr);
  return before;
}

void Backend::server_changed(Server& server, bool was_usable) {
  bool usable = server.usable();
  if (usable != was_usable) {
    bool was_down = !has_usable();
    bool backup = server.config().backup;
    std::atomic<uint32_t>& count = backup ? backup_usable_ : active_usable_;
    count.fetch_add(usable ? 1 : -1u, std::memory_order_relaxed);
    bool active_crossed_zero = !backup && active_usable() == (usable ? 1u : 0u);
    if (backup || active_crossed_zero)
      elect();
    else
      server.in_rotation_.store(usable);
    if (was_down == has_usable()) {
      // A server that is added at start is no change.
      downtime.note(base::mono_now(), was_down && downtime.changed != base::MonoTime{});
      if (!was_down) ++downtime.went_down;
    }
  }
  generation_.fetch_add(1, std::memory_order_acq_rel);
}

void Backend::elect() {
  bool on_backup = active_usable() == 0;
  bool all = config_.has(config::Option::allbackups);
  bool backup_taken = false;
  for (const auto& server : servers()) {
    bool in = server->usable() && server->config().backup == on_backup;
    if (in && on_backup && !all) {
      // Without allbackups only the first usable backup serves.
      in = !backup_taken;
      backup_taken = true;
    }
    bool was = server->in_rotation_.exchange(in);
    if (in != was) server->note_load();
    if (in && !was) server->fill();
  }
}

void Backend::fill() {
  for (const auto& server : servers()) {
    if (queue_.size() == 0) return;
    if (server->in_rotation()) server->fill();
  }
}

}  // namespace lbd::server
