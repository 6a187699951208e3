// Logging: what the daemons say of themselves (log()), and the syslog targets that haproxy.cfg's `log` lines name.
//
// log() formats one line and hands it to the process's logger: standard error at start, plus every target that was
// added. A SyslogTarget is one `log` line: address, format, facility, levels, length, sampling; lbd owns one a line and
// sends its traffic lines through them too. Bytes on the wire are those of HAProxy 2.6 (configuration manual, `log`).
// Sending never blocks: what the kernel does not take at once is counted in dropped() and lost.
// A LogLimit is a place (or an object) that may speak only so often; what it kept back it says with the next line.
//
// Thread: log() and SyslogTarget::send() any; the Logger is configured by one thread before the others start.
// Life: targets live as long as the process or the configuration that names them.
// Errors: open() says what is wrong with an address; send() cannot fail loudly.
#pragma once

#include <fmt/core.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/addr.h"
#include "base/fd.h"
#include "base/result.h"
#include "base/time.h"

namespace base {

enum class Level : uint8_t { emerg, alert, crit, err, warning, notice, info, debug };
enum class LogFormat : uint8_t { unset, local, rfc3164, rfc5424, priority, brief, timed, iso, raw };

std::string_view level_name(Level level);
std::optional<Level> parse_level(std::string_view name);
// The 24 facilities by their HAProxy names (kern … local7).
std::optional<uint8_t> parse_facility(std::string_view name);
std::optional<LogFormat> parse_log_format(std::string_view name);  // `short` is LogFormat::brief

// "Nov  1 02:03:04" and "2026-11-01T02:03:04.000005+00:00", local time.
void append_rfc3164_date(std::string& to, WallTime when);
void append_iso_date(std::string& to, WallTime when);

// `sample 1-2,5:10`: of each `period` lines those whose number (from 1) lies in a range are sent.
struct LogSample {
  struct Range {
    uint32_t low, high;
  };
  std::vector<Range> ranges;
  uint32_t period = 0;  // 0: all lines
  static Result<LogSample> parse(std::string_view text);
};

// Where the lines of a target go that is no address. Thread: any.
class SyslogSink {
 public:
  // False: the line is lost.
  virtual bool put(std::string_view header, std::string_view text) = 0;

 protected:
  ~SyslogSink() = default;
};

struct SyslogOptions {
  static constexpr size_t kDefaultLength = 1024;
  std::string address;         // IP[:port], /path, abns@name, fd@N, stdout, stderr
  SyslogSink* sink = nullptr;  // in place of the address
  LogFormat format = LogFormat::unset;
  uint8_t facility = 3;  // daemon
  Level level = Level::debug;
  Level min_level = Level::emerg;
  size_t length = kDefaultLength;  // 80–65535
  LogSample sample;
};

struct SyslogMessage {
  Level level = Level::info;
  WallTime when{};
  std::string_view text{};
  std::string_view tag{};         // "" leaves out tag and PID
  std::string_view structured{};  // RFC 5424 structured data, "" for none
};

// Process-wide identity in the header of every line. Set at start.
struct SyslogIdentity {
  std::string hostname;  // of log-send-hostname; empty: no such line
  std::string tag = "haproxy";
  pid_t pid = 0;  // 0: getpid()
};
SyslogIdentity& syslog_identity();

class SyslogTarget {
 public:
  static Result<std::unique_ptr<SyslogTarget>> open(SyslogOptions options);

  void send(const SyslogMessage& message);
  // For a message whose header is the caller's: whether it is wanted and its turn (`sample`), and then, its bytes.
  bool takes(Level level) { return wants(level) && !sampled_out(); }
  void deliver(std::string_view header, std::string_view text);
  bool wants(Level level) const { return level <= options_.level; }
  const SyslogOptions& options() const { return options_; }
  uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }
  // The header as it would stand before `message`; pure, for send() and tests.
  static void append_header(std::string& to, const SyslogOptions& options, const SyslogIdentity& identity,
                            const SyslogMessage& message);

