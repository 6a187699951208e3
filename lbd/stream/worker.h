// Worker: one thread that carries connections from accept to close: its loop, its listeners, its pools of buffers and
// of idle server connections, its counters. Nothing of it is touched by another thread but through post().
//
// Life: made by the main thread with its listening sockets, run() by its own thread, ends when stop() was asked and
// (softly) the last connection is gone. Spreading: with SO_REUSEPORT the kernel spreads by hash, which with few
// connections is uneven, so a worker that accepts while it has clearly more than another hands the socket over.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "base/grace.h"
#include "base/mailbox.h"
#include "lbd/net/io.h"
#include "lbd/net/listener.h"
#include "lbd/server/counters.h"
#include "lbd/stream/close.h"
#include "lbd/stream/engine.h"
#include "lbd/stream/idle_pool.h"
#include "lbd/stream/moved.h"
#include "lbd/stream/walks.h"

namespace lbd::stream {

class ClientConnection;
class Stream;

// Whether this worker serves connections of a bind line: its word `thread`.
inline bool accepts(const config::Bind& bind, uint32_t worker) {
  return bind.threads == 0 || (bind.threads >> worker & 1) != 0;
}

// A socket of a listener, as this worker has it. A connection may be carried by another worker than the one
// that accepted it: what says where it came from does not change.
class Port : public net::AcceptHandler {
 public:
  Port(Worker& worker, Site& site, server::Listener& place, base::Fd fd);
  bool accepted(base::Fd fd, const base::SockAddr& from) override;
  // maxconnrate, maxsessrate, rate-limit sessions, maxsslconn, maxsslrate
  bool wants_more() override;
  net::Listener& listener() { return listener_; }
  Site& site() { return site_; }
  const config::Bind& bind() const { return place_.bind; }
  // What the workers' sockets have in common.
  server::Listener& place() const { return place_; }

 private:
  Worker& worker_;
  Site& site_;
  server::Listener& place_;
  net::Listener listener_;
};

// Where a worker's connections go in place of the servers, when it only explains.
class StandIn {
 public:
  virtual base::Result<base::Fd> connect(const server::Server& server) = 0;
  // Whether what it connects to understands HTTP/2, where a server shall be spoken to so.
  virtual bool speaks_h2() const { return false; }

 protected:
  ~StandIn() = default;
};

// Who a client that did not come through a listener is taken for.
struct Guest {
  base::IpPort src, dst;
  bool tls = false;
  expr::Trace* trace = nullptr;
  std::string_view server_name;  // of its TLS; outlives the connection
};

class Worker : public net::Io {
 public:
  Worker(Engine& engine, uint32_t index, server::Counters* counters);
  ~Worker();

  // Before the thread runs.
  void add_port(Site& site, server::Listener& place, base::Fd fd);
  void start();  // the thread
  void join();
  void run();  // the thread's body
  void bind_to_processors();

  // Any thread.
  void post(base::Mailbox::Task task) { mailbox_.post(std::move(task)); }
  base::Mailbox& mailbox() { return mailbox_; }
  uint32_t connections() const { return connections_.load(std::memory_order_relaxed); }
  // Its thread has ended, or is about to.
  bool left() const { return connections() == kLeft; }
  // Counts up with each turn of the loop: the link to vrrpd reads it to see that the worker lives.
  uint64_t progress() const { return progress_.load(std::memory_order_relaxed); }
  // The kernel's number of its thread; 0: it does not run yet.
  pid_t thread_id() const { return thread_id_.load(std::memory_order_relaxed); }

