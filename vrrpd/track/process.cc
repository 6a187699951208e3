// track_process: a vrrp_track_process; as many processes as its quorum asks for must run.
//
// Each process that counts is held by a pidfd (pidfd_open(2)), so its end is known at once; the list is then looked
// through again, because a successor may live already. Beginnings are found by looking now and then: often while the
// quorum is missed, seldom while it is met.
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "base/log.h"
#include "vrrpd/track/process_list.h"
#include "vrrpd/track/tracker.h"
#include "vrrpd/words/words.h"

namespace vrrpd {
namespace {

constexpr std::string_view kWord = "track_process";
constexpr std::string_view kDoc = "Processes that must run, or count with a weight.";
constexpr base::Millis kLookWhileDown{100};
constexpr base::Millis kLookWhileUp{1000};

class ProcessTracker final : public Tracker {
 public:
  ProcessTracker(base::Loop& loop, const ProcessConfig& config)
      : Tracker(kWord, config.name, false), loop_(loop), config_(config), look_(loop), settle_(loop) {
    look_.bind<&ProcessTracker::look>(this);
    settle_.bind<&ProcessTracker::on_settled>(this);
    look();
    settle_.stop();
    set_up(quorum_met());
  }

 private:
  struct Held {
    Held(ProcessTracker& owner, pid_t of, int fd) : tracker(owner), pid(of), pidfd(fd), end(owner.loop_) {
      end.bind<&Held::on_end>(this);
      end.start(fd, EV_READ);
    }
    void on_end() {
      end.stop();
      gone = true;
      tracker.look_.start_after(base::Nanos(0));
    }
    ProcessTracker& tracker;
    pid_t pid;
    base::Fd pidfd;
    base::IoWatcher end;
    bool gone = false;
  };

  bool quorum_met() const {
    return held_.size() >= config_.quorum && (!config_.quorum_max || held_.size() <= *config_.quorum_max);
  }

  void look() {
    std::erase_if(held_, [](const auto& held) { return held->gone; });
    const std::vector<pid_t> found = find_processes(config_);
    // What runs but is not what was looked for any more has called exec().
    std::erase_if(held_,
                  [&](const auto& held) { return std::find(found.begin(), found.end(), held->pid) == found.end(); });
    for (const pid_t pid : found) {
      if (std::any_of(held_.begin(), held_.end(), [&](const auto& held) { return held->pid == pid; })) continue;
      const int fd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
      if (fd >= 0) held_.push_back(std::make_unique<Held>(*this, pid, fd));
    }
    const bool met = quorum_met();
    look_.start_after(met ? kLookWhileUp : kLookWhileDown);
    if (met == up())
      settle_.stop();
    else if (!settle_.active())
      settle_.start_after(met ? config_.fork_delay : config_.terminate_delay);
  }

  void on_settled() {
    base::log(base::Level::notice, "process {}: {} running, quorum {}", name(), held_.size(),
              quorum_met() ? "met" : "missed");
    set_up(quorum_met());
  }

