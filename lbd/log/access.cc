#include "lbd/log/access.h"

#include <fmt/format.h>

#include "lbd/expr/trace.h"

namespace lbd::log {
namespace {

constexpr size_t kLongest = 65535;  // `len` of a log line

// One buffer a thread for lines and one for structured data, since both are needed at once.
struct LineBuffers {
  char line[kLongest];
  char structured[kLongest];
};

LineBuffers& buffers() {
  static thread_local std::unique_ptr<LineBuffers> mine = std::make_unique<LineBuffers>();
  return *mine;
}

bool is_empty(const expr::LogFormat* format) {
  return !format || format->empty();
}

// As %tr and %t write it: 21/Nov/2026:01:21:42.806.
char* print_date(char* to, size_t room, base::WallTime when) {
  auto since = when.time_since_epoch();
  auto seconds = static_cast<time_t>(std::chrono::duration_cast<base::Seconds>(since).count());
  auto millis = std::chrono::duration_cast<base::Millis>(since).count() % 1000;
  tm parts{};
  localtime_r(&seconds, &parts);
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return fmt::format_to_n(to, room, "{:02}/{}/{}:{:02}:{:02}:{:02}.{:03}", parts.tm_mday, kMonths[parts.tm_mon],
                          parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec, millis)
      .out;
}

}  // namespace

bool has_failed(const expr::Transaction& transaction, bool http) {
  char cause = transaction.termination.cause;
  if (cause != '-' && cause != 'L') return true;
  if (transaction.redispatched || transaction.retries > 0) return true;
  return http && transaction.status >= 500;
}

AccessLog::AccessLog(const config::Proxy& proxy, const TargetList& targets, const AccessFormats& formats)
    : proxy_(proxy), targets_(targets), formats_(formats) {
  announces_ = !targets_.empty() && is_empty(formats_.line);
}

bool AccessLog::left_out(const expr::Transaction& transaction, bool failed) const {
  if (transaction.log_level == -1) return true;
  if (proxy_.has(config::Option::dontlognull) && transaction.bytes_in == 0 && transaction.bytes_out == 0) return true;
  return !failed && proxy_.has(config::Option::dontlog_normal);
}

void AccessLog::announce(expr::Transaction& transaction) const {
  const expr::Session& session = transaction.session;
  char* to = buffers().line;
  auto end = fmt::format_to_n(to, kLongest, "Connect from {} to {} ({}/{})", session.src.to_string(),
                              session.dst.to_string(), proxy_.name, proxy_.mode == config::Mode::http ? "HTTP" : "TCP");
  send(base::Level::info, {to, end.out}, transaction);
}

void AccessLog::emit_line(expr::Transaction& transaction) const {
  if (is_empty(formats_.line)) return;
  bool failed = has_failed(transaction, proxy_.mode == config::Mode::http);
  if (left_out(transaction, failed)) return;
  base::Level level = base::Level::info;
  if (failed && proxy_.has(config::Option::log_separate_errors)) level = base::Level::err;
  if (transaction.log_level >= 0) level = static_cast<base::Level>(transaction.log_level);
  char* to = buffers().line;
  size_t size = formats_.line->print(transaction, to, kLongest);
  send(level, {to, size}, transaction);
}

void AccessLog::emit_error(expr::Transaction& transaction, std::string_view reason) const {
  base::Level level = proxy_.has(config::Option::log_separate_errors) ? base::Level::err : base::Level::info;
  char* to = buffers().line;
  if (!is_empty(formats_.error))
    return send(level, {to, formats_.error->print(transaction, to, kLongest)}, transaction);
  const expr::Session& session = transaction.session;
  char* end = fmt::format_to_n(to, kLongest, "{} [", session.src.to_string()).out;
  end = print_date(end, 64, session.accepted);
  std::string_view bind = session.bind ? std::string_view(session.bind->name) : std::string_view();
  auto room = static_cast<size_t>(to + kLongest - end);
  // An unnamed listener is known by its number.
  if (bind.empty())
    end = fmt::format_to_n(end, room, "] {}/{}: {}", proxy_.name, session.bind_index, reason).out;
  else
    end = fmt::format_to_n(end, room, "] {}/{}: {}", proxy_.name, bind, reason).out;
  send(level, {to, static_cast<size_t>(end - to)}, transaction);
}

void AccessLog::send(base::Level level, std::string_view text, expr::Transaction& transaction) const {
  if (expr::dry(transaction)) return;
  base::SyslogMessage message{level, base::wall_now(), text, {}, {}};
  message.tag = proxy_.log_tag.empty() ? std::string_view(base::syslog_identity().tag) : proxy_.log_tag;
  if (!is_empty(formats_.structured)) {
    char* to = buffers().structured;
    message.structured = {to, formats_.structured->print(transaction, to, kLongest)};
  }
  for (base::SyslogTarget* target : targets_) target->send(message);
}

}  // namespace lbd::log
