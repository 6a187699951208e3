#include "lbd/stream/worker.h"

#include <sched.h>
#include <unistd.h>

#include "lbd/net/socket.h"
#include "lbd/stream/client_connection.h"
#include "lbd/stream/server_connection.h"
#include "lbd/stream/stream.h"

namespace lbd::stream {
namespace {

constexpr uint32_t kAcceptsPerTurn = 32;
constexpr uint32_t kFew = 4;                      // connections of a worker that say nothing about its load
constexpr base::Nanos kBurst = base::Millis(20);  // clients who come within this of one another

// Of the descriptors for connections.
uint64_t share(const Engine& engine, uint32_t percent) {
  return engine.sockets * percent / 100 / engine.worker_count();
}

}  // namespace

Port::Port(Worker& worker, Site& site, server::Listener& place, base::Fd fd)
    : worker_(worker),
      site_(site),
      place_(place),
      listener_(worker.loop, std::move(fd), *this,
                worker.engine().config().global.tune.maxaccept ? worker.engine().config().global.tune.maxaccept
                                                               : kAcceptsPerTurn) {}

bool Port::accepted(base::Fd fd, const base::SockAddr& from) {
  Engine& engine = worker_.engine();
  uint32_t now = engine.connections.fetch_add(1, std::memory_order_relaxed) + 1;
  uint32_t here = site_.frontend->connections.fetch_add(1, std::memory_order_relaxed) + 1;
  server::raise_peak(site_.frontend->connections_peak, here);
  server::raise_peak(place_.connections_peak, place_.connections.fetch_add(1, std::memory_order_relaxed) + 1);
  if (server::Counters* counters = worker_.counters(&place_)) counters->connections.add();
  server::Counters& counters = worker_.counters(site_.frontend->slot());
  counters.connections.add();
  counters.connection_rate.add(worker_.second());
  engine.rates.connections.add(worker_.loop.now());
  if (bind().ssl) engine.tls.meter().accepted.add(base::mono_now());
  uint32_t limit = site_.frontend->maxconn.load(std::memory_order_relaxed);
  if (Worker* other = worker_.better_place(bind()); other && other->expect_connection()) {
    other->post([other, this, raw = fd.release(), from] { other->adopt(base::Fd(raw), from, *this); });
  } else {
    worker_.connections_.fetch_add(1, std::memory_order_relaxed);
    worker_.adopt(std::move(fd), from, *this);
  }
  if (now >= engine.maxconn.load(std::memory_order_relaxed) || (limit && here >= limit) || place_.full()) {
    listener_.pause();
    return false;
  }
  return true;
}

bool Port::wants_more() {
  // Another worker may have accepted the last one. When one leaves, all resume.
  if (place_.full()) {
    listener_.pause();
    return false;
  }
  Engine& engine = worker_.engine();
  const base::MonoTime now = worker_.loop.now();
  if (engine.rates.connections.reached(now) || engine.rates.sessions.reached(now) || site_.sessions.reached(now))
    return false;
  return !bind().ssl || !engine.tls.meter().is_full(base::mono_now());
}

Worker::Worker(Engine& engine, uint32_t index, server::Counters* counters)
    : Io(engine.config().global.tune.bufsize),
      engine_(engine),
      index_(index),
      counters_(counters),
      mailbox_(loop),
      turn_(loop),
      reader_(engine.patterns.grace(), [this] { mailbox_.post([] {}); }),
      few_sockets_(share(engine, engine.config().global.tune.pool_low_fd_ratio)),
      many_sockets_(share(engine, engine.config().global.tune.pool_high_fd_ratio)) {
  if (const size_t slots = engine.objects().slots(); slots > 0) add_idle_pools(static_cast<uint32_t>(slots) - 1);
  turn_.bind<&Worker::on_turn>(this);
}

Worker::~Worker() {
  for (auto& port : ports_) port->listener().close();
  for (IdlePool& pool : idle_) pool.drop();
  graveyard.empty();
}

void Worker::add_port(Site& site, server::Listener& place, base::Fd fd) {
  ports_.push_back(std::make_unique<Port>(*this, site, place, std::move(fd)));
}

void Worker::start() {
  thread_ = std::thread([this] { run(); });
}
void Worker::join() {
  if (thread_.joinable()) thread_.join();
}
// cpu-map. When the system refuses, the thread runs where it is put; Limits has told.
void Worker::bind_to_processors() {
  const std::vector<uint32_t>& cpus = engine_.config().global.cpu_map.of(index());
  if (cpus.empty()) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  for (uint32_t cpu : cpus) CPU_SET(cpu, &set);
  (void)::sched_setaffinity(0, sizeof set, &set);
}

void Worker::run() {
  thread_id_.store(::gettid(), std::memory_order_relaxed);
  bind_to_processors();
  loop.run();
}

void Worker::on_turn() {
  progress_.fetch_add(1, std::memory_order_relaxed);
  shaking_ = base::Nanos(0);
  reader_.quiet();
}

// Who shall carry a client that this worker has accepted; null: itself. Another with clearly fewer connections: at
// least two less, and an eighth less. Among few, numbers mislead: a worker that did not run for a moment still counts
// clients who have left. So of a burst nobody takes three in a row.
Worker* Worker::better_place(const config::Bind& bind) {
  uint32_t mine = connections(), least = kLeft;
  Worker* best = nullptr;
  for (const auto& other : engine_.workers) {
    uint32_t theirs = other->connections();
    if (other.get() == this || theirs >= least || !accepts(bind, other->index())) continue;
    least = theirs;
    best = other.get();
  }
  if (!best) return nullptr;
  base::MonoTime now = loop.now();
  if (now - last_kept_ > kBurst) kept_in_a_row_ = 0;
  bool few = mine <= kFew && least <= mine + kFew;
  if (mine >= least + 1 + mine / 8 || (few && kept_in_a_row_ >= 2)) {
    kept_in_a_row_ = 0;
    return best;
  }
  last_kept_ = now;
  ++kept_in_a_row_;
  return nullptr;
}

// Counted at once, so that a burst does not all go to the same worker, and so that it does not leave before it comes.
bool Worker::expect_connection() {
  uint32_t known = connections();
  while (known != kLeft)
    if (connections_.compare_exchange_weak(known, known + 1, std::memory_order_relaxed)) return true;
  return false;
}

void Worker::adopt(base::Fd fd, const base::SockAddr& from, Port& port) {
  begin(*new ClientConnection(*this, port, std::move(fd), from));
}

void Worker::begin(ClientConnection& connection) {
  clients_.push_back(connection);
  connection.port().site().sessions.add(loop.now());
  engine_.rates.sessions.add(loop.now());
  connection.start();
}

void Worker::welcome(base::Fd fd, const Guest& guest, Port& port) {
  engine_.connections.fetch_add(1, std::memory_order_relaxed);
  port.site().frontend->connections.fetch_add(1, std::memory_order_relaxed);
  port.place().connections.fetch_add(1, std::memory_order_relaxed);
  connections_.fetch_add(1, std::memory_order_relaxed);
  auto& connection = *new ClientConnection(*this, port, std::move(fd), base::SockAddr(guest.src));
  expr::Session& session = connection.session();
  session.dst = guest.dst;
  session.tls = guest.tls;
  session.trace = guest.trace;
  session.explained_name = guest.server_name;
  begin(connection);
}

void Worker::connection_closed(ClientConnection& connection) {
  server::Frontend& frontend = *connection.session().frontend;
  uint32_t before = frontend.connections.fetch_sub(1, std::memory_order_relaxed);
  uint32_t all = engine_.connections.fetch_sub(1, std::memory_order_relaxed);
  server::Listener& place = connection.port().place();
  const uint32_t before_there = place.connections.fetch_sub(1, std::memory_order_relaxed);
  connections_.fetch_sub(1, std::memory_order_relaxed);
  uint32_t limit = frontend.maxconn.load(std::memory_order_relaxed);
  walks_.leaving(connection);
  static_cast<base::ListHook<>&>(connection).unlink();
  graveyard.bury(std::unique_ptr<net::Mortal>(&connection));
  // Somebody was turned away: every worker may accept again.
  if ((limit && before >= limit) || (place.bind.maxconn && before_there >= place.bind.maxconn) ||
      all >= engine_.maxconn.load(std::memory_order_relaxed)) {
    for (const auto& worker : engine_.workers) worker->post([&w = *worker] { w.resume_ports(); });
  }
  if (stopping_) leave_if_done();
}

void Worker::keep_until_disposable(std::unique_ptr<Stream> stream) {
  waiting_for_slot_.push_back(std::move(stream));
}

void Worker::stream_disposable(Stream& stream) {
  for (auto& waiting : waiting_for_slot_) {
    if (waiting.get() != &stream) continue;
    graveyard.bury(std::move(waiting));
    waiting = std::move(waiting_for_slot_.back());
    waiting_for_slot_.pop_back();
    return;
  }
}

void Worker::resume_ports() {
  if (stopping_) return;
  for (auto& port : ports_)
    if (!port->place().full()) port->listener().resume();
}

void Worker::admit(const server::Frontend& frontend) {
  using Admission = server::Frontend::Admission;
  if (stopping_) return;
  for (auto& port : ports_) {
    if (port->site().frontend != &frontend) continue;
    // Sockets that others opened go on to listen, as with HAProxy: nobody knows who else has them.
    const auto& addresses = port->bind().addresses;
    const bool own = std::all_of(addresses.begin(), addresses.end(), [](const config::BindAddress& address) {
      return address.kind == config::BindAddress::Kind::ip;
    });
    switch (frontend.admission.load(std::memory_order_relaxed)) {
      case Admission::open:
        port->listener().enable();
        break;
      case Admission::paused:
        port->listener().disable(own);
        break;
      case Admission::shut:
        // Whoever has copies of it shall not let clients wait for us.
        port->listener().disable(true);
        port->listener().close();
    }
  }
}

void Worker::stop(bool hard) {
  if (!hard)
    for (auto& port : ports_) port->listener().drain();
  stopping_ = true;
  for (auto& port : ports_) port->listener().close();
  for (IdlePool& pool : idle_) pool.clear();
  stop_clients(hard);
  if (hard)
    loop.stop();
  else
    leave_if_done();
}

void Worker::stop_clients(bool hard) {
  std::vector<ClientConnection*> all;
  for (ClientConnection& client : clients_) all.push_back(&client);
  for (ClientConnection* client : all) client->stop(hard);
}

void Worker::see_clients_off() {
  std::vector<ClientConnection*> all;
  for (ClientConnection& client : clients_) all.push_back(&client);
  for (ClientConnection* client : all) client->see_off();
}

void Worker::end_exchanges_on(const server::Server& server, Reason reason) {
  std::vector<ClientConnection*> all;
  for (ClientConnection& client : clients_) all.push_back(&client);
  for (ClientConnection* client : all) client->end_exchange_on(server, reason);
}

bool Worker::forget(const server::Server& server) {
  bool free = idle(server).size() == 0;
  for (ClientConnection& client : clients_) {
    client.kept_servers().forget(server);
    client.for_each_exchange([&](Stream& stream) { free = stream.forget(server) && free; });
  }
  for (const auto& stream : waiting_for_slot_) free = stream->forget(server) && free;
  return free;
}

void Worker::make_room(const server::Server& server) {
  if (!server.permits()->wanted() || idle(server).close_one()) return;
  for (ClientConnection& client : clients_)
    if (client.kept_servers().close_one(server)) return;
}

void Worker::add_idle_pools(uint32_t last_slot) {
  for (auto slot = static_cast<uint32_t>(idle_.size()); slot <= last_slot; ++slot) idle_.emplace_back(counters_[slot]);
}

void Worker::close_idle() {
  // Of many thousand pools only some are looked at: the next connection goes on from there.
  constexpr size_t kMostPools = 64;
  for (size_t tries = std::min(idle_.size(), kMostPools); tries > 0; --tries) {
    IdlePool& pool = idle_[searched_++ % idle_.size()];
    if (pool.size() > 0 && pool.close_one()) return;
  }
}

void Worker::leave_if_done() {
  uint32_t none = 0;
  if (connections_.compare_exchange_strong(none, kLeft, std::memory_order_relaxed)) loop.stop();
}

}  // namespace lbd::stream
