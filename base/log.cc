#include "base/log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <ctime>

#include "base/strings.h"

namespace base {
namespace {

constexpr std::array<std::string_view, 8> kLevels = {"emerg",   "alert",  "crit", "err",
                                                     "warning", "notice", "info", "debug"};
constexpr std::array<std::string_view, 24> kFacilities = {
    "kern", "user",  "mail",  "daemon", "auth",   "syslog", "lpr",    "news",   "uucp",   "cron",   "auth2",  "ftp",
    "ntp",  "audit", "alert", "cron2",  "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"};
constexpr std::array<std::string_view, 9> kFormats = {"",      "local", "rfc3164", "rfc5424", "priority",
                                                      "short", "timed", "iso",     "raw"};
constexpr uint16_t kSyslogPort = 514;

template <size_t N>
std::optional<size_t> index_of(const std::array<std::string_view, N>& names, std::string_view name) {
  auto it = std::find(names.begin(), names.end(), name);
  if (it == names.end() || name.empty()) return std::nullopt;
  return static_cast<size_t>(it - names.begin());
}

// Both date forms of one second, made once a second and thread.
struct DateCache {
  time_t second = -1;
  std::string rfc3164;    // "Nov  1 02:03:04"
  std::string iso_start;  // "2026-11-01T02:03:04"
  std::string zone;       // "+00:00"

