// CommandRow: one command of the runtime API: its words, its level, its usage, what it does. A command is one row.
//
// The row with the most words that the line begins with is meant. Services is what commands may act upon.
// Thread: the control thread. Errors: a command writes what is wrong into its answer, in HAProxy's words.
// Manual: management.txt 9.3.
#pragma once

#include <atomic>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/registry.h"
#include "lbd/cache/cache.h"
#include "lbd/cli/tls_transactions.h"
#include "lbd/config/added_backend.h"
#include "lbd/expr/pattern_files.h"
#include "lbd/expr/vars.h"
#include "lbd/log/event.h"
#include "lbd/server/objects.h"
#include "lbd/server/operator.h"
#include "lbd/server/supervisor.h"
#include "lbd/stats/process.h"
#include "lbd/stats/statistics.h"
#include "lbd/table/tables.h"

namespace lbd::dns {
class Names;
}

namespace lbd::stream {
class Engine;
}

namespace lbd::cli {

using Level = config::CliLevel;

std::string_view level_name(Level level);  // "admin"

// For `show cli sockets`.
struct SocketFacts {
  std::string address;
  Level level = Level::operator_;
};

// What commands ask of the process that is not one of its parts.
class Host {
 public:
  // Frontends may accept more than before: whoever paused them looks again.
  virtual void limits_raised() = 0;
  // Whether the frontend takes clients has changed.
  virtual void admission_changed(server::Frontend& frontend) = 0;
  // Every exchange on the server ends.
  virtual void shutdown_sessions(server::Server& server) = 0;
  // Every worker clears its counters: the maxima, with `all` also what only grows.
  virtual void clear_counters(bool all) = 0;
  // Hands the listening sockets over to the client of a runtime socket.
  virtual base::Status hand_over_listeners(int to) = 0;
  // Gives the client of a runtime socket what it needs to inherit everything else (lbd/heir).
  virtual base::Status bequeath(int to) = 0;
  // A server that comes, with what is to be said of it, or goes: `done` is called later, in this thread.
  virtual base::Result<std::string> add_server(server::Backend& backend, const std::string& name,
                                               std::span<const std::string> words) = 0;
  virtual void remove_server(server::Server& server, std::function<void(base::Status)> done) = 0;
  // A backend that comes, or goes: `done` is called later, in this thread.
  virtual base::Status add_backend(const config::AddedBackendLine& line) = 0;
  virtual void remove_backend(server::Backend& backend, std::function<void(base::Status)> done) = 0;
  // What would become of a request, as text; see lbd/explain/question.h for how it is written.
  virtual std::string explain(std::string_view question) = 0;

 protected:
  ~Host() = default;
};

// What a command may change about the session that runs it.
struct SessionState {
  Level level = Level::operator_;
  bool interactive = false;
  bool quit = false;
  base::Nanos timeout{0};
  int socket = -1;
  bool exposes_listeners = false;
  bool experimental = false, expert = false;
  // How the severity of a message is told in front of it (set severity-output).
  enum class Severity : uint8_t { none, number, string } severity = Severity::none;
  base::MonoTime begun{};
};

struct Services {
  const config::Config& config;
  server::Objects& objects;
  server::Operator& operator_;
  server::Supervisor& supervisor;
  stats::Statistics& statistics;
  table::Tables& tables;
  const cache::Caches& caches;
  Host& host;
  std::vector<SocketFacts> sockets;
  std::atomic<uint32_t>* process_maxconn = nullptr;
  tls::Contexts* tls = nullptr;
  stats::Rates* rates = nullptr;
  compression::Meter* compression = nullptr;
  TlsTransactions transactions = {};
  tls::OcspUpdater* ocsp = nullptr;
  const dns::Names* names = nullptr;
  expr::PatternFiles* patterns = nullptr;
  expr::ProcessVars* variables = nullptr;
  stream::Engine* engine = nullptr;                // whose workers carry what `show sess` shows
  base::Mailbox* home = nullptr;                   // of the control thread
  std::vector<const log::Ring*> rings = {};        // buf0 first
  base::Loop* loop = nullptr;                      // of the control thread
  std::string startup_log = {};                    // what was said at the start
  std::vector<const SessionState*> sessions = {};  // of the runtime sockets
};

// What has become of an answer: there is more; there will be when somebody calls wake(); the same, for as long as the
// client says nothing; that was all.
enum class More : uint8_t { there_is, waits, watches, done };

struct Invocation {
  Services& services;
  SessionState& session;
  std::vector<std::string> words;  // all of them, the command's own too
  std::string payload;
  std::string answer;    // lines, each ended; the session adds the empty line behind it
  size_t arguments = 0;  // index of the first word behind the command's
  // The rest of a long answer, a piece with each call, as the client reads it. What the command looks at may change
  // between two calls.
  std::function<More(std::string& answer)> more = {};
  // Any thread: what `more` waits for is there. Does nothing when the session is gone.
  std::function<void()> wake = {};

  // "" beyond the end; from 0.
  std::string_view argument(size_t index) const {
    return arguments + index < words.size() ? std::string_view(words[arguments + index]) : std::string_view();
  }
  size_t argument_count() const { return words.size() - arguments; }
  bool allowed(Level least);  // false: has answered "Permission denied"
  void say(std::string_view line);
  // The same for what is wrong, with its severity in front where the session wants that.
  void refuse(std::string_view line);
};

struct CommandRow {
  std::string_view name = {};   // "set server"
  std::string_view usage = {};  // what follows the name in the help
  std::string_view doc = {};
  Level level = Level::user;
  bool expert = false;  // only in `expert-mode`, and in the help only there
  void (*run)(Invocation& invocation) = nullptr;
};

// For what ends later: the invocation answers when the function that this gives is called, with `done` or the error.
std::function<void(base::Status)> answer_when_done(Invocation& invocation, std::string done);

// "[3]: ", "[err]: " or nothing, in front of a message of this severity (as of syslog).
std::string_view severity_mark(SessionState::Severity how, base::Level level);

// `number`, `string`; anything else: none.
inline SessionState::Severity parse_severity(std::string_view word) {
  using Severity = SessionState::Severity;
  return word == "number" ? Severity::number : word == "string" ? Severity::string : Severity::none;
}

// Null when no command begins so.
const CommandRow* find_command(const std::vector<std::string>& words);

// Runs it or answers what is wrong with it.
void execute(Invocation& invocation);

// "b/s" → the server; null: has answered what is wrong.
server::Server* find_server(Invocation& invocation, std::string_view name);

}  // namespace lbd::cli
