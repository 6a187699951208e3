// PageActions: what the statistics page may do to servers, through the same doors as the runtime socket.
//
// Owner: the Runtime. Thread: the control thread. Errors: an action that does not fit the server changes nothing.
// Manual: 4.2 ("stats admin").
#pragma once

#include "lbd/server/operator.h"
#include "lbd/server/supervisor.h"
#include "lbd/stats/page_admin.h"

namespace lbd {

class PageActions final : public stats::ServerAdmin {
 public:
  PageActions(server::Operator& the_operator, server::Supervisor& supervisor, server::EventSink& sink)
      : operator_(the_operator), supervisor_(supervisor), sink_(sink) {}
  bool administer(server::Server& server, std::string_view action) override;
  bool knows(std::string_view action) const override;

 private:
  bool set_state(server::Server& server, server::OperatorState state);
  bool set_health(server::Server& server, server::Operational state);
  bool pause_checks(server::Server& server, bool paused);
  bool pause_agent(server::Server& server, bool paused);
  bool set_agent(server::Server& server, bool up);

  struct Action;
  static const Action* find(std::string_view name);

  server::Operator& operator_;
  server::Supervisor& supervisor_;
  server::EventSink& sink_;
};

}  // namespace lbd
