// AddedBackends: backends that come while lbd runs and go (`add backend`, `del backend`).
//
// A backend that comes has no servers yet and is not published: rules that name it by an expression pass it over until
// `publish backend`. One that goes was taken back from publication, has no servers, and is first made unknown to the
// workers; when each has taken a turn since, no exchange can enter it any more, and if none is in it, it is gone. A
// reload ends them all, since the configuration does not name them.
//
// Owner: the Runtime. Thread: the control thread. Errors: then nothing has changed.
// Manual: management.txt 9.3 (3.4), add backend, del backend, publish backend.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/mailbox.h"
#include "lbd/check/scheduler.h"
#include "lbd/config/added_backend.h"
#include "lbd/stream/engine.h"

namespace lbd {

class AddedBackends {
 public:
  AddedBackends(stream::Engine& engine, stats::Statistics& statistics, check::Scheduler& scheduler, base::Mailbox& home)
      : engine_(engine), statistics_(statistics), scheduler_(scheduler), home_(home) {}

  base::Status add(const config::AddedBackendLine& line);
  void remove(server::Backend& backend, std::function<void(base::Status)> done);

 private:
  struct Added {
    config::AddedBackend line;
    server::Backend* backend = nullptr;
    bool leaving = false;
  };
  base::Status may_go(const server::Backend& backend) const;
  void publish_names();
  void after_a_turn(std::function<void()> then);
  void finish(server::Backend& backend, const std::function<void(base::Status)>& done);
  uint32_t free_id() const;

  stream::Engine& engine_;
  stats::Statistics& statistics_;
  check::Scheduler& scheduler_;
  base::Mailbox& home_;
  std::vector<Added> all_;
};

}  // namespace lbd
