// Rollout: a change of the configuration of both nodes in two phases: good on all, then applied on all, one behind the
// other, the standby first, then watched; kept on all, or undone on all when one fails or the pair does worse than
// before. Each node undoes by itself what nobody confirms. The pair is behind an interface, so that all this can be
// played.
//
// Life: one change. Thread: one; it blocks as its Pair does. Errors: the report says what went wrong where.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "lbctl/query.h"

namespace lbctl {

class Pair {
 public:
  virtual base::Result<tandem::ChangeReply> order(const tandem::ChangeRequest& request) = 0;
  virtual PairAnswers look() = 0;
  virtual void wait(base::Millis time) = 0;
  virtual base::MonoTime now() = 0;
  // Somebody wants it to end.
  virtual bool interrupted() = 0;
  // Something takes longer: what a person may want to know meanwhile.
  virtual void progress(const std::string& text) = 0;

 protected:
  ~Pair() = default;
};

struct RolloutPlan {
  // By node; "": all that are not named. By daemon.
  std::map<std::string, std::map<std::string, std::string>> files;
  uint64_t revision = 0;    // the files of this one instead
  bool alone = false;       // not on the other nodes
  base::Seconds watch{10};  // before it is kept
  uint64_t change = 0;      // a random number: which it is
  std::string author, note;
};

// The numbers are exit codes, for scripts.
enum class RolloutOutcome : int {
  done = 0,
  undone = 1,   // or, as the report says, not everywhere
  refused = 3,  // nothing was changed
};

struct RolloutStep {
  std::string name;  // "check", "apply", "watch", "keep", "undo"
  std::string node;  // "": of all
  bool good = false;
  std::string text;
  std::string said;  // what a program said, in lines
};

struct RolloutReport {
  RolloutOutcome outcome = RolloutOutcome::refused;
  uint64_t revision = 0;
  std::vector<RolloutStep> steps;
};

RolloutReport roll_out(const RolloutPlan& plan, Pair& pair);

std::string render_report(const RolloutReport& report);
std::string render_report_json(const RolloutReport& report);

}  // namespace lbctl
