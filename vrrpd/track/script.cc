// track_script: a vrrp_script, run again and again; its exit code counts.
//
// It never runs twice at a time: a run that is still on when the next is due is waited for, one that takes longer than
// its timeout is killed with its children and counts as failed. Up at the start unless init_fail; rise successes or
// fall failures in a row move it.
#include "base/log.h"
#include "vrrpd/command.h"
#include "vrrpd/track/tracker.h"
#include "vrrpd/words/words.h"

namespace vrrpd {
namespace {

constexpr std::string_view kWord = "track_script";
constexpr std::string_view kDoc = "Scripts that must succeed, or count with a weight.";

class ScriptTracker final : public Tracker {
 public:
  ScriptTracker(const TrackerContext& context, const ScriptConfig& script, Runnable runnable)
      : Tracker(kWord, script.name, !script.init_fail),
        interval_(script.interval),
        rise_(script.rise),
        fall_(script.fall),
        options_(spawn_options(runnable)),
        timer_(context.loop),
        child_(context.loop) {
    options_.timeout = script.timeout.value_or(script.interval);
    timer_.bind<&ScriptTracker::run>(this);
    timer_.start_after(base::Nanos(0));
  }

 private:
  void run() {
    due_ = base::mono_now() + interval_;
    auto status = child_.spawn(options_, [this](const base::ChildResult& result) { on_result(result); });
    if (status) return;
    base::log(base::Level::err, "Script {}: {}", name(), status.error().text);
    count(false);
    timer_.start_at(due_);
  }

  void on_result(const base::ChildResult& result) {
    if (result.timed_out) base::log(base::Level::warning, "Script {} timed out", name());
    timer_.start_at(due_);
    count(result.ok());
  }

  void count(bool success) {
    if (success != last_) in_row_ = 0;
    last_ = success;
    ++in_row_;
    if (success == up() || in_row_ < (success ? rise_ : fall_)) return;
    base::log(base::Level::notice, "VRRP_Script({}) {}", name(), success ? "succeeded" : "failed");
    set_up(success);
  }

  const base::Nanos interval_;
  const unsigned rise_, fall_;
  base::SpawnOptions options_;
  base::Timer timer_;
  base::Child child_;
  base::MonoTime due_{};
  bool last_ = true;
  unsigned in_row_ = 0;
};

// A script that cannot be run at all says nothing about the node: up, and said so when the file was read.
class MuteTracker final : public Tracker {
 public:
  explicit MuteTracker(const std::string& name) : Tracker(kWord, name, true) {}
};

std::optional<OwnWeight> own_weight(const Config& config, std::string_view name) {
  const ScriptConfig* script = config.find_script(name);
  if (!script || !script->command) return std::nullopt;
  return OwnWeight{script->weight, script->reverse};
}

std::unique_ptr<Tracker> make(const TrackerContext& context, const std::string& name) {
  const ScriptConfig& script = *context.config.find_script(name);
  auto runnable = resolve(script.command, context.config.global);
  if (!runnable) return std::make_unique<MuteTracker>(name);
  return std::make_unique<ScriptTracker>(context, script, std::move(runnable).value());
}

bool same(const Config& before, const Config& now, std::string_view name) {
  const ScriptConfig* one = before.find_script(name);
  const ScriptConfig* other = now.find_script(name);
  return one && other && one->command == other->command && one->interval == other->interval &&
         one->timeout == other->timeout && one->rise == other->rise && one->fall == other->fall &&
         before.global.script_user == now.global.script_user && before.global.script_group == now.global.script_group;
}

constexpr TrackerRow kRow[] = {{.name = kWord, .doc = kDoc, .own_weight = own_weight, .make = make, .same = same}};
constexpr InstanceWord kInstance[] = {
    {.name = kWord, .doc = kDoc, .parse = [](InstanceConfig& i, Args& a) { parse_trackers(i.trackers, a); }}};
constexpr GroupWord kGroup[] = {
    {.name = kWord, .doc = kDoc, .parse = [](GroupConfig& g, Args& a) { parse_trackers(g.trackers, a); }}};

const base::Registered<TrackerRow> kEnrolRow(kRow);
const base::Registered<InstanceWord> kEnrolInstance(kInstance);
const base::Registered<GroupWord> kEnrolGroup(kGroup);

}  // namespace
}  // namespace vrrpd
