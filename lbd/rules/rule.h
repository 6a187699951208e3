// Rule: one line of a rule set, compiled: an action and the condition under which it runs.
#pragma once

#include "cfg/diag.h"
#include "lbd/expr/condition.h"
#include "lbd/rules/action.h"

namespace lbd::rules {

struct Rule {
  const Action* action = nullptr;
  const expr::Condition* condition = nullptr;  // null: always
  cfg::Location location;
  const cfg::Statement* statement = nullptr;  // as written; null for what nobody wrote
};

struct ProxyRules::Switch {
  const cfg::Statement* statement = nullptr;
  const expr::Condition* condition = nullptr;
  const expr::LogFormat* dynamic = nullptr;  // the name is computed
  const config::Proxy* backend = nullptr;    // use_backend
  const config::Server* server = nullptr;    // use-server
};

struct ProxyRules::Guard {
  const expr::Condition* condition = nullptr;
};

struct ProxyRules::PersistenceRule {
  const expr::Condition* condition = nullptr;
  const cfg::Statement* statement = nullptr;
  Persistence means = Persistence::usual;
};

// What the compiled programs of one proxy point to.
struct RuleStore {
  expr::Storage storage;
  expr::Acls acls;
};

}  // namespace lbd::rules
