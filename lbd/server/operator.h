// Operator: the one door through which an operator changes a server at run time, be it on this node's runtime socket
// (`set server b/s state|weight`, `enable|disable server`, `set weight`) or, replicated, on the other node's.
//
// The observer (lbd/link) hears of each change that was made here, remembers it, and tells it to the other node and to
// the next lbd. Changes by health checks and agents do not come through here: each node has its own checks.
// Life: as the objects. Thread: control thread. Errors: none, values were checked by whoever parsed them.
// Manual: management.txt 9.3, "set server".
#pragma once

#include "lbd/server/server.h"

namespace lbd::server {

class Supervisor;

enum class OperatorState : uint8_t { ready, drain, maint };

class OperatorObserver {
 public:
  enum class Field : uint8_t { state, weight };
  virtual void operator_changed(Server& server, Field field) = 0;

 protected:
  ~OperatorObserver() = default;
};

class Operator {
 public:
  // Without one, changes are applied silently and followers are not told (before the runtime stands, tests).
  void set_supervisor(Supervisor* supervisor) { supervisor_ = supervisor; }
  void set_observer(OperatorObserver* observer) { observer_ = observer; }

  // On this node: applied and told to the observer.
  void set_state(Server& server, OperatorState state);
  void set_weight(Server& server, uint32_t weight);  // 0 … Server::kMaxWeight
  // From elsewhere: applied.
  void replicate_state(Server& server, OperatorState state);
  void replicate_weight(Server& server, uint32_t weight);

  // The administrative bits with `state` in place of what an operator said before.
  static uint8_t apply(uint8_t admin, OperatorState state);
  // What an operator said last, as the bits have it.
  static OperatorState state_of(uint8_t admin);

 private:
  OperatorObserver* observer_ = nullptr;
  Supervisor* supervisor_ = nullptr;
};

}  // namespace lbd::server
