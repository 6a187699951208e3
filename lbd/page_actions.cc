#include "lbd/page_actions.h"

namespace lbd {

using server::Operational;
using server::OperatorState;

struct PageActions::Action {
  std::string_view name;
  bool (*run)(PageActions& actions, server::Server& server);
};

const PageActions::Action* PageActions::find(std::string_view name) {
  static constexpr Action kActions[] = {
      {"ready", [](auto& a, auto& s) { return a.set_state(s, OperatorState::ready); }},
      {"drain", [](auto& a, auto& s) { return a.set_state(s, OperatorState::drain); }},
      {"maint", [](auto& a, auto& s) { return a.set_state(s, OperatorState::maint); }},
      // Older names.
      {"start", [](auto& a, auto& s) { return a.set_state(s, OperatorState::ready); }},
      {"stop", [](auto& a, auto& s) { return a.set_state(s, OperatorState::drain); }},
      {"dhlth", [](auto& a, auto& s) { return a.pause_checks(s, true); }},
      {"ehlth", [](auto& a, auto& s) { return a.pause_checks(s, false); }},
      {"hrunn", [](auto& a, auto& s) { return a.set_health(s, Operational::running); }},
      {"hnolb", [](auto& a, auto& s) { return a.set_health(s, Operational::stopping); }},
      {"hdown", [](auto& a, auto& s) { return a.set_health(s, Operational::stopped); }},
      {"shutdown",
       [](auto& a, auto& s) {
         a.sink_.shutdown_sessions(s);
         return true;
       }},
      {"dagent", [](auto& a, auto& s) { return a.pause_agent(s, true); }},
      {"eagent", [](auto& a, auto& s) { return a.pause_agent(s, false); }},
      {"arunn", [](auto& a, auto& s) { return a.set_agent(s, true); }},
      {"adown", [](auto& a, auto& s) { return a.set_agent(s, false); }},
  };
  for (const Action& one : kActions)
    if (one.name == name) return &one;
  return nullptr;
}

bool PageActions::knows(std::string_view action) const {
  return find(action) != nullptr;
}

bool PageActions::administer(server::Server& server, std::string_view action) {
  const Action* found = find(action);
  return found && found->run(*this, server);
}

bool PageActions::set_state(server::Server& server, OperatorState state) {
  operator_.set_state(server, state);
  return true;
}

bool PageActions::set_health(server::Server& server, Operational state) {
  return static_cast<bool>(supervisor_.set_health(server, state, base::mono_now()));
}

bool PageActions::pause_checks(server::Server& server, bool paused) {
  if (!server.health.checked) return false;
  supervisor_.pause_checks(server, paused);
  return true;
}

bool PageActions::pause_agent(server::Server& server, bool paused) {
  if (!server.agent.checked) return false;
  supervisor_.pause_agent(server, paused);
  return true;
}

bool PageActions::set_agent(server::Server& server, bool up) {
  return static_cast<bool>(supervisor_.set_agent(server, up, base::mono_now()));
}

}  // namespace lbd
