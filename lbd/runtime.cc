#include "lbd/runtime.h"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

#include "base/journal.h"
#include "base/process.h"
#include "base/version.h"
#include "lbd/explain/explainer.h"
#include "lbd/master.h"
#include "lbd/stats/stats_file.h"
#include "lbd/stream/worker.h"

namespace lbd {
namespace {

// A hard stop that takes longer than this is not waited for: something hangs.
constexpr base::Nanos kHardStopLimit = base::Millis(1500);

// How long the process before us may take to stop accepting. Clients wait meanwhile, in the queues of the sockets.
constexpr base::Nanos kFarewell = base::Seconds(1);

// While we drain for a process that takes over.
constexpr base::Nanos kErrand = base::Millis(50);
constexpr uint32_t kErrandsOfCounters = 10;

// Signals are for the control thread alone.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

const log::LogTargets* dropped_logs_of = nullptr;
uint64_t dropped_logs() {
  return dropped_logs_of->dropped();
}

}  // namespace

Runtime::Runtime(const config::Config& config, stream::Engine& engine, const log::LogTargets& targets,
                 OpenSockets sockets, link::Doors doors, const Limits& limits, const CommandLine& line)
    : config_(config),
      engine_(engine),
      mailbox_(loop_),
      events_(config, targets),
      mailers_(loop_, config, engine.facts.hostname),
      supervisor_(engine.objects(), *this),
      page_actions_(operator_, supervisor_, *this),
      scheduler_(loop_, config, engine.objects(), supervisor_, &engine.tls, &engine.facts),
      agents_(loop_, engine.objects(), supervisor_),
      names_(loop_, config, engine.objects(), supervisor_),
      statistics_(config, engine.objects(), limits.threads),
      membership_({engine, supervisor_, scheduler_, agents_, statistics_, mailbox_}),
      added_backends_(engine, statistics_, scheduler_, mailbox_),
      relay_(loop_, mailbox_, config, targets, engine.tls, statistics_.facts().received_logs),
      ocsp_(loop_, config.global.ocsp_update, engine.tls),
      services_{config, engine.objects(), operator_, supervisor_, statistics_, engine.tables, engine.caches, *this, {}},
      cli_(loop_, services_),
      grace_(loop_),
      patience_(loop_),
      despair_(loop_),
      sweep_(loop_),
      leash_(loop_),
      errand_(loop_),
      usr1_(loop_),
      term_(loop_),
      int_(loop_),
      hup_(loop_),
      usr2_(loop_),
      quit_(loop_) {
  stats::ProcessFacts& facts = statistics_.facts();
  facts.pid = ::getpid();
  facts.maxconn = facts.hard_maxconn = limits.maxconn;
  facts.open_files = limits.open_files;
  facts.memory_limit_megabytes = line.memory_megabytes;
  facts.node = config.global.node.empty() ? engine.facts.hostname : config.global.node;
  facts.description = config.global.description;
  facts.listeners = static_cast<uint32_t>(sockets.binds.size() + sockets.logs.size() + sockets.runtime.size());
  facts.tls = &engine.tls.meter();
  facts.rates = &engine.rates;
  facts.compression = &engine.compression;
  dropped_logs_of = &targets;
  facts.dropped_logs = dropped_logs;

  operator_.set_supervisor(&supervisor_);
  supervisor_.set_checker(&scheduler_);
  engine_.observer.report_to(mailbox_, supervisor_);
  // What a frontend without a maxconn of its own may reach.
  for (const auto& frontend : engine.objects().frontends())
    if (frontend->maxconn == 0) frontend->maxconn = limits.maxconn;
  engine_.facts.pid = facts.pid;
  engine_.statistics = &statistics_;
  engine_.facts.lookups = &names_;
  services_.process_maxconn = &engine_.maxconn;
  services_.tls = &engine_.tls;
  services_.rates = &engine_.rates;
  services_.compression = &engine_.compression;
  services_.ocsp = &ocsp_;
  services_.names = &names_;
  services_.patterns = &engine_.patterns;
  services_.variables = engine_.facts.vars;
  services_.engine = &engine_;
  statistics_.set_admin(&page_actions_);
  services_.home = &mailbox_;
  services_.loop = &loop_;
  services_.rings = {&events_.ring()};
  for (const auto& ring : targets.rings()) services_.rings.push_back(ring.get());
  engine_.sockets = limits.sockets;
  for (uint32_t i = 0; i < limits.threads; ++i) {
    engine_.workers.push_back(std::make_unique<stream::Worker>(engine_, i, statistics_.blocks().of_worker(i)));
    engine_.facts.counters.push_back(statistics_.blocks().of_worker(i));
  }
  add_ports(sockets);

  link_ = std::make_unique<link::Link>(loop_,
                                       link::Subjects{.config = config,
                                                      .objects = engine.objects(),
                                                      .the_operator = operator_,
                                                      .tables = engine.tables,
                                                      .checks = scheduler_,
                                                      .statistics = statistics_,
                                                      .contexts = &engine.tls,
                                                      .patterns = &engine.patterns},
                                       mailboxes(), std::move(doors), [this](bool leaving) { on_leaving(leaving); });

  grace_.bind<&Runtime::begin_drain>(this);
  patience_.bind<&Runtime::on_hard_stop>(this);
  despair_.bind<&Runtime::on_patience_over>(this);
  sweep_.bind<&Runtime::sweep_tables>(this);
  leash_.bind<&Runtime::on_leash>(this);
  errand_.bind<&Runtime::on_errand>(this);
  if (!engine_.tables.all().empty()) sweep_tables();
  usr1_.bind<&Runtime::on_soft_stop>(this, SIGUSR1);
  term_.bind<&Runtime::on_hard_stop>(this, SIGTERM);
  int_.bind<&Runtime::on_hard_stop>(this, SIGINT);
  hup_.bind<&Runtime::on_ignored_signal>(this, SIGHUP);
  usr2_.bind<&Runtime::on_ignored_signal>(this, SIGUSR2);
  quit_.bind<&Runtime::on_ignored_signal>(this, SIGQUIT);
  base::unblock_control_signals();
}

void Runtime::event(const server::Backend& backend, base::Level level, const std::string& text) {
  events_.write(backend.config(), level, text);
  // On standard error it is a warning; only that nothing serves any more is worse.
  base::log(level == base::Level::emerg ? base::Level::alert : base::Level::warning, "{}", text);
}

void Runtime::shutdown_sessions(server::Server& server) {
  for (const auto& worker : engine_.workers)
    worker->post([&w = *worker, &server] { w.end_exchanges_on(server, stream::Reason::shut_down); });
}

void Runtime::address_changed(server::Server& server) {
  for (const auto& worker : engine_.workers) worker->post([&w = *worker, &server] { w.idle(server).clear(); });
}

Runtime::~Runtime() {
  for (std::thread& thread : threads_) thread.join();
  link_.reset();
  engine_.workers.clear();
  engine_.statistics = nullptr;
}

void Runtime::sweep_tables() {
  engine_.tables.tick(base::mono_now());
  sweep_.start_after(table::Tables::kTick);
}

void Runtime::add_ports(OpenSockets& sockets) {
  for (OpenBind& open : sockets.binds) {
    std::vector<stream::Worker*> accepting;
    for (const auto& worker : engine_.workers)
      if (stream::accepts(*open.bind, worker->index())) accepting.push_back(worker.get());
    // Threads that are not there do not count, as in HAProxy.
    if (accepting.empty())
      for (const auto& worker : engine_.workers) accepting.push_back(worker.get());
    for (size_t i = 0; i < open.fds.size(); ++i) {
      if (!open.key.empty()) listeners_.push_back({open.key, open.fds[i].get()});
      stream::Worker& worker = *accepting[i % accepting.size()];
      stream::Site& site = engine_.site(open.proxy);
      server::Listener& place = site.frontend->listener_of(*open.address);
      place.at = base::SockAddr::local_of(open.fds[i].get());
      worker.add_port(site, place, std::move(open.fds[i]));
    }
  }
  for (OpenLogSocket& open : sockets.logs) {
    if (!open.key.empty()) listeners_.push_back({open.key, open.fd.get()});
    relay::Forwarder& forwarder = relay_.forwarder(open.section);
    open.bind ? forwarder.add_stream(std::move(open.fd), *open.bind) : forwarder.add_datagrams(std::move(open.fd));
  }
  for (const OpenRuntimeSocket& open : sockets.runtime) services_.sockets.push_back({open.address, open.level});
  runtime_sockets_ = std::move(sockets.runtime);
}

std::vector<base::Mailbox*> Runtime::mailboxes() const {
  std::vector<base::Mailbox*> all;
  for (const auto& worker : engine_.workers) all.push_back(&worker->mailbox());
  return all;
}

void Runtime::start_threads() {
  SignalsBlocked blocked;
  running_ = engine_.workers.size();
  for (const auto& worker : engine_.workers)
    threads_.emplace_back([this, &w = *worker] {
      w.run();
      mailbox_.post([this] { worker_ended(); });
    });
}

void Runtime::run(int leash) {
  statistics_.start(loop_);
  link_->learn();
  if (!predecessor_ || !learn()) read_stats_file();
  if (leash >= 0) {
    leash_fd_ = leash;
    leash_.start(leash, EV_READ);
    // What the next worker will serve on; without it sockets are opened anew.
    if (auto sent = send_sockets(leash, "L\n", listeners_); !sent)
      base::log(base::Level::warning, "{}", sent.error().text);
    if (::send(leash, "R", 1, MSG_NOSIGNAL) < 0) on_hard_stop();
  }
  if (heir_) await_predecessor();
  link_->start();
  scheduler_.start();
  agents_.start();
  names_.start();
  ocsp_.start();
  relay_.start();
  start_threads();
  base::record("daemon", "lbd", fmt::format("process {} serves, version {}", getpid(), base::kVersion));
  if (leash >= 0) vital_sign_.emplace(loop_, mailboxes(), leash);
  for (OpenRuntimeSocket& open : runtime_sockets_)
    cli_.add(std::move(open.fd), {open.level, open.exposes_listeners, cli::parse_severity(open.severity)});
  runtime_sockets_.clear();
  loop_.run();
}

// The master's end: a client of its runtime socket who wants to talk to us, or the end of the master.
void Runtime::on_leash() {
  auto parcel = receive_parcel(leash_fd_, MSG_DONTWAIT);
  if (!parcel) return;
  if (parcel->text.empty()) {
    leash_.stop();
    return on_hard_stop();
  }
  if (parcel->text.starts_with(kFailedReload)) {
    auto& failed = statistics_.facts().failed_reloads;
    ++failed.count;
    failed.last = base::wall_now();
    failed.why = parcel->text.substr(kFailedReload.size());
    base::record("reload", "lbd", fmt::format("failed, process {} goes on: {}", getpid(), failed.why));
    return;
  }
  const bool heir = parcel->text.starts_with("H");
  for (base::Fd& fd : parcel->fds) {
    if (heir)
      welcome_heir(std::move(fd));
    else if (base::Fd::set_nonblock(fd.get()))
      cli_.adopt(std::move(fd), {cli::Level::admin, false});
  }
}

void Runtime::inherit(base::Fd predecessor, Farewell farewell) {
  predecessor_ = std::move(predecessor);
  farewell_ = farewell;
}

bool Runtime::learn() {
  heir_ = std::make_unique<heir::Heir>(loop_, estate(), std::move(predecessor_),
                                       [this](stream::MovedConnection moved) { adopt(std::move(moved)); });
  const bool learnt = heir_->learn();
  if (learnt) base::log(base::Level::debug, "everything was learnt from the process before this one");
  return learnt;
}

void Runtime::read_stats_file() {
  for (const std::string& problem : stats::read_stats_file(stats_file_, statistics_.source(), statistics_.blocks()))
    base::log(base::Level::warning, "stats-file '{}', {}", config_.global.stats_file, problem);
}

// It is the last one that counts and accepts before we do, so that no counter is ever lower than it was.
void Runtime::await_predecessor() {
  if (farewell_ == Farewell::soft || farewell_ == Farewell::hard) heir_->ask_to_leave(farewell_ == Farewell::hard);
  heir_->await_stopped(farewell_ == Farewell::none ? base::Nanos::zero() : kFarewell);
}

void Runtime::adopt(stream::MovedConnection moved) {
  // Whoever comes late goes on to the next.
  if (draining_ && testator_ && testator_->taught()) return testator_->move(std::move(moved));
  stream::Worker* carrier = engine_.workers[next_worker_++ % engine_.workers.size()].get();
  stream::Port* place = nullptr;
  uint32_t best = 0;
  for (const auto& worker : engine_.workers)
    for (const auto& port : worker->ports()) {
      if (port->site().frontend->name() != moved.frontend) continue;
      // Where it came in before; then by preference the carrier's own.
      const uint32_t worth = 1 + (port->place().number() == moved.listener ? 2 : 0) + (worker.get() == carrier ? 1 : 0);
      if (worth > best) place = port.get();
      best = std::max(best, worth);
    }
  if (!place) return;
  if (!stream::accepts(place->bind(), carrier->index())) {
    for (const auto& worker : engine_.workers)
      if (stream::accepts(place->bind(), worker->index())) carrier = worker.get();
  }
  carrier->post([carrier, place, shared = std::make_shared<stream::MovedConnection>(std::move(moved))] {
    carrier->take_over(std::move(*shared), *place);
  });
}

base::Status Runtime::bequeath(int to) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    return base::Err(base::Error::from_errno("socketpair"));
  base::Fd ours(ends[0]), theirs(ends[1]);
  TRY(send_sockets(to, fmt::format("{}\n", ::getpid()), {{"heir", theirs.get()}}));
  welcome_heir(std::move(ours));
  return {};
}

