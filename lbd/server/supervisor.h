// Supervisor: the one place where servers change state, whoever wants it: health checks, an operator, the server that
// is tracked, the traffic itself. It applies the change, sends those that waited for a server that went down to
// another one, lets the share of one that came up grow (slowstart), takes along the servers that track it, and says
// so in HAProxy's words.
//
// Life: as the objects. Thread: control thread (the main thread before workers start). Errors: an operator's mistakes
// come back as an Error whose text is HAProxy's answer. Texts are those of HAProxy 2.6.
// Manual: 5.2 track, slowstart, on-marked-down, on-marked-up; option log-health-checks, redispatch, persist.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "lbd/server/health.h"
#include "lbd/server/objects.h"
#include "lbd/server/state_file.h"
#include "lbd/server/tracking.h"

namespace lbd::server {

// Who hears of it. Called in the control thread.
class EventSink {
 public:
  // One line for the logs of the backend, without a newline.
  virtual void event(const Backend& backend, base::Level level, const std::string& text) = 0;
  // The same for those of whom operators may want mail: `level` is that of email-alert.
  virtual void worth_a_mail(const Backend&, base::Level /*level*/, const std::string& /*text*/) {}
  // on-marked-down shutdown-sessions, on-marked-up shutdown-backup-sessions: end the streams of `server`.
  virtual void shutdown_sessions(Server& server) = 0;
  // Nobody is to use connections to its earlier address any more.
  virtual void address_changed(Server&) {}
  // Nobody answers its checks: the name of the server may have another address.
  virtual void address_in_doubt(Server&) {}

 protected:
  ~EventSink() = default;
};

// Who checks (lbd/check).
class Checker {
 public:
  // The server left maintenance, or its health or address was set: check it now rather than when its time has come.
  virtual void check_soon(Server& server) = 0;
  // Its traffic fails: it is checked as if its state were about to change (fastinter).
  virtual void hurry(Server& server) = 0;

 protected:
  ~Checker() = default;
};

class Supervisor {
 public:
  Supervisor(const Objects& objects, EventSink& sink);
  void set_checker(Checker* checker) { checker_ = checker; }  // null: nobody checks

  // A server comes at run time, before it is in its backend; `leader`: which it tracks. Its checks begin when an
  // operator says so.
  void add(Server& server, Server* leader);
  void remove(const Server& server);
  bool is_tracked(const Server& server) const { return !tracking_.followers(server).empty(); }

  // Before anything runs: the server is as it was in another process. What was set against another line of the file
  // than there is now is left.
  void restore(Server& server, const SavedServer& saved, base::MonoTime now);

  // A check of the server has ended.
  void checked(Server& server, CheckReport report, base::MonoTime now);

  // `observe`: as many as `error-limit` in a row went wrong with its traffic, `last` as this says.
  void traffic_failed(Server& server, std::string_view last, base::MonoTime now);

  // The agent of the server answered, or could not be asked. What it wants beside up and down was done before.
  void agent_said(Server& server, CheckReport report, base::MonoTime now);

  // Administrative bits as a whole (see Operator::apply), and those that come from elsewhere.
  void set_admin(Server& server, uint8_t bits, base::MonoTime now);
  void set_weight(Server& server, uint32_t weight);
  // set server b/s health up|stopping|down.
  base::Status set_health(Server& server, Operational state, base::MonoTime now);
  // set server b/s agent up|down.
  base::Status set_agent(Server& server, bool up, base::MonoTime now);
  // The answer of the CLI: "IP changed from 'a' to 'b', … by 'who'"; without `port` the port stays.
  base::Result<std::string> set_address(Server& server, std::string_view ip, std::string_view port,
                                        std::string_view who);

  // --- names (lbd/dns)
  // What the name of the server resolves to, and who says so: "mydns/dns1".
  void resolved(Server& server, const base::IpPort& address, std::string_view by);
  // An SRV record names the server, or ("") none does any more.
  void set_host(Server& server, const std::string& host, std::string_view by);
  // Ends the maintenance of a server without address, if it is in it; `thanks`: an answer of its own did so.
  void name_found(Server& server, bool thanks, base::MonoTime now);
  // The name has no address any more; `why`: "DNS NX status".
  void name_lost(Server& server, std::string_view why, base::MonoTime now);

  // enable, disable health b/s; agent b/s.
  void pause_checks(Server& server, bool paused);
  void pause_agent(Server& server, bool paused);

  // Slowstart: when tick() wants to be called next; kNever while no server is ramping.
  base::MonoTime next_tick() const;
  void tick(base::MonoTime now);

 private:
  struct Ramp {
    Server* server;
    base::MonoTime start, next;
  };
  void begin(Server& server);
  void restore_admin(Server& server, uint8_t saved, base::MonoTime now);
  struct Cause {
    std::string text;  // ", reason: …", ", changed from CLI"
    const Server* via = nullptr;
  };

  void change(Server& server, Operational state, const Cause& cause, base::MonoTime now);
  void follow(Server& follower, const Server& leader, base::MonoTime now);
  // `why`: of maintenance that nobody wanted.
  void set_admin_via(Server& server, uint8_t bits, const Server* via, base::MonoTime now, std::string_view why = {});
  void enter_maintenance(Server& server, uint8_t bits, const std::string& cause);
  void leave_maintenance(Server& server, uint8_t bits, base::MonoTime now);
  void check_soon(Server& server);
  void move(Server& server, const base::IpPort& address);
  void log(const Server& server, base::Level level, std::string_view text);
  // The log, and mail.
  void announce(const Server& server, base::Level level, std::string_view text);
  void log_check(const Server& server, const std::string& text);
  void log_emptied(const Backend& backend, bool had_usable);
  // Sends those that wait for it elsewhere if they may go; says how many went.
  uint32_t requeue(Server& server);
  void start_ramp(Server& server, base::MonoTime now);

  EventSink& sink_;
  Checker* checker_ = nullptr;
  Tracking tracking_;
  std::vector<Ramp> ramps_;
};

}  // namespace lbd::server
