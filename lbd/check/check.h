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

namespace lbd::tls {
class Contexts;
}

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
  bool bare = false;      // neither TLS nor a PROXY header, whatever the server line says of checks
  bool gentle = false;    // closed rather than reset
  std::string sni, alpn;  // of TLS; "": as the server line says
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

class Dialogue {
 public:
  virtual ~Dialogue() = default;
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
  virtual std::string_view host() const { return {}; }
  // What is said of a failure to connect, behind the reason.
  virtual std::string where() const { return {}; }
};

// What a plan may know of the process.
struct Setting {
  std::string node;  // `node` of the global section, or the host's name
  size_t buffer_size = 16384;
  const tls::Contexts* tls = nullptr;  // null: there are none
  bool may_start_programs = false, may_change_user = false;
  bool keeps_environment = false;  // of such programs
  bool never_local = false;        // PROXY v2 headers of checks name addresses
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
  virtual std::unique_ptr<Run> run(base::Loop& loop, const server::Server& server, Deadlines deadlines,
                                   const Setting& setting, RunClient& client) const = 0;
  // The port of the first connection when the plan itself names one.
  virtual uint16_t begin_port() const { return 0; }
};

// Of checks that talk to the server.
class DialoguePlan : public Plan {
 public:
  std::unique_ptr<Run> run(base::Loop& loop, const server::Server& server, Deadlines deadlines, const Setting& setting,
                           RunClient& client) const override;
  virtual std::unique_ptr<Dialogue> begin(const server::Server& server, const Setting& setting) const = 0;
};

struct CheckRow {
  std::string_view name;  // CheckSpec::type
  std::string_view doc;
  // Null when something was reported to `diagnostics`.
  std::unique_ptr<Plan> (*compile)(const config::CheckSpec& spec, cfg::Diagnostics& diagnostics);
};
using Checks = base::Registered<CheckRow>;

// Null when something is wrong with it.
std::unique_ptr<Plan> compile(const config::CheckSpec& spec, cfg::Diagnostics& diagnostics);
// How a server is checked: by the words of its proxy, or by those of the section that it names.
const config::CheckSpec& spec_of(const config::Proxy& proxy, const config::Server& server);
// At load: the words of the checks are right, and every checked server says where to connect to.
void check(const config::Config& config, cfg::Diagnostics& diagnostics);
void check(const config::Proxy& proxy, cfg::Diagnostics& diagnostics);

}  // namespace lbd::check
