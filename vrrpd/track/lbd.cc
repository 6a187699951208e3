// track_lbd: the local lbd, over its link socket. The kernel closes the link the moment lbd dies, so its death is
// known at once, and its hang from the health that it publishes (lbd_pulse.h); an lbd that says it does not serve any
// more (stopping) is down as well. A reload, where lbd says that a successor has the socket already, is no death: the
// successor has a moment to answer. lbd is told in return who is master.
#include <sys/socket.h>

#include <algorithm>

#include "base/journal.h"
#include "base/log.h"
#include "base/proc_stat.h"
#include "base/strings.h"
#include "base/version.h"
#include "ipc/client.h"
#include "vrrpd/track/lbd_pulse.h"
#include "vrrpd/track/tracker.h"
#include "vrrpd/words/words.h"

namespace vrrpd {
namespace {

constexpr std::string_view kWord = "track_lbd";
constexpr std::string_view kDoc = "Tandem: the local lbd must live, or counts with a weight.";
constexpr base::Millis kSuccession{500};
// A worker that lacks a processor for longer is of no use to clients either.
constexpr uint64_t kMostStarvedMs = 3000;
constexpr base::Millis kFirstHello{200};
// lbd may start later than vrrpd, and be restarted: it is to be found soon.
constexpr base::Millis kFirstDelay{20}, kMostDelay{250};

class LbdTracker final : public Tracker, private ipc::ClientEvents {
 public:
  LbdTracker(base::Loop& loop, const std::string& name, const std::string& path, std::function<void()> facts_changed,
             std::function<tandem::StatsReply()> stats)
      : Tracker(kWord, name, answers(path)),
        facts_changed_(std::move(facts_changed)),
        stats_(std::move(stats)),
        client_(loop, options(path), *this),
        grace_(loop),
        tick_(loop) {
    tick_.bind<&LbdTracker::on_tick>(this);
    grace_.bind<&LbdTracker::on_grace_over>(this);
    if (up()) grace_.start_after(kFirstHello);
    client_.start();
  }

  std::optional<tandem::NodeFacts> facts() const override { return facts_; }

  void tell(const tandem::VrrpStates& states) override {
    *states_.mutable_vrrp_states() = states;
    if (client_.up()) client_.send(states_);
  }

 private:
  static ipc::ClientOptions options(const std::string& path) {
    ipc::ClientOptions options;
    options.to = base::SockAddr::unix_path(path);
    options.hello = ipc::make_hello(tandem::ROLE_VRRPD, base::kVersion);
    options.first_delay = kFirstDelay;
    options.most_delay = kMostDelay;
    return options;
  }

  // Whether somebody listens there: enough to begin with, so that a start or a reload does not pass through FAULT
  // until the hello has come.
  static bool answers(const std::string& path) {
    const base::Fd probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const base::SockAddr to = base::SockAddr::unix_path(path);
    return probe && connect(probe.get(), to.sa(), to.length()) == 0;
  }

  std::string on_up(ipc::Client&, const tandem::Hello& hello) override {
    if (hello.role() != tandem::ROLE_LBD) return "vrrpd tracks lbd";
    base::log(base::Level::notice, "lbd is up (pid {})", hello.pid());
    base::record("lbd", "lbd", fmt::format("process {} is up", hello.pid()));
    grace_.stop();
    successor_ = false;
    if (states_.has_vrrp_states()) client_.send(states_);
    pid_ = hello.pid();
    serving_ = true;
    hello_ = hello;
    pulse_.on_link(base::mono_now());
    tick_.start_after(LbdPulse::kTick);
    set_up(true);
    return "";
  }

  void on_envelope(ipc::Client&, const tandem::Envelope& envelope) override {
    if (envelope.has_goodbye()) successor_ = envelope.goodbye().successor();
    if (envelope.has_stats_request() && stats_) {
      tandem::Envelope reply;
      *reply.mutable_stats_reply() = stats_();
      client_.send(reply);
    }
    if (!envelope.has_proxy_health()) return;
    const tandem::ProxyHealth& health = envelope.proxy_health();
    uint64_t stall = 0;
    for (const auto& worker : health.workers())
      if (!worker.starved() || worker.stalled_ms() >= kMostStarvedMs)
        stall = std::max<uint64_t>(stall, worker.stalled_ms());
    serving_ = health.serving();
    pulse_.on_health(base::Millis(stall), base::mono_now());
    weigh();
    set_facts(health);
  }

