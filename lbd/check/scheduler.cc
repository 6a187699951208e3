#include "lbd/check/scheduler.h"

#include <unistd.h>

#include <algorithm>

#include "lbd/check/trust.h"
#include "lbd/expr/process.h"

namespace lbd::check {
namespace {

// In which time a node that believed another one sees for itself.
constexpr base::Millis kCatchUp{1000};

// Manual: timeout check. Without it the whole check has `inter`; with it, it is the time to answer in.
Deadlines deadlines_of(const server::Server& server) {
  const config::Timeouts& timeouts = server.backend().config().timeouts;
  base::Nanos inter = server.config().check.inter;
  base::Nanos connect = inter;
  if (timeouts.connect && timeouts.connect->count() > 0) connect = std::min<base::Nanos>(connect, *timeouts.connect);
  if (!timeouts.check || timeouts.check->count() == 0) return {connect, inter};
  return {connect, inter, *timeouts.check};
}

std::string node_of(const config::Config& config) {
  if (!config.global.node.empty()) return config.global.node;
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  return name;
}

}  // namespace

// One checked server.
class Scheduler::Slot final : public RunClient {
 public:
  Slot(Scheduler& scheduler, server::Server& server, const Plan& plan)
      : scheduler_(scheduler), server_(server), plan_(plan), timer_(scheduler.loop_) {
    timer_.bind<&Slot::on_timer>(this);
  }

  const config::ServerCheck& config() const { return server_.config().check; }

  void start_after(base::Nanos delay) {
    if (run_) return;
    due_ = base::mono_now() + delay;
    timer_.start_after(delay);
  }

  void soon() { start_after(base::Nanos(0)); }

  void hurry() {
    const base::Nanos fast = scheduler_.spread(config().fastinter.value_or(config().inter));
    if (!run_ && base::mono_now() + fast < due_) start_after(fast);
  }

  void stop() {
    timer_.stop();
    run_.reset();
    server_.health.running = false;
  }

  bool has_way() const { return trust_.has_way(); }

  // Who believes nobody still looks again where another node finds better.
  void overhear(CheckResult result) {
    if (!idle() && !run_ && trust_.disputed_by(result)) soon();
  }

  void hear(CheckReport report) {
    trust_.doubt(report.result);
    if (idle() || run_) return;
    const base::MonoTime now = base::mono_now();
    switch (trust_.hear(report.result, now, interval())) {
      case Trust::Advice::ignore:
        return;
      case Trust::Advice::check:
        return soon();
      case Trust::Advice::believe:
        break;
    }
    scheduler_.supervisor_.checked(server_, std::move(report), now);
    due_ = trust_.next(now, scheduler_.spread(interval()));
    timer_.start_at(due_);
    scheduler_.arm_clock();
  }

  void check_done(CheckReport report) override {
    finished_ = std::move(run_);  // it is on the stack
    server_.health.running = false;
    trust_.own(report.result, started_);
    if (scheduler_.sink_) scheduler_.sink_->found(server_, report);
    scheduler_.supervisor_.checked(server_, std::move(report), base::mono_now());
    schedule();
    scheduler_.arm_clock();
  }

 private:
  void on_timer() {
    finished_.reset();
    started_ = base::mono_now();
    if (idle()) return schedule();
    server_.health.running = true;
    run_ = plan_.run(scheduler_.loop_, server_, deadlines_of(server_), scheduler_.setting_, *this);
    run_->start();
  }

  bool idle() const {
    return (server_.admin() & server::kMaintenance) || server_.health.paused ||
           (!server_.address().is_ip() && !server_.address().is_unix());
  }
  base::Nanos interval() const { return server::check_interval(server_.health, config()); }

  void schedule() {
    base::Nanos passed = base::mono_now() - started_;
    start_after(std::max<base::Nanos>(scheduler_.spread(interval()) - passed, base::Nanos(0)));
  }