// One at a time; while we drain it is the one that we drain for.
void Runtime::welcome_heir(base::Fd fd) {
  if (draining_) return;
  testator_ = std::make_unique<heir::Testator>(loop_, mailbox_, estate(), std::move(fd),
                                               static_cast<heir::TestatorHost&>(*this));
}

void Runtime::leave(bool hard) {
  hard ? on_hard_stop() : on_soft_stop();
}

// Those who wait for it would wait for ever.
void Runtime::heir_gone() {
  if (!engine_.successor.exchange(nullptr)) return;
  errand_.stop();
  for (const auto& worker : engine_.workers) worker->post([&w = *worker] { w.stop_clients(false); });
}

void Runtime::worker_quiet() {
  if (++quiet_ < engine_.workers.size() || !testator_) return;
  testator_->stopped();
  if (testator_->taught()) errand_.start_after(kErrand);
}

void Runtime::on_errand() {
  for (const auto& worker : engine_.workers) worker->post([&w = *worker] { w.move_clients(); });
  if (++errands_ % kErrandsOfCounters == 0) testator_->tell_counters();
  errand_.start_after(kErrand);
}

void Runtime::limits_raised() {
  for (const auto& worker : engine_.workers) worker->post([&w = *worker] { w.resume_ports(); });
}