  void update(time_t now) {
    if (now == second) return;
    second = now;
    tm local{};
    localtime_r(&now, &local);
    static constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    rfc3164 = fmt::format("{} {:2} {:02}:{:02}:{:02}", kMonths[static_cast<size_t>(local.tm_mon)], local.tm_mday,
                          local.tm_hour, local.tm_min, local.tm_sec);
    iso_start = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", local.tm_year + 1900, local.tm_mon + 1,
                            local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec);
    long offset = local.tm_gmtoff / 60;
    zone = fmt::format("{}{:02}:{:02}", offset < 0 ? '-' : '+', std::abs(offset) / 60, std::abs(offset) % 60);
  }
};

const DateCache& dates_of(WallTime when) {
  static thread_local DateCache cache;
  cache.update(std::chrono::system_clock::to_time_t(when));
  return cache;
}

void append_number(std::string& to, int64_t number) {
  to += fmt::format_int(number).str();
}

void append_priority(std::string& to, int64_t priority) {
  to += '<';
  append_number(to, priority);
  to += '>';
}

// A full pipe on standard error must not stop a daemon: a pipe that is writable takes PIPE_BUF bytes at once.
void write_stderr(std::string& line) {
  if (line.size() > PIPE_BUF) {
    line.resize(PIPE_BUF);
    line.back() = '\n';
  }
  pollfd ready{STDERR_FILENO, POLLOUT, 0};
  if (poll(&ready, 1, 0) != 1 || !(ready.revents & POLLOUT)) return;
  while (::write(STDERR_FILENO, line.data(), line.size()) < 0 && errno == EINTR) {
  }
}

// A pipe or terminal gets an open file description of its own, so that making it non-blocking does not surprise the
// others that share ours.
Fd open_unblocking(int fd) {
  struct stat info {};
  if (fstat(fd, &info) < 0) return Fd();
  if (S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode)) {
    Fd own(::open(fmt::format("/proc/self/fd/{}", fd).c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    if (own) return own;
  }
  Fd copy(fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (copy && (S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode))) (void)Fd::set_nonblock(copy.get());
  return copy;
}

}  // namespace

void append_rfc3164_date(std::string& to, WallTime when) {
  to += dates_of(when).rfc3164;
}

void append_iso_date(std::string& to, WallTime when) {
  const DateCache& dates = dates_of(when);
  auto micros = (when.time_since_epoch() % Seconds(1)).count();
  to += dates.iso_start;
  fmt::format_to(std::back_inserter(to), ".{:06}", micros);
  to += dates.zone;
}

std::string_view level_name(Level level) {
  return kLevels[static_cast<size_t>(level)];
}

std::optional<Level> parse_level(std::string_view name) {
  auto at = index_of(kLevels, name);
  return at ? std::optional(static_cast<Level>(*at)) : std::nullopt;
}

std::optional<uint8_t> parse_facility(std::string_view name) {
  auto at = index_of(kFacilities, name);
  return at ? std::optional(static_cast<uint8_t>(*at)) : std::nullopt;
}

std::optional<LogFormat> parse_log_format(std::string_view name) {
  auto at = index_of(kFormats, name);
  return at ? std::optional(static_cast<LogFormat>(*at)) : std::nullopt;
}

Result<LogSample> LogSample::parse(std::string_view text) {
  LogSample sample;
  size_t colon = text.rfind(':');
  auto period = colon == text.npos ? std::nullopt : parse_int<uint32_t>(text.substr(colon + 1));
  if (!period || *period == 0) return Err("expected <ranges>:<sample_size>");
  sample.period = *period;
  for (std::string_view piece : split(text.substr(0, colon), ',')) {
    size_t dash = piece.find('-');
    auto low = parse_int<uint32_t>(piece.substr(0, dash));
    auto high = dash == piece.npos ? low : parse_int<uint32_t>(piece.substr(dash + 1));
    if (!low || !high || *low == 0 || *low > *high) return Err(fmt::format("'{}' is not a range", piece));
    if (*high > sample.period) return Err(fmt::format("range '{}' exceeds the sample size {}", piece, sample.period));
    for (const Range& other : sample.ranges)
      if (*low <= other.high && other.low <= *high) return Err(fmt::format("range '{}' overlaps another one", piece));
    sample.ranges.push_back({*low, *high});
  }
  return sample;
}

SyslogIdentity& syslog_identity() {
  static SyslogIdentity identity;
  return identity;
}

Result<std::unique_ptr<SyslogTarget>> SyslogTarget::open(SyslogOptions options) {
  std::unique_ptr<SyslogTarget> target(new SyslogTarget);
  std::string_view address = options.address;
  if (options.sink) {
    target->kind_ = Kind::sink;
    target->options_ = std::move(options);
    return target;
  }
  if (address == "stdout") address = "fd@1";
  if (address == "stderr") address = "fd@2";
  if (address.starts_with("fd@")) {
    auto number = parse_int<int>(address.substr(3));
    if (!number || *number < 0) return Err(fmt::format("'{}' names no file descriptor", address));
    int type = 0;
    socklen_t length = sizeof type;
    bool is_socket = getsockopt(*number, SOL_SOCKET, SO_TYPE, &type, &length) == 0;
    target->kind_ = is_socket ? Kind::stream_socket : Kind::file;
    target->fd_ = is_socket ? Fd(fcntl(*number, F_DUPFD_CLOEXEC, 3)) : open_unblocking(*number);
    if (!target->fd_) return Err(Error::from_errno(fmt::format("log target {}", address)));
  } else {
    if (address.starts_with("udp@")) address.remove_prefix(4);
    if (address.starts_with("unix@")) address.remove_prefix(5);
    if (address.starts_with("abns@")) {
      target->to_ = SockAddr::abstract(address.substr(5), /*zero_padded=*/true);
    } else if (address.starts_with('/')) {
      if (address.size() >= sizeof(sockaddr_un::sun_path))
        return Err(fmt::format("socket path '{}' is too long", address));
      target->to_ = SockAddr::unix_path(address);
    } else {
      if (address.starts_with("ipv4@") || address.starts_with("ipv6@")) address.remove_prefix(5);
      IpPort to{{}, kSyslogPort};
      auto whole = IpAddr::parse(address);
      if (whole) {
        to.ip = *whole;
      } else {
        size_t colon = address.rfind(':');
        if (colon == address.npos) return Err(whole.error().text);
        std::string_view host = address.substr(0, colon);
        if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
        auto port = parse_int<uint16_t>(address.substr(colon + 1));
        if (!port || *port == 0) return Err(fmt::format("'{}' is not a port", address.substr(colon + 1)));
        to.ip = TRY(IpAddr::parse(host));
        to.port = *port;
      }
      target->to_ = SockAddr(to);
    }
    target->fd_ = Fd(socket(target->to_.family(), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!target->fd_) return Err(Error::from_errno(fmt::format("log target {}", options.address)));
  }
  target->options_ = std::move(options);
  return target;
}

void SyslogTarget::append_header(std::string& to, const SyslogOptions& options, const SyslogIdentity& identity,
                                 const SyslogMessage& message) {
  LogFormat format = options.format;
  if (format == LogFormat::unset) format = identity.hostname.empty() ? LogFormat::local : LogFormat::rfc3164;
  Level level = std::max(message.level, options.min_level);
  int64_t priority = options.facility * 8 + static_cast<int64_t>(level);
  switch (format) {
    case LogFormat::unset:
    case LogFormat::local:
    case LogFormat::rfc3164:
      append_priority(to, priority);
      append_rfc3164_date(to, message.when);
      to += ' ';
      if (format == LogFormat::rfc3164) {
        to += identity.hostname.empty() ? "localhost" : identity.hostname;
        to += ' ';
      }
      if (!message.tag.empty()) {
        to += message.tag;
        to += '[';
        append_number(to, identity.pid ? identity.pid : getpid());
        to += "]: ";
      }
      break;
    case LogFormat::rfc5424:
      append_priority(to, priority);
      to += "1 ";
      append_iso_date(to, message.when);
      to += ' ';
      to += identity.hostname.empty() ? "-" : identity.hostname;
      to += ' ';
      to += message.tag.empty() ? "-" : message.tag;
      to += ' ';
      append_number(to, identity.pid ? identity.pid : getpid());
      to += " - ";
      to += message.structured.empty() ? "-" : message.structured;
      to += ' ';
      break;
    case LogFormat::priority:
      append_priority(to, priority);
      break;
    case LogFormat::brief:
    case LogFormat::timed:
      append_priority(to, static_cast<int64_t>(level));
      if (format == LogFormat::brief) break;
      [[fallthrough]];
    case LogFormat::iso:
      append_iso_date(to, message.when);
      to += ' ';
      break;
    case LogFormat::raw:
      break;
  }
}

bool SyslogTarget::sampled_out() {
  const LogSample& sample = options_.sample;
  if (sample.period == 0) return false;
  uint32_t number = position_.fetch_add(1, std::memory_order_relaxed) % sample.period + 1;
  return std::none_of(sample.ranges.begin(), sample.ranges.end(),
                      [&](const auto& range) { return range.low <= number && number <= range.high; });
}

bool SyslogTarget::write(std::string_view header, std::string_view text) const {
  if (kind_ == Kind::sink) return options_.sink->put(header, text);
  iovec pieces[3] = {{const_cast<char*>(header.data()), header.size()},
                     {const_cast<char*>(text.data()), text.size()},
                     {const_cast<char*>("\n"), 1}};
  size_t size = header.size() + text.size() + 1;
  ssize_t sent;
  do {
    if (kind_ == Kind::file) {
      sent = writev(fd_.get(), pieces, 3);
    } else {
      msghdr message{};
      if (kind_ == Kind::datagram) {
        message.msg_name = const_cast<sockaddr*>(to_.sa());
        message.msg_namelen = to_.length();
      }
      message.msg_iov = pieces;
      message.msg_iovlen = 3;
      sent = sendmsg(fd_.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
  } while (sent < 0 && errno == EINTR);
  return sent == static_cast<ssize_t>(size);
}

void SyslogTarget::send(const SyslogMessage& message) {
  if (!takes(message.level)) return;
  static thread_local std::string header;
  header.clear();
  append_header(header, options_, syslog_identity(), message);
  write_line(header, message.text, kind_ != Kind::datagram || header.empty());
}

void SyslogTarget::deliver(std::string_view header, std::string_view text) {
  write_line(header, text, kind_ != Kind::datagram);
}

// `length` bounds the line; HAProxy counts the newline in it on descriptors and, of its own lines, in `raw`.
void SyslogTarget::write_line(std::string_view header, std::string_view text, bool count_newline) {
  size_t room = options_.length;
  if (kind_ == Kind::sink)
    room += header.size();  // a ring bounds the text by this, and has a limit of its own for both
  else if (count_newline)
    --room;
  std::string_view head(header.data(), std::min(header.size(), room));
  text = text.substr(0, room - head.size());
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  if (!write(head, text)) dropped_.fetch_add(1, std::memory_order_relaxed);
}

bool LogLimit::allow(MonoTime now, uint64_t* suppressed) {
  std::lock_guard lock(mutex_);
  if (now - since_ >= interval_) {
    since_ = now;
    spoken_ = 0;
  }
  if (spoken_ >= burst_) {
    ++suppressed_;
    return false;
  }
  ++spoken_;
  *suppressed = std::exchange(suppressed_, 0);
  return true;
}

bool KeyedLogLimit::allow(std::string_view key, MonoTime now, uint64_t* suppressed) {
  std::lock_guard lock(mutex_);
  auto it = windows_.find(std::string(key));
  if (it == windows_.end()) {
    if (windows_.size() >= kKeys)
      windows_.erase(std::min_element(windows_.begin(), windows_.end(),
                                      [](const auto& a, const auto& b) { return a.second.since < b.second.since; }));
    it = windows_.emplace(key, Window{now, 0, 0}).first;
  }
  Window& window = it->second;
  if (now - window.since >= interval_) {
    window.since = now;
    window.spoken = 0;
  }
  if (window.spoken >= burst_) {
    ++window.suppressed;
    return false;
  }
  ++window.spoken;
  *suppressed = std::exchange(window.suppressed, 0);
  return true;
}

Logger& Logger::instance() {
  static Logger logger;
  return logger;
}

void Logger::detect_stderr() {
  // systemd sets JOURNAL_STREAM=device:inode of the stream that it connected.
  const char* stream = getenv("JOURNAL_STREAM");
  struct stat info {};
  if (stream && fstat(STDERR_FILENO, &info) == 0 && fmt::format("{}:{}", info.st_dev, info.st_ino) == stream)
    stderr_ = Stderr::journal;
  else
    stderr_ = Stderr::human;
}

uint64_t Logger::dropped() const {
  uint64_t all = 0;
  for (const auto& target : targets_) all += target->dropped();
  return all;
}

void Logger::write(Level level, std::string_view text) {
  if (stderr_ != Stderr::off) {
    std::string line;
    if (stderr_ == Stderr::journal) {
      line = fmt::format("<{}>{}\n", static_cast<int>(level), text);
    } else {
      std::string name(level_name(level));
      for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      line = fmt::format("{:<11}({}) : {}\n", '[' + name + ']', getpid(), text);
    }
    write_stderr(line);
  }
  SyslogMessage message{.level = level, .when = wall_now(), .text = text, .tag = syslog_identity().tag};
  for (const auto& target : targets_) target->send(message);
}

}  // namespace base
