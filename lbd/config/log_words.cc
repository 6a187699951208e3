// The words of proxies about logging: manual 4.2 and 8.2.
#include <fmt/format.h>

#include "base/strings.h"
#include "lbd/config/log_line.h"
#include "lbd/config/proxy_word.h"

namespace lbd::config {
namespace {

void add_log(cfg::Args& args, Proxy& proxy) {
  if (args.form() != cfg::Form::plain) {
    proxy.logs.clear();
    proxy.log_global = false;
    return;
  }
  if (args.accept("global")) {
    proxy.log_global = true;
    return;
  }
  if (auto log = parse_log_line(args)) proxy.logs.push_back(std::move(*log));
}

// In a defaults section, where nothing can have meant the earlier line.
void warn_override(cfg::Args& args, const Proxy& proxy) {
  if (!proxy.is_defaults || proxy.log_format == LogFormatKind::none) return;
  const bool own =
      proxy.log_format_location.source == proxy.location.source && proxy.log_format_location.line > proxy.location.line;
  if (!own) return;
  const std::string_view earlier = base::trim(proxy.log_format_location.source->line(proxy.log_format_location.line));
  args.diagnostics().warning(args.statement().loc,
                             fmt::format("'{}' overrides the earlier '{}'", args.statement().join(), earlier));
}

// The last of the lines that choose a format wins; a formatted one forgets the text of a custom one.
template <LogFormatKind Kind>
void set_format(cfg::Args& args, Proxy& proxy) {
  warn_override(args, proxy);
  proxy.clf = false;
  if constexpr (Kind == LogFormatKind::http || Kind == LogFormatKind::tcp) proxy.clf = args.accept("clf");
  proxy.log_format = Kind;
  proxy.log_format_location = args.statement().loc;
  proxy.log_format_text.reset();
}

void set_custom_format(cfg::Args& args, Proxy& proxy) {
  auto text = args.take<cfg::Word>();
  if (!text) return;
  warn_override(args, proxy);
  proxy.log_format = LogFormatKind::custom;
  proxy.log_format_location = args.statement().loc;
  proxy.log_format_text = std::move(*text);
}

void keep_line(cfg::Args& args, Proxy& proxy) {
  args.rest();
  proxy.other_lines.push_back(args.statement());
}

constexpr ProxyWord kRows[] = {
    {.name = "log", .doc = "Where log lines go.", .sections = kEverySide, .set = add_log, .flags = kNegatable},
    {.name = "log-tag",
     .doc = "Name of the program in log lines.",
     .sections = kEverySide,
     .set = cfg::field<&Proxy::log_tag>()},
    {.name = "log-format", .doc = "Log lines as this text says.", .sections = kEverySide, .set = set_custom_format},
    {.name = "log-format-sd",
     .doc = "Structured data of RFC 5424 log lines.",
     .sections = kEverySide,
     .set = cfg::field<&Proxy::log_format_sd_text>()},
    {.name = "log-steps",
     .doc = "Steps at which a line is logged.",
     .sections = kFrontendSide,
     .set = keep_line,
     .pending = "one line is logged at the end"},
    {.name = "error-log-format",
     .doc = "Log lines of connections that failed early.",
     .sections = kEverySide,
     .set = cfg::field<&Proxy::error_log_format_text>()},
    {.name = "unique-id-format",
     .doc = "Format of the unique id of a request.",
     .sections = kFrontendSide,
     .set = cfg::field<&Proxy::unique_id_format_text>()},
    {.name = "unique-id-header",
     .doc = "Header that tells the server the unique id.",
     .sections = kFrontendSide,
     .set = cfg::field<&Proxy::unique_id_header>()},
    {.name = "option httplog",
     .doc = "Log lines of HTTP requests.",
     .sections = kEverySide,
     .set = set_format<LogFormatKind::http>},
    {.name = "option httpslog",
     .doc = "Log lines of HTTPS requests.",
     .sections = kEverySide,
     .set = set_format<LogFormatKind::https>},
    {.name = "option tcplog",
     .doc = "Log lines of TCP connections.",
     .sections = kEverySide,
     .set = set_format<LogFormatKind::tcp>},
};
const base::Registered<ProxyWord> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