void Runtime::admission_changed(server::Frontend& frontend) {
  using Admission = server::Frontend::Admission;
  const Admission now = frontend.admission;
  if (now == Admission::shut)
    for (const auto& worker : engine_.workers)
      for (const auto& port : worker->ports())
        if (port->site().frontend == &frontend)
          std::erase_if(listeners_, [&](const NamedSocket& one) { return one.fd == port->listener().fd(); });
  for (const auto& worker : engine_.workers) worker->post([&w = *worker, &frontend] { w.admit(frontend); });
  uint64_t sessions = 0;
  for (const auto& worker : engine_.workers) sessions += worker->counters(frontend.slot()).sessions.get();
  const std::string text = now == Admission::shut ? fmt::format("Proxy {} stopped (cumulated conns: FE: {}, BE: 0).",
                                                                frontend.name(), sessions)
                           : now == Admission::paused ? fmt::format("Paused frontend {}.", frontend.name())
                                                      : fmt::format("Resumed frontend {}.", frontend.name());
  events_.write(frontend.config(), base::Level::warning, text);
  base::log(base::Level::warning, "{}", text);
}

void Runtime::clear_counters(bool all) {
  for (uint32_t slot = 0; slot < statistics_.blocks().slots(); ++slot) {
    statistics_.blocks().inherited(slot).clear_maxima();
    if (all) statistics_.blocks().inherited(slot).clear_totals();
  }
  for (const auto& worker : engine_.workers)
    worker->post([all, &w = *worker, slots = static_cast<uint32_t>(statistics_.blocks().slots())] {
      for (uint32_t slot = 0; slot < slots; ++slot) {
        w.counters(slot).clear_maxima();
        if (all) w.counters(slot).clear_totals();
      }
    });
}

