#include "lbd/server/operator.h"

#include "lbd/server/supervisor.h"

namespace lbd::server {

uint8_t Operator::apply(uint8_t admin, OperatorState state) {
  // As HAProxy does: the states exclude each other, and `disabled` in the file stays marked.
  uint8_t kept = static_cast<uint8_t>(admin & ~(kForcedMaintenance | kForcedDrain));
  switch (state) {
    case OperatorState::ready:
      return kept;
    case OperatorState::drain:
      return kept | kForcedDrain;
    case OperatorState::maint:
      return kept | kForcedMaintenance;
  }
  return kept;
}

OperatorState Operator::state_of(uint8_t admin) {
  if (admin & kForcedMaintenance) return OperatorState::maint;
  return admin & kForcedDrain ? OperatorState::drain : OperatorState::ready;
}

void Operator::replicate_state(Server& server, OperatorState state) {
  uint8_t bits = apply(server.admin(), state);
  supervisor_ ? supervisor_->set_admin(server, bits, base::mono_now()) : server.set_admin(bits);
}

void Operator::replicate_weight(Server& server, uint32_t weight) {
  supervisor_ ? supervisor_->set_weight(server, weight) : server.set_user_weight(weight);
}

void Operator::set_state(Server& server, OperatorState state) {
  replicate_state(server, state);
  if (observer_) observer_->operator_changed(server, OperatorObserver::Field::state);
}

void Operator::set_weight(Server& server, uint32_t weight) {
  replicate_weight(server, weight);
  if (observer_) observer_->operator_changed(server, OperatorObserver::Field::weight);
}

}  // namespace lbd::server
