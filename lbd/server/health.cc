#include "lbd/server/health.h"

namespace lbd::server {

HealthChange apply(HealthFacts& facts, Operational state, CheckResult result) {
  bool down = state == Operational::stopped;
  switch (result) {
    case CheckResult::failed:
      if (facts.health > facts.rise) {
        --facts.health;
        return HealthChange::none;
      }
      facts.health = 0;
      return down ? HealthChange::none : HealthChange::down;
    case CheckResult::passed:
      if (facts.health < full_health(facts)) ++facts.health;
      if (facts.health < facts.rise) return HealthChange::none;
      facts.health = full_health(facts);
      return down || state == Operational::stopping ? HealthChange::up : HealthChange::none;
    case CheckResult::conditional:
      if (down) return HealthChange::none;
      facts.health = full_health(facts);
      return state == Operational::stopping ? HealthChange::none : HealthChange::stopping;
    case CheckResult::none:
    case CheckResult::neutral:
      break;
  }
  return HealthChange::none;
}

base::Millis check_interval(const HealthFacts& facts, const config::ServerCheck& check) {
  if (facts.health == full_health(facts)) return check.inter;
  return (facts.health == 0 ? check.downinter : check.fastinter).value_or(check.inter);
}

}  // namespace lbd::server