base::Status Runtime::hand_over_listeners(int to) {
  return send_sockets(to, "", listeners_);
}

std::string Runtime::explain(std::string_view question) {
  auto parsed = explain::parse_question(question);
  if (!parsed) return fmt::format("=> {}\n", parsed.error().text);
  // It reads maps like any worker, and one that takes no turns would keep old entries from being freed.
  return explain::Explainer(engine_, explain::Explainer::kLivePatience).explain(*parsed);
}

void Runtime::on_soft_stop() {
  if (draining_) return;
  draining_ = true;
  base::record("daemon", "lbd", fmt::format("process {} takes no new connections: a stop, or a reload", getpid()));
  statistics_.facts().stopping = true;
  engine_.stopping = true;
  link_->drain();
  scheduler_.stop();
  agents_.stop();
  if (config_.global.grace)
    grace_.start_after(*config_.global.grace);
  else
    begin_drain();
}

// Clients are to come again soon, to the other node, but none is sent away in the middle of something.
void Runtime::on_leaving(bool leaving) {
  if (engine_.leaving.exchange(leaving) == leaving || !leaving) return;
  base::log(base::Level::notice, "the addresses are on another node: connections end with their next answer");
  for (const auto& worker : engine_.workers) worker->post([&w = *worker] { w.see_clients_off(); });
}

