// Rehearsal: a planned hand-over to the other node and back, when both are well and there is little to do, and what
// came of each step. The nodes are on a Stage, so that it can be played without them.
//
// Whatever happens over there, the addresses are wanted back. Life: one drill. Thread: one; it blocks as its Stage
// does. Errors: the report says what went wrong, and where the addresses are.
#pragma once

#include <string>
#include <vector>

#include "lbctl/query.h"

namespace lbctl {

class Stage {
 public:
  virtual PairAnswers look() = 0;
  virtual base::Result<tandem::HandedOver> hand_over(const tandem::HandOver& wanted) = 0;
  virtual void wait(base::Millis time) = 0;
  virtual base::MonoTime now() = 0;
  // Something takes longer: what a person may want to know meanwhile.
  virtual void progress(const std::string& text) = 0;

 protected:
  ~Stage() = default;
};

struct RehearsalPlan {
  std::string instance;             // "": all
  uint64_t most_connections = 100;  // a moment with no more of them is quiet
  base::Seconds patience{60};       // for such a moment
  base::Seconds stay{5};            // on the other node
};

// The numbers are the exit codes of `lbctl drill`, for scripts.
enum class Outcome : int {
  done = 0,
  failed = 1,   // something did not go as it should
  refused = 3,  // the pair is not ready: nothing was done
  busy = 4,     // no quiet moment came: nothing was done
};

struct RehearsalStep {
  std::string name;  // "ready", "quiet", "away", "there", "back", "here"
  bool good = false;
  std::string text;
  uint64_t took_us = 0;  // of a hand-over
};

struct RehearsalReport {
  Outcome outcome = Outcome::refused;
  std::string node;  // the other one
  std::vector<RehearsalStep> steps;
};

RehearsalReport rehearse(const RehearsalPlan& plan, Stage& stage);

std::string render_report(const RehearsalReport& report);
std::string render_report_json(const RehearsalReport& report);

}  // namespace lbctl