  // An lbd that does not tell how much it reaches is compared with no other.
  void set_facts(const tandem::ProxyHealth& health) {
    std::optional<tandem::NodeFacts> facts;
    if (health.has_reach()) {
      facts.emplace();
      facts->set_serving(health.serving() && !hung_);
      facts->set_configuration(hello_.configuration());
      facts->set_version(hello_.version());
      facts->set_reach(health.reach());
      facts->set_learning(health.learning());
      facts->set_certificates(health.certificates());
    }
    change_facts(std::move(facts));
  }

  void change_facts(std::optional<tandem::NodeFacts> facts) {
    const bool same = facts.has_value() == facts_.has_value() &&
                      (!facts || facts->SerializeAsString() == facts_->SerializeAsString());
    facts_ = std::move(facts);
    if (!same) facts_changed_();
  }

  void on_tick() {
    tick_.start_after(LbdPulse::kTick);
    const base::MonoTime now = base::mono_now();
    pulse_.tick(pulse_.suspicious(now) && is_stopped(), now);
    weigh();
  }

  // By a signal, or by a debugger.
  bool is_stopped() const {
    const auto stat = base::read_proc_stat(pid_);
    return stat && stat->stopped();
  }

  void weigh() {
    if (pulse_.hangs() != hung_) {
      hung_ = pulse_.hangs();
      base::log(base::Level::warning, "lbd (pid {}) {}", pid_, hung_ ? "hangs" : "works again");
      base::record("lbd", "lbd", fmt::format("process {} {}", pid_, hung_ ? "hangs" : "works again"));
    }
    set_up(serving_ && !hung_);
  }

  void on_down(ipc::Client&, const std::string& reason) override {
    tick_.stop();
    hung_ = false;
    if (facts_) change_facts(tandem::NodeFacts());
    if (successor_) {
      grace_.start_after(kSuccession);
      return;
    }
    base::log(base::Level::warning, "lbd is gone: {}", reason);
    base::record("lbd", "lbd", fmt::format("process {} is gone: {}", pid_, reason));
    set_up(false);
  }

  void on_grace_over() {
    base::log(base::Level::warning, "lbd does not answer");
    base::record("lbd", "lbd", "does not answer");
    set_up(false);
  }

  const std::function<void()> facts_changed_;
  const std::function<tandem::StatsReply()> stats_;
  tandem::Hello hello_;
  std::optional<tandem::NodeFacts> facts_;
  ipc::Client client_;
  base::Timer grace_, tick_;
  LbdPulse pulse_;
  uint64_t pid_ = 0;
  bool serving_ = true, hung_ = false;
  bool successor_ = false;
  tandem::Envelope states_;
};

template <typename Target>
void parse(Target& target, Args& args) {
  TrackerUse use;
  use.kind = kWord;
  use.name = "lbd";
  use.where = args.block().words[0].loc;
  if (args.take_if("weight")) args.number(use.weight, -253, 253);
  args.expect_end();
  target.trackers.push_back(std::move(use));
}

constexpr TrackerRow kRow[] = {
    {.name = kWord,
     .doc = kDoc,
     .own_weight = [](const Config&, std::string_view) -> std::optional<OwnWeight> { return OwnWeight{}; },
     .make = [](const TrackerContext& context, const std::string& name) -> std::unique_ptr<Tracker> {
       return std::make_unique<LbdTracker>(context.loop, name, context.config.global.lbd_socket, context.facts_changed,
                                           context.stats);
     },
     .same = [](const Config& before, const Config& now,
                std::string_view) { return before.global.lbd_socket == now.global.lbd_socket; }}};
constexpr InstanceWord kInstance[] = {{.name = kWord, .doc = kDoc, .parse = parse<InstanceConfig>}};
constexpr GroupWord kGroup[] = {{.name = kWord, .doc = kDoc, .parse = parse<GroupConfig>}};

const base::Registered<TrackerRow> kEnrolRow(kRow);
const base::Registered<InstanceWord> kEnrolInstance(kInstance);
const base::Registered<GroupWord> kEnrolGroup(kGroup);

}  // namespace
}  // namespace vrrpd