void Runtime::begin_drain() {
  say_stopped();
  cli_.close_listeners();
  relay_.stop();
  listeners_.clear();
  statistics_.facts().listeners = 0;
  if (testator_ && testator_->taught()) engine_.successor = testator_.get();
  for (const auto& worker : engine_.workers)
    worker->post([this, &w = *worker] {
      w.stop(false);
      mailbox_.post([this] { worker_quiet(); });
    });
  if (config_.global.hard_stop_after) patience_.start_after(*config_.global.hard_stop_after);
}

void Runtime::say_stopped() {
  for (const auto& proxy : config_.proxies) {
    uint64_t front = 0, back = 0;
    if (const server::Frontend* frontend = engine_.objects().frontend(proxy.get()))
      front = statistics_.blocks().sum(frontend->slot(), [](const auto& c) { return c.connections.get(); });
    if (const server::Backend* backend = engine_.objects().backend(proxy.get()))
      back = statistics_.blocks().sum(backend->slot(), [](const auto& c) { return c.sessions.get(); });
    std::string text = fmt::format("Proxy {} stopped (cumulated conns: FE: {}, BE: {}).", proxy->name, front, back);
    events_.write(*proxy, base::Level::warning, text);
    base::log(base::Level::warning, "{}", text);
  }
}

void Runtime::on_hard_stop() {
  statistics_.facts().stopping = true;
  engine_.stopping = true;
  cli_.close_listeners();
  for (const auto& worker : engine_.workers) worker->post([&w = *worker] { w.stop(true); });
  despair_.start_after(kHardStopLimit);
}

void Runtime::on_patience_over() {
  base::log(base::Level::alert, "a worker does not stop; leaving without it");
  std::_Exit(0);
}

void Runtime::worker_ended() {
  if (--running_ > 0) return;
  errand_.stop();
  if (testator_) testator_->finish();
  link_->stop("stopping");
  relay_.finish();
  loop_.stop();
}

}  // namespace lbd