  // This thread.
  Engine& engine() const { return engine_; }
  uint32_t index() const { return index_; }
  // Handshakes of a turn: private keys take milliseconds, and streams are not to wait for all of a burst.
  bool may_shake_hands() const { return shaking_ < kHandshakesPerTurn; }
  void shook_hands(base::Nanos time) { shaking_ += time; }
  uint64_t next_client_id() { return ++last_client_id_; }
  server::Counters& counters(uint32_t slot) { return counters_[slot]; }
  // Null: without `option socket-stats`.
  server::Counters* counters(const server::Listener* listener) {
    return listener && listener->slot ? &counters_[*listener->slot] : nullptr;
  }
  IdlePool& idle(const server::Server& server) {
    if (server.slot() >= idle_.size()) [[unlikely]]
      add_idle_pools(server.slot());
    return idle_[server.slot()];
  }
  // tune.pool-low-fd-ratio, tune.pool-high-fd-ratio: each worker has its share of the descriptors. Whether idle
  // connections are kept; and before one more is opened, an idle one may have to go.
  bool has_sockets_to_keep() const { return sockets < few_sockets_; }
  void spare_socket() {
    if (sockets >= many_sockets_) [[unlikely]]
      close_idle();
  }
  uint64_t second() const { return server::RateCounter::second_of(loop.now()); }
  void adopt(base::Fd fd, const base::SockAddr& from, Port& port);
  void welcome(base::Fd fd, const Guest& guest, Port& port);
  // A connection of the process before us goes on here, as if it had come through `port`.
  void take_over(MovedConnection moved, Port& port);
  // What may go to the process after us goes there, while this one drains.
  void move_clients();
  const std::vector<std::unique_ptr<Port>>& ports() const { return ports_; }
  StandIn* stand_in = nullptr;
  void connection_closed(ClientConnection& connection);
  // Streams that ended while a slot was on its way to them.
  void keep_until_disposable(std::unique_ptr<Stream> stream);
  void stream_disposable(Stream& stream);
  // Soft: no new connections, idle ones are closed, the thread ends with the last exchange. Hard: at once.
  void stop(bool hard);
  bool stopping() const { return stopping_; }
  // Those of HTTP/2 are told that their next requests belong on another connection (GOAWAY).
  void see_clients_off();
  // Those between two requests are sent away; hard: all, whatever they do.
  void stop_clients(bool hard);
  // Ends what runs on a server: on-marked-down shutdown-sessions, the runtime API.
  void end_exchanges_on(const server::Server& server, Reason reason);
  // The server is not in its backend any more: nobody here is to think of it. False: somebody still uses it.
  bool forget(const server::Server& server);
  // Somebody waits for a permit of this server: an idle connection to it goes, if there is one here.
  void make_room(const server::Server& server);
  // A frontend is full or has room again.
  void resume_ports();
  // The frontend takes clients now, or no longer.
  void admit(const server::Frontend& frontend);
  Walks& walks() { return walks_; }

 private:
  friend class Port;
  // In place of a number of connections: this worker has left and takes no more.
  static constexpr uint32_t kLeft = ~0u;
  void on_turn();
  bool expect_connection();
  void begin(ClientConnection& connection);
  void leave_if_done();
  Worker* better_place(const config::Bind& bind);

  Engine& engine_;
  uint32_t index_;
  server::Counters* counters_;
  base::Mailbox mailbox_;
  base::Prepare turn_;
  base::Grace::Reader reader_;  // of maps and ACL files
  std::vector<std::unique_ptr<Port>> ports_;
  void add_idle_pools(uint32_t last_slot);
  void close_idle();
  std::deque<IdlePool> idle_;  // one for each slot; only those of servers are used
  size_t searched_ = 0;        // of idle_, the next one from which a connection may be taken
  const uint64_t few_sockets_, many_sockets_;
  uint64_t last_client_id_ = 0;
  base::List<ClientConnection> clients_;
  Walks walks_{clients_};
  std::vector<std::unique_ptr<Stream>> waiting_for_slot_;
  std::atomic<uint32_t> connections_{0};
  std::atomic<uint64_t> progress_{0};
  std::atomic<pid_t> thread_id_{0};
  static constexpr base::Nanos kHandshakesPerTurn = base::Millis(2);
  base::Nanos shaking_{0};  // in this turn
  bool stopping_ = false;
  base::MonoTime last_kept_;  // a client that was accepted here, and how many in a row
  uint32_t kept_in_a_row_ = 0;
  std::thread thread_;
};

}  // namespace lbd::stream
