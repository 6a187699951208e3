// Tracking: which server follows the state of which other one. A follower has no checks of its own.
//
// Owner: the Supervisor. Thread: control thread (the main thread before workers start). Errors: none; that the leaders
// exist and make no circle was checked with the configuration. Manual: 5.2 track.
#pragma once

#include <unordered_map>
#include <vector>

#include "lbd/server/objects.h"

namespace lbd::server {

// `track b/s` and `track s`: the server it names; null when there is none.
Server* find_tracked(const Objects& objects, const Server& follower);

class Tracking {
 public:
  explicit Tracking(const Objects& objects);
  // One comes or goes at run time.
  void add(Server& follower, Server& leader);
  void remove(const Server& server);

  // In the order in which HAProxy tells them: the last that was declared first.
  const std::vector<Server*>& followers(const Server& server) const;
  const Server* leader_of(const Server& server) const;  // null: it tracks none
  const Server* root_of(const Server& server) const;    // the end of the chain of leaders

 private:
  std::unordered_map<const Server*, std::vector<Server*>> followers_;
  std::unordered_map<const Server*, const Server*> leader_;
};

}  // namespace lbd::server
