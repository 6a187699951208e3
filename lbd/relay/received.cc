#include "lbd/relay/received.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/strings.h"

namespace lbd::relay {
namespace {

using base::is_digit;
using base::LogFormat;
using Form = ReceivedMessage::Form;

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr size_t kRfc3164Date = std::string_view("Nov  1 02:03:04").size();
constexpr size_t kIsoSeconds = std::string_view("2026-11-01T02:03:04").size();

// '9': a digit, ' ': a blank or a digit; others as they are.
bool has_shape(std::string_view text, std::string_view shape) {
  if (text.size() < shape.size()) return false;
  for (size_t i = 0; i < shape.size(); ++i) {
    const bool fits = shape[i] == '9'   ? is_digit(text[i])
                      : shape[i] == '_' ? is_digit(text[i]) || text[i] == ' '
                                        : text[i] == shape[i];
    if (!fits) return false;
  }
  return true;
}

size_t month_of(std::string_view rfc3164) {
  return static_cast<size_t>(std::find(kMonths.begin(), kMonths.end(), rfc3164.substr(0, 3)) - kMonths.begin());
}

// Up to the next blank, which is taken, too; nothing when there is none.
std::optional<std::string_view> take_word(std::string_view& rest) {
  const size_t end = rest.find(' ');
  if (end == std::string_view::npos || end == 0) return std::nullopt;
  std::string_view word = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return word;
}

// The "-" of RFC 5424.
std::string_view unless_nil(std::string_view word) {
  return word == "-" ? std::string_view() : word;
}

// [ID NAME="VALUE" …]…: its length; nothing when it does not end.
std::optional<size_t> length_of_structured(std::string_view text) {
  size_t at = 0;
  while (at < text.size() && text[at] == '[') {
    bool quoted = false;
    for (++at; at < text.size() && (quoted || text[at] != ']'); ++at) {
      if (quoted && text[at] == '\\')
        ++at;
      else if (text[at] == '"')
        quoted = !quoted;
    }
    if (at >= text.size()) return std::nullopt;
    ++at;
  }
  return at > 0 ? std::optional(at) : std::nullopt;
}

bool read_rfc5424(std::string_view rest, ReceivedMessage& message) {
  constexpr std::string_view kVersion = "1 ";
  if (!rest.starts_with(kVersion)) return false;
  rest.remove_prefix(kVersion.size());
  std::array<std::string_view, 5> words;
  for (std::string_view& word : words) {
    auto next = take_word(rest);
    if (!next) return false;
    word = unless_nil(*next);
  }
  if (!words[0].empty() && !has_shape(words[0], "9999-99-99T99:99:99")) return false;
  const auto length = rest.starts_with('-') ? std::optional<size_t>(1) : length_of_structured(rest);
  if (!length || (*length < rest.size() && rest[*length] != ' ')) return false;
  message.date = words[0];
  message.host = words[1];
  message.tag = words[2];
  message.process = words[3];
  message.id = words[4];
  message.structured = unless_nil(rest.substr(0, *length));
  message.text = rest.substr(std::min(rest.size(), *length + 1));
  return true;
}

// "TAG: text", "TAG[PID]: text"; without it all is text.
void read_tag(ReceivedMessage& message) {
  const size_t end = message.text.find(' ');
  if (end == std::string_view::npos || end < 2 || message.text[end - 1] != ':') return;
  std::string_view tag = message.text.substr(0, end - 1);
  if (const size_t open = tag.find('['); tag.ends_with(']') && open != std::string_view::npos && open > 0) {
    message.process = tag.substr(open + 1, tag.size() - open - 2);
    tag = tag.substr(0, open);
  }
  message.tag = tag;
  message.text.remove_prefix(end + 1);
}

bool read_rfc3164(std::string_view rest, ReceivedMessage& message) {
  if (!has_shape(rest.substr(std::min<size_t>(rest.size(), 3)), " _9 99:99:99 ") || month_of(rest) == kMonths.size())
    return false;
  const std::string_view date = rest.substr(0, kRfc3164Date);
  rest.remove_prefix(kRfc3164Date + 1);
  const auto host = take_word(rest);
  if (!host || rest.empty()) return false;
  message.date = date;
  message.host = *host;
  message.text = rest;
  read_tag(message);
  return true;
}

// <N>, of at most three digits.
bool take_priority(std::string_view& rest, uint32_t& priority) {
  const size_t end = rest.find('>');
  if (!rest.starts_with('<') || end == std::string_view::npos || end < 2 || end > 4) return false;
  const auto number = base::parse_int<uint32_t>(rest.substr(1, end - 1));
  if (!number) return false;
  priority = *number;
  rest.remove_prefix(end + 1);
  return true;
}

void append_rfc3164(std::string& to, const ReceivedMessage& message, base::WallTime now) {
  if (message.form == Form::rfc3164) {
    to += message.date;
    return;
  }
  const auto month = message.date.empty() ? std::nullopt : base::parse_int<size_t>(message.date.substr(5, 2));
  if (!month || *month < 1 || *month > kMonths.size()) return base::append_rfc3164_date(to, now);
  const std::string_view day = message.date.substr(8, 2);
  fmt::format_to(std::back_inserter(to), "{} {}{} {}", kMonths[*month - 1], day[0] == '0' ? ' ' : day[0], day[1],
                 message.date.substr(11, kIsoSeconds - 11));
}

// What has no year is of this one, and of no zone that anybody knows ("-00:00", RFC 3339).
void append_iso(std::string& to, const ReceivedMessage& message, base::WallTime now) {
  if (message.date.empty()) return base::append_iso_date(to, now);
  if (message.form == Form::rfc5424) {
    to += message.date;
    return;
  }
  std::string today;
  base::append_iso_date(today, now);
  const std::string_view date = message.date;
  fmt::format_to(std::back_inserter(to), "{}-{:02}-{}{}T{}-00:00", std::string_view(today).substr(0, 4),
                 month_of(date) + 1, date[4] == ' ' ? '0' : date[4], date[5], date.substr(7));
}

std::string_view or_nil(std::string_view word) {
  return word.empty() ? std::string_view("-") : word;
}

LogFormat format_of(Form form) {
  switch (form) {
    case Form::raw:
      return LogFormat::raw;
    case Form::priority:
      return LogFormat::priority;
    case Form::rfc3164:
      return LogFormat::rfc3164;
    case Form::rfc5424:
      break;
  }
  return LogFormat::rfc5424;
}

}  // namespace

base::Level ReceivedMessage::level() const {
  return static_cast<base::Level>(priority % 8);
}

ReceivedMessage parse_received(std::string_view bytes) {
  ReceivedMessage message;
  std::string_view rest = bytes;
  message.text = bytes;
  if (!take_priority(rest, message.priority)) return message;
  message.form = Form::priority;
  message.text = rest;
  if (read_rfc5424(rest, message))
    message.form = Form::rfc5424;
  else if (read_rfc3164(rest, message))
    message.form = Form::rfc3164;
  return message;
}

void append_header(std::string& to, const ReceivedMessage& message, const base::SyslogOptions& options,
                   base::WallTime now) {
  const uint32_t facility = message.form == Form::raw ? options.facility : message.priority / 8;
  const uint32_t level = static_cast<uint32_t>(std::max(message.level(), options.min_level));
  const LogFormat format = options.format == LogFormat::unset ? format_of(message.form) : options.format;
  const auto out = std::back_inserter(to);
  switch (format) {
    case LogFormat::raw:
    case LogFormat::unset:
      return;
    case LogFormat::iso:
      append_iso(to, message, now);
      to += ' ';
      return;
    case LogFormat::brief:
    case LogFormat::timed:
      fmt::format_to(out, "<{}>", level);
      if (format == LogFormat::brief) return;
      append_iso(to, message, now);
      to += ' ';
      return;
    case LogFormat::priority:
      fmt::format_to(out, "<{}>", facility * 8 + level);
      return;
    case LogFormat::rfc5424:
      fmt::format_to(out, "<{}>1 ", facility * 8 + level);
      if (message.form == Form::rfc5424 && message.date.empty())
        to += '-';
      else
        append_iso(to, message, now);
      fmt::format_to(out, " {} {} {} {} {} ", or_nil(message.host), or_nil(message.tag), or_nil(message.process),
                     or_nil(message.id), or_nil(message.structured));
      return;
    case LogFormat::local:
    case LogFormat::rfc3164:
      fmt::format_to(out, "<{}>", facility * 8 + level);
      append_rfc3164(to, message, now);
      to += ' ';
      if (format == LogFormat::rfc3164) fmt::format_to(out, "{} ", message.host.empty() ? "localhost" : message.host);
      if (message.tag.empty()) return;
      to += message.tag;
      if (!message.process.empty()) fmt::format_to(out, "[{}]", message.process);
      to += ": ";
      return;
  }
}

}  // namespace lbd::relay