  base::Loop& loop_;
  const ProcessConfig config_;
  base::Timer look_, settle_;
  std::vector<std::unique_ptr<Held>> held_;
};

using Process = ProcessConfig;

void parse_process(Process& process, Args& args) {
  std::vector<std::string> command;
  while (args.more()) command.push_back(args.next("a process")->text);
  // One quoted text may hold the whole command line.
  if (command.size() == 1 && command[0].find(' ') != std::string::npos && command[0].find('/') == std::string::npos)
    command = split_command(command[0]);
  if (command.empty()) return args.error(args.block().at(1), "'process' needs a command");
  if (command.size() > 1 && process.parameters == Process::Parameters::ignored)
    process.parameters = Process::Parameters::exact;
  process.command = std::move(command);
}

void parse_match(Process& process, Args& args) {
  const auto word = args.next("initial or partial");
  if (!word) return;
  if (word->text == "initial")
    process.parameters = Process::Parameters::initial;
  else if (word->text == "partial")
    process.parameters = Process::Parameters::partial;
  else
    args.error(word->loc, fmt::format("'{}' is neither initial nor partial", word->text));
  args.expect_end();
}

constexpr double kMostDelay = 3600;
constexpr int64_t kMostProcesses = 65535;

constexpr ProcessWord kWords[] = {
    {.name = "process", .doc = "Name of the process, or command line.", .parse = parse_process},
    {.name = "param_match", .doc = "How the parameters are compared.", .parse = parse_match},
    {.name = "quorum",
     .doc = "As many must run.",
     .parse = [](Process& p, Args& a) { a.number(p.quorum, 1, kMostProcesses), a.expect_end(); }},
    {.name = "quorum_max",
     .doc = "No more may run.",
     .parse = [](Process& p, Args& a) { a.number(p.quorum_max, 0, kMostProcesses), a.expect_end(); }},
    {.name = "fork_delay",
     .doc = "Seconds until the quorum counts as met.",
     .parse = [](Process& p, Args& a) { a.seconds(p.fork_delay, 0, kMostDelay), a.expect_end(); }},
    {.name = "terminate_delay",
     .doc = "Seconds until it counts as missed.",
     .parse = [](Process& p, Args& a) { a.seconds(p.terminate_delay, 0, kMostDelay), a.expect_end(); }},
    {.name = "delay",
     .doc = "Both delays.",
     .parse =
         [](Process& p, Args& a) {
           a.seconds(p.fork_delay, 0, kMostDelay);
           p.terminate_delay = p.fork_delay;
           a.expect_end();
         }},
    {.name = "full_command",
     .doc = "Compare the command line, not the name.",
     .parse =
         [](Process& p, Args&) {
           if (p.parameters == Process::Parameters::ignored) p.parameters = Process::Parameters::exact;
         }},
    {.name = "weight",
     .doc = "What it adds or takes; 0: a missed quorum is a FAULT.",
     .parse =
         [](Process& p, Args& a) {
           a.number(p.weight, -254, 254);
           p.reverse = a.take_if("reverse");
           a.expect_end();
         }},
};

std::optional<OwnWeight> own_weight(const Config& config, std::string_view name) {
  const ProcessConfig* process = config.find_process(name);
  if (!process || process->command.empty()) return std::nullopt;
  return OwnWeight{process->weight, process->reverse};
}

bool same(const Config& before, const Config& now, std::string_view name) {
  const ProcessConfig* one = before.find_process(name);
  const ProcessConfig* other = now.find_process(name);
  return one && other && one->command == other->command && one->parameters == other->parameters &&
         one->quorum == other->quorum && one->quorum_max == other->quorum_max && one->fork_delay == other->fork_delay &&
         one->terminate_delay == other->terminate_delay;
}

constexpr TrackerRow kRow[] = {
    {.name = kWord,
     .doc = kDoc,
     .own_weight = own_weight,
     .make = [](const TrackerContext& context, const std::string& name) -> std::unique_ptr<Tracker> {
       return std::make_unique<ProcessTracker>(context.loop, *context.config.find_process(name));
     },
     .same = same}};
constexpr TopWord kTop[] = {{.name = "vrrp_track_process",
                             .doc = "Processes that are counted.",
                             .parse = [](Config& c, Args& a) { parse_item(c.processes, a); }}};
constexpr InstanceWord kInstance[] = {
    {.name = kWord, .doc = kDoc, .parse = [](InstanceConfig& i, Args& a) { parse_trackers(i.trackers, a); }}};
constexpr GroupWord kGroup[] = {
    {.name = kWord, .doc = kDoc, .parse = [](GroupConfig& g, Args& a) { parse_trackers(g.trackers, a); }}};

const base::Registered<ProcessWord> kEnrolWords(kWords);
const base::Registered<TrackerRow> kEnrolRow(kRow);
const base::Registered<TopWord> kEnrolTop(kTop);
const base::Registered<InstanceWord> kEnrolInstance(kInstance);
const base::Registered<GroupWord> kEnrolGroup(kGroup);

}  // namespace
}  // namespace vrrpd
