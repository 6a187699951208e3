// Deputy: the part of this node in a change of the pair's configuration (proto/change.proto), step by step as it is
// ordered. At most one change at a time:
//   idle ──STAGE──▶ checking ──good──▶ staged ──COMMIT──▶ reloading ──good──▶ waiting ──CONFIRM──▶ idle
// Whatever fails, UNDO, or time that is over leads back to idle with the files as they were before. What was there
// before is on the disk before anything is changed, so that a death in between is undone at the next start.
//
// An order that comes again, since the answer was lost on the way, is not carried out again: it gets that answer.
// Life: as long as the process. Thread: that of the loop. Errors: texts in the answers.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "applyd/archive.h"
#include "applyd/files.h"
#include "base/ev.h"

namespace applyd {

// What the deputy has done by others. Done is called once, with what was said.
class Hands {
 public:
  using Done = std::function<void(bool good, const std::string& said)>;
  // Whether the files, at other paths than usual, are good, by themselves and together.
  virtual void check(const std::map<std::string, std::string>& paths, Done done) = 0;
  // The daemons take their files; good: all of them use them.
  virtual void reload(const std::vector<std::string>& daemons, Done done) = 0;

 protected:
  ~Hands() = default;
};

class Deputy {
 public:
  using Answer = std::function<void(const tandem::ChangeReply&)>;
  // After STAGE, for COMMIT.
  static constexpr base::Seconds kStaged{120};
  static constexpr base::Millis kLeastWait{1000}, kMostWait{base::Seconds(3600)};

  Deputy(base::Loop& loop, const Files& files, Archive& archive, Hands& hands, std::string staging);
  // What an earlier process has not ended is undone.
  void start();
  void take(const tandem::ChangeRequest& request, Answer answer);
  bool idle() const { return state_ == State::idle; }

 private:
  enum class State : uint8_t { idle, checking, staged, reloading, waiting, undoing };

  void begin_step(const tandem::ChangeRequest& request, Answer answer);
  void stage(const tandem::ChangeRequest& request);
  void checked(bool good, std::string said);
  void commit(const tandem::ChangeRequest& request);
  void reloaded(bool good, const std::string& said);
  void confirm(const tandem::ChangeRequest& request);
  void undo(const std::string& why);
  void undone(bool good, const std::string& said);
  tandem::ChangeReply tell(const tandem::ChangeRequest& request) const;
  base::Result<Texts> wanted(const tandem::ChangeRequest& request) const;
  base::Status write_staged(const Texts& texts);
  tandem::Revision revision_of(uint64_t number, const Texts& texts) const;
  // What is in use is the last revision.
  bool edited() const;
  std::vector<std::string> changed_daemons() const;
  void on_deadline();
  void refuse(const Answer& answer, std::string why) const;
  void reply(tandem::ChangeReply reply);
  void end();

  const Files& files_;
  Archive& archive_;
  Hands& hands_;
  const std::string staging_;  // folder of files that are checked
  State state_ = State::idle;
  uint64_t change_ = 0, found_ = 0;
  std::string author_, note_, why_;
  Texts texts_;
  base::Millis wait_{};
  Answer answer_;  // of the step that is under way
  using Asked = std::pair<uint64_t, tandem::ChangeRequest::Step>;
  Asked asked_;  // that step, or the last one
  tandem::ChangeReply last_reply_;
  base::Timer deadline_;
};

}  // namespace applyd