 private:
  enum class Kind : uint8_t { datagram, stream_socket, file, sink };
  SyslogTarget() = default;
  bool sampled_out();
  void write_line(std::string_view header, std::string_view text, bool count_newline);
  bool write(std::string_view header, std::string_view text) const;

  SyslogOptions options_;
  Kind kind_ = Kind::datagram;
  Fd fd_;
  SockAddr to_;
  std::atomic<uint32_t> position_{0};
  std::atomic<uint64_t> dropped_{0};
};

// At most `burst` lines an `interval`.
class LogLimit {
 public:
  explicit LogLimit(uint32_t burst = 5, Nanos interval = Seconds(10)) : burst_(burst), interval_(interval) {}
  // False: keep silent. True: speak, and say of `*suppressed` lines that they were kept back.
  bool allow(MonoTime now, uint64_t* suppressed);

 private:
  std::mutex mutex_;
  const uint32_t burst_;
  const Nanos interval_;
  MonoTime since_{};
  uint32_t spoken_ = 0;
  uint64_t suppressed_ = 0;
};

// A LogLimit a key (a peer, a server); at most kKeys of them, the oldest period is forgotten first.
class KeyedLogLimit {
 public:
  static constexpr size_t kKeys = 1024;
  explicit KeyedLogLimit(uint32_t burst = 5, Nanos interval = Seconds(10)) : burst_(burst), interval_(interval) {}
  bool allow(std::string_view key, MonoTime now, uint64_t* suppressed);

 private:
  struct Window {
    MonoTime since;
    uint32_t spoken;
    uint64_t suppressed;
  };
  std::mutex mutex_;
  const uint32_t burst_;
  const Nanos interval_;
  std::unordered_map<std::string, Window> windows_;
};

class Logger {
 public:
  enum class Stderr : uint8_t {
    off,
    human,    // "[NOTICE]   (PID) : text", HAProxy's start messages
    journal,  // "<5>text", what systemd reads
  };
  static Logger& instance();

  void set_level(Level level) { level_.store(level, std::memory_order_relaxed); }
  Level level() const { return level_.load(std::memory_order_relaxed); }
  void set_stderr(Stderr mode) { stderr_ = mode; }
  // Journal style when standard error is connected to the journal, human otherwise.
  void detect_stderr();
  void add_target(std::shared_ptr<SyslogTarget> target) { targets_.push_back(std::move(target)); }
  void clear_targets() { targets_.clear(); }
  uint64_t dropped() const;

  bool wants(Level level) const { return level <= this->level(); }
  void write(Level level, std::string_view text);

 private:
  std::atomic<Level> level_{Level::info};
  Stderr stderr_ = Stderr::human;
  std::vector<std::shared_ptr<SyslogTarget>> targets_;
};

template <typename... Args>
void log(Level level, fmt::format_string<Args...> format, Args&&... args) {
  Logger& logger = Logger::instance();
  if (logger.wants(level)) logger.write(level, fmt::format(format, std::forward<Args>(args)...));
}

// `static base::LogLimit limit; base::log_limited(limit, Level::warning, …)`.
template <typename... Args>
void log_limited(LogLimit& limit, Level level, fmt::format_string<Args...> format, Args&&... args) {
  uint64_t kept_back = 0;
  if (!Logger::instance().wants(level) || !limit.allow(mono_now(), &kept_back)) return;
  std::string text = fmt::format(format, std::forward<Args>(args)...);
  if (kept_back) text += fmt::format(" ({} like this kept back)", kept_back);
  Logger::instance().write(level, text);
}

template <typename... Args>
void log_limited(KeyedLogLimit& limit, std::string_view key, Level level, fmt::format_string<Args...> format,
                 Args&&... args) {
  uint64_t kept_back = 0;
  if (!Logger::instance().wants(level) || !limit.allow(key, mono_now(), &kept_back)) return;
  std::string text = fmt::format(format, std::forward<Args>(args)...);
  if (kept_back) text += fmt::format(" ({} like this kept back)", kept_back);
  Logger::instance().write(level, text);
}

}  // namespace base
