// Checks: what is said to a server to learn whether it is well.
//
// A CheckRow is a kind of check (`option httpchk`). It compiles a proxy's words into a Plan once, at load; for each
// run the Plan makes a Dialogue, which is pure: it is told that the connection stands and what has been received, and
// says what is to be sent and when it has its result. Connecting, the PROXY line, deadlines and closing are the
// Connection's (connection.h), which is how such a check runs; others start a program. When a server is checked is the
// Scheduler's; what the result means is the Supervisor's. So a new kind of check is one file with a Dialogue and a row.
// Thread: plans are immutable; dialogues belong to the control thread. Errors: at load, at the word.
// Manual: 4.2 option httpchk and the like, http-check, tcp-check.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/addr.h"
#include "base/ev.h"
#include "base/registry.h"
#include "cfg/diag.h"
#include "lbd/config/config.h"
#include "lbd/server/check_report.h"
#include "lbd/server/server.h"

namespace lbd::expr {
struct CompileContext;
class PatternFiles;
struct Process;
}  // namespace lbd::expr
namespace lbd::tls {
class Contexts;
class TlsTransport;
}  // namespace lbd::tls

namespace lbd::check {

using server::CheckReport;
using server::CheckResult;
using server::CheckStatus;

// Whether a status means success.
CheckResult result_of(CheckStatus status);
// `detail` is cut where HAProxy cuts it.
CheckReport report(CheckStatus status, std::string detail = {}, int code = -1);

// Where a connection of a check goes, as far as it differs from what the server line says.
struct Target {
  uint16_t port = 0;  // 0: that of the check, or of the server
  std::optional<base::IpAddr> ip;
  bool send_proxy = false;
  bool tls = false;
  bool bare = false;    // neither TLS nor a PROXY header, whatever the server line says of checks
  bool gentle = false;  // closed rather than reset
  bool via_socks4 = false;
  std::string sni, alpn;  // of TLS; "": as the server line says
  std::string proto;      // h1, h2; "": as ALPN or the server line says
};

struct Progress {
  enum class Kind : uint8_t {
    more,     // wait for bytes
    connect,  // close, and connect to `target`
    done,     // `report` is the result
  } kind = Kind::more;
  CheckReport report;
  Target target;

  static Progress more() { return {}; }
  static Progress done(CheckReport report) { return {.kind = Kind::done, .report = std::move(report), .target = {}}; }
  static Progress connect(const Target& target) { return {.kind = Kind::connect, .report = {}, .target = target}; }
};

// What carries a dialogue, as long as its connection stands.
struct Link {
  int fd = -1;
  const tls::TlsTransport* tls = nullptr;  // null: in clear
};

class Dialogue {
 public:
  virtual ~Dialogue() = default;
  // Before it is connected; for expressions that look at the connection.
  virtual void attach(const Link&) {}
  // Where the first connection goes.
  virtual Target target() const { return {}; }
  // The connection stands. What is appended to `out` is sent.
  virtual Progress connected(std::string& out) = 0;
  // `bytes`: all that was received on this connection, at most a buffer; `closed`: no more will come.
  virtual Progress received(std::string_view bytes, bool closed, std::string& out) = 0;
  // The deadline passed while bytes were awaited.
  virtual CheckReport timed_out() const { return report(CheckStatus::l7_timeout); }
  // It speaks HTTP, in the text of HTTP/1, whichever version carries it.
  virtual bool is_http() const { return false; }
  // The name that the next request on a new connection asks for; "": none.
  virtual std::string host() { return {}; }
  // What is said of a failure to connect, behind the reason.
  virtual std::string where() const { return {}; }
};

// What a plan may know of the process.
struct Setting {
  std::string node;  // `node` of the global section, or the host's name
  size_t buffer_size = 16384;
  const tls::Contexts* tls = nullptr;  // null: there are none
  bool may_start_programs = false, may_change_user = false;
  bool keeps_environment = false;          // of such programs
  bool never_local = false;                // PROXY v2 headers of checks name addresses
  const expr::Process* process = nullptr;  // that expressions may look at
};

struct Deadlines {
  base::Nanos connect;    // to connect
  base::Nanos total;      // of the check, unless
  base::Nanos answer{0};  // there is one for what comes behind connecting; 0: there is none
};

class RunClient {
 public:
  // May destroy the run.
  virtual void check_done(CheckReport report) = 0;

 protected:
  ~RunClient() = default;
};

// One run of a check; who destroys it before it has reported ends it silently.
class Run {
 public:
  virtual ~Run() = default;
  // May report, and with it be destroyed, before it returns.
  virtual void start() = 0;
};

class Plan {
 public:
  virtual ~Plan() = default;
  virtual std::unique_ptr<Run> run(base::Loop& loop, server::Server& server, Deadlines deadlines,
                                   const Setting& setting, RunClient& client) const = 0;
  // The plan itself names the port of the first connection.
  virtual bool names_port() const { return false; }
  // What its expressions are made of.
  void keep(std::shared_ptr<void> storage) { storage_ = std::move(storage); }

 private:
  std::shared_ptr<void> storage_;
};

// Of checks that talk to the server.
class DialoguePlan : public Plan {
 public:
  std::unique_ptr<Run> run(base::Loop& loop, server::Server& server, Deadlines deadlines, const Setting& setting,
                           RunClient& client) const override;
  virtual std::unique_ptr<Dialogue> begin(server::Server& server, const Setting& setting) const = 0;
};

struct CheckRow {
  std::string_view name;  // CheckSpec::type
  std::string_view doc;
  // Null when something was reported.
  std::unique_ptr<Plan> (*compile)(const config::CheckSpec& spec, expr::CompileContext& context);
};
using Checks = base::Registered<CheckRow>;

// Null when something is wrong with it. `files`: the pattern files of the process; null: it gets some of its own.
std::unique_ptr<Plan> compile(const config::CheckSpec& spec, const config::Config& config, const config::Proxy& proxy,
                              cfg::Diagnostics& diagnostics, expr::PatternFiles* files = nullptr);
// How a server is checked: by the words of its proxy, or by those of the section that it names.
const config::CheckSpec& spec_of(const config::Proxy& proxy, const config::Server& server);
// At load: the words of the checks are right, and every checked server says where to connect to.
void check(const config::Config& config, cfg::Diagnostics& diagnostics);
void check(const config::Config& config, const config::Proxy& proxy, cfg::Diagnostics& diagnostics);

}  // namespace lbd::check
