#include "lbd/server/tracking.h"

#include <algorithm>
#include <string_view>

namespace lbd::server {

Server* find_tracked(const Objects& objects, const Server& follower) {
  std::string_view track = follower.config().track;
  if (track.empty()) return nullptr;
  size_t slash = track.find('/');
  if (slash == std::string_view::npos) return follower.backend().find_server(track);
  Backend* backend = objects.find_backend(track.substr(0, slash));
  return backend ? backend->find_server(track.substr(slash + 1)) : nullptr;
}

Tracking::Tracking(const Objects& objects) {
  for (const auto& backend : objects.backends())
    for (const auto& server : backend->servers())
      if (Server* leader = find_tracked(objects, *server)) {
        followers_[leader].push_back(server.get());
        leader_[server.get()] = leader;
      }
  for (auto& [leader, all] : followers_) std::reverse(all.begin(), all.end());
}

void Tracking::add(Server& follower, Server& leader) {
  std::vector<Server*>& others = followers_[&leader];
  others.insert(others.begin(), &follower);
  leader_[&follower] = &leader;
}

void Tracking::remove(const Server& server) {
  if (const Server* leader = leader_of(server)) {
    std::vector<Server*>& others = followers_[leader];
    std::erase(others, &server);
    if (others.empty()) followers_.erase(leader);
  }
  leader_.erase(&server);
  followers_.erase(&server);
}

const Server* Tracking::leader_of(const Server& server) const {
  auto it = leader_.find(&server);
  return it == leader_.end() ? nullptr : it->second;
}

const Server* Tracking::root_of(const Server& server) const {
  const Server* root = leader_of(server);
  // The configuration was checked for circles; the bound keeps us safe from one that was not.
  for (size_t left = leader_.size(); root && left > 0; --left) {
    const Server* next = leader_of(*root);
    if (!next) break;
    root = next;
  }
  return root;
}

const std::vector<Server*>& Tracking::followers(const Server& server) const {
  static const std::vector<Server*> kNone;
  auto it = followers_.find(&server);
  return it == followers_.end() ? kNone : it->second;
}

}  // namespace lbd::server