  Scheduler& scheduler_;
  server::Server& server_;
  const Plan& plan_;
  base::Timer timer_;
  base::MonoTime started_, due_;
  Trust trust_;
  std::unique_ptr<Run> run_, finished_;
};

Scheduler::Scheduler(base::Loop& loop, const config::Config& config, const server::Objects& objects,
                     server::Supervisor& supervisor, const tls::Contexts* tls, const expr::Process* process)
    : loop_(loop),
      config_(config),
      supervisor_(supervisor),
      setting_{node_of(config),
               config.global.tune.bufsize,
               tls,
               config.global.external_check && config.global.insecure_fork_wanted,
               config.global.insecure_setuid_wanted,
               config.global.external_check_keeps_environment,
               config.global.pp2_never_send_local,
               process},
      spread_percent_(config.global.spread_checks),
      max_spread_(config.global.max_spread_checks),
      random_(static_cast<uint32_t>(getpid())),
      clock_(loop) {
  clock_.bind<&Scheduler::on_clock>(this);
  for (const auto& backend : objects.backends())
    for (const auto& server : backend->servers()) take(*server);
  supervisor_.set_checker(this);
}

void Scheduler::take(server::Server& server) {
  if (!server.config().check.enabled) return;
  const config::CheckSpec& spec = spec_of(server.backend().config(), server.config());
  std::unique_ptr<Plan>& plan = plans_[&spec];
  if (!plan) {
    cfg::Diagnostics diagnostics;
    plan = compile(spec, config_, server.backend().config(), diagnostics,
                   setting_.process ? setting_.process->patterns : nullptr);
    CHECK(plan);
  }
  slots_.push_back(std::make_unique<Slot>(*this, server, *plan));
  slot_of_[&server] = slots_.back().get();
}

void Scheduler::add(server::Server& server) {
  if (!running_) return;
  take(server);
  check_soon(server);
}

void Scheduler::remove(const server::Server& server) {
  const auto it = slot_of_.find(&server);
  if (it == slot_of_.end()) return;
  std::erase_if(slots_, [&](const auto& slot) { return slot.get() == it->second; });
  slot_of_.erase(it);
}

Scheduler::~Scheduler() {
  stop();
  supervisor_.set_checker(nullptr);
}

void Scheduler::start() {
  running_ = true;
  base::Nanos shortest = base::Nanos::max();
  for (const auto& slot : slots_) shortest = std::min<base::Nanos>(shortest, slot->config().inter);
  if (max_spread_.count() > 0) shortest = std::min(shortest, max_spread_);
  start_all(shortest);
  arm_clock();
}

void Scheduler::start_all(base::Nanos within) {
  for (size_t i = 0; i < slots_.size(); ++i)
    slots_[i]->start_after(within / static_cast<int64_t>(slots_.size()) * static_cast<int64_t>(i));
}

void Scheduler::believe(bool believing) {
  if (std::exchange(believing_, believing) && !believing) start_all(kCatchUp);
}

void Scheduler::hear(server::Server& server, CheckReport report) {
  const auto it = slot_of_.find(&server);
  if (it == slot_of_.end()) return;
  if (believing_)
    it->second->hear(std::move(report));
  else
    it->second->overhear(report.result);
}

bool Scheduler::has_way_to(const server::Server& server) const {
  const auto it = slot_of_.find(&server);
  return it == slot_of_.end() || it->second->has_way();
}

void Scheduler::stop() {
  running_ = false;
  believing_ = false;
  for (const auto& slot : slots_) slot->stop();
  clock_.stop();
}

void Scheduler::check_soon(server::Server& server) {
  if (!running_) return;  // start() gives each its turn
  if (auto it = slot_of_.find(&server); it != slot_of_.end()) it->second->soon();
  arm_clock();
}

void Scheduler::hurry(server::Server& server) {
  if (!running_) return;
  if (auto it = slot_of_.find(&server); it != slot_of_.end()) it->second->hurry();
}

base::Nanos Scheduler::spread(base::Nanos interval) {
  if (spread_percent_ == 0) return interval;
  std::uniform_int_distribution<int64_t> part(-spread_percent_, spread_percent_);
  return interval + interval * part(random_) / 100;
}

void Scheduler::arm_clock() {
  base::MonoTime next = supervisor_.next_tick();
  if (next == base::kNever)
    clock_.stop();
  else
    clock_.start_at(next);
}

void Scheduler::on_clock() {
  supervisor_.tick(base::mono_now());
  arm_clock();
}

}  // namespace lbd::check
