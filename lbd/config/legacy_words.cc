// Words that newer HAProxy rejects, translated: each works and brings one warning that names its modern form.
//
// req* and rsp* lines were regular expressions on whole header lines. Those that name one header (what people wrote)
// become header rules; the others stay as they are, and lbd/rules does what they say (actions/header_line.cc). Manual
// of HAProxy 1.8, section 4.2.
#include <fmt/format.h>

#include "base/strings.h"
#include "lbd/config/proxy_word.h"

namespace lbd::config {
namespace {

void warn(cfg::Args& args, std::string modern) {
  args.diagnostics().warning(args.statement().loc, fmt::format("'{}' is an old word", args.name()),
                             "the modern form is: " + std::move(modern));
}

// A new rule at the place of the old words.
void add_rule(cfg::Args& args, Proxy& proxy, std::vector<std::string> words, const std::vector<cfg::Word>& condition) {
  cfg::Statement rule;
  rule.loc = args.statement().loc;
  for (std::string& word : words) rule.words.push_back({std::move(word), args.statement().loc});
  rule.words.insert(rule.words.end(), condition.begin(), condition.end());
  warn(args, rule.join());
  proxy.rules.push_back({std::move(rule), false});
}

// The value becomes a log format, where '%' is special.
std::string as_format(std::string_view text) {
  std::string out;
  for (char c : text) {
    out += c;
    if (c == '%') out += '%';
  }
  return out;
}

constexpr bool is_token_char(char c) {
  const char l = base::to_lower(c);
  return (l >= 'a' && l <= 'z') || base::is_digit(c) || c == '-' || c == '_';
}

// "^Name:" and what stands behind it in a pattern for a whole header line; an escaped blank counts as one.
struct HeaderPattern {
  std::string name, rest;
};
std::optional<HeaderPattern> header_of(std::string_view pattern) {
  if (pattern.starts_with('^')) pattern.remove_prefix(1);
  size_t end = 0;
  while (end < pattern.size() && is_token_char(pattern[end])) ++end;
  if (end == 0 || end >= pattern.size() || pattern[end] != ':') return std::nullopt;
  HeaderPattern out{std::string(pattern.substr(0, end)), std::string(pattern.substr(end + 1))};
  std::string_view rest = out.rest;
  for (std::string_view blank : {" *", "\\ *", "\\s*", "[ ]*", " ", "\\ "}) {
    if (!rest.starts_with(blank)) continue;
    rest.remove_prefix(blank.size());
    break;
  }
  out.rest = std::string(rest);
  return out;
}

constexpr const char* kUntranslatable =
    "write it with http-request or http-response replace-header, replace-path, deny …";

// What a line whose pattern names no single header would be today; `action` is the modern one.
std::string advice(bool request, std::string_view action, std::string_view pattern) {
  const std::string_view set = request ? "http-request" : "http-response", side = request ? "req" : "res";
  const auto header = header_of(pattern);
  if (header) return fmt::format("{} {} if {{ {}.hdr({}) -m reg {} }}", set, action, side, header->name, header->rest);
  return fmt::format("{} {} if {{ {} }}", set, action,
                     request ? "path_reg …, method … or req.hdr(NAME) -m reg …" : "status … or res.hdr(NAME) -m reg …");
}

// The line stays a rule as it is.
void keep_line(cfg::Args& args, Proxy& proxy, std::string modern) {
  args.rest();
  warn(args, std::move(modern));
  proxy.rules.push_back({args.statement(), false});
}

// reqadd "Name: value" [if …]
template <bool Request>
void add_header(cfg::Args& args, Proxy& proxy) {
  auto line = args.take<cfg::Word>();
  if (!line) return;
  const size_t colon = line->text.find(':');
  if (colon == std::string::npos || colon == 0)
    return args.error(fmt::format("'{}' expects a header such as 'Name: value'", args.name()));
  add_rule(args, proxy,
           {Request ? "http-request" : "http-response", "add-header", line->text.substr(0, colon),
            as_format(base::trim(std::string_view(line->text).substr(colon + 1)))},
           args.rest());
}

// reqdel ^Name:.* [if …]
template <bool Request>
void delete_header(cfg::Args& args, Proxy& proxy) {
  auto pattern = args.take<cfg::Word>();
  if (!pattern) return;
  auto header = header_of(pattern->text);
  if (!header || !(header->rest.empty() || header->rest == ".*" || header->rest == ".*$"))
    return keep_line(args, proxy, advice(Request, "del-header NAME", pattern->text));
  add_rule(args, proxy, {Request ? "http-request" : "http-response", "del-header", header->name}, args.rest());
}

// reqrep ^Name:\ (.*) Name:\ \1 [if …]
template <bool Request>
void replace_header(cfg::Args& args, Proxy& proxy) {
  auto pattern = args.take<cfg::Word>();
  if (!pattern) return;
  auto text = args.take<cfg::Word>();
  if (!text) return;
  auto from = header_of(pattern->text), to = header_of(text->text);
  if (!from || !to || !base::iequals(from->name, to->name))
    return keep_line(args, proxy,
                     Request ? "http-request replace-path, replace-uri or set-header" : "http-response set-header");
  const bool fold = args.name().ends_with("irep");
  add_rule(args, proxy,
           {Request ? "http-request" : "http-response", "replace-header", from->name,
            (fold ? "(?i)^" : "^") + from->rest, as_format(to->rest)},
           args.rest());
}

// reqdeny PATTERN [if …]: the modern action has the same end of its name.
template <bool Request>
void end_on_line(cfg::Args& args, Proxy& proxy) {
  auto pattern = args.take<cfg::Word>();
  if (!pattern) return;
  std::string_view action = args.name().substr(std::string_view("req").size());
  if (action.starts_with('i')) action.remove_prefix(1);
  keep_line(args, proxy, advice(Request, action, pattern->text));
}

void untranslatable(cfg::Args& args, Proxy&) {
  args.rest();
  args.error_at(args.statement().loc, fmt::format("'{}' is not supported any more", args.name()), kUntranslatable);
}

void block(cfg::Args& args, Proxy& proxy) {
  add_rule(args, proxy, {"http-request", "deny"}, args.rest());
}

// monitor-net NETWORK: its clients get a short 200 and no log.
void monitor_net(cfg::Args& args, Proxy& proxy) {
  auto network = args.take<std::string>();
  if (!network) return;
  cfg::Word source{*network, args.last()};
  std::vector<cfg::Word> condition;
  for (const char* word : {"if", "{", "src"}) condition.push_back({word, args.last()});
  condition.push_back(std::move(source));
  condition.push_back({"}", args.last()});
  if (proxy.mode == Mode::http)
    add_rule(args, proxy, {"http-request", "return", "status", "200"}, condition);
  else
    add_rule(args, proxy, {"tcp-request", "connection", "reject"}, condition);
}

template <auto Member>
void old_timeout(cfg::Args& args, Proxy& proxy) {
  auto time = args.take<base::Millis>();
  if (!time) return;
  proxy.timeouts.*Member = *time;
  const std::string_view name = args.name();
  warn(args, fmt::format("timeout {} {}",
                         name == "contimeout"   ? "connect"
                         : name == "clitimeout" ? "client"
                                                : "server",
                         args.statement()[1]));
}

void old_redispatch(cfg::Args& args, Proxy& proxy) {
  proxy.redispatch = -1;
  warn(args, "option redispatch");
}

void old_transparent(cfg::Args& args, Proxy& proxy) {
  proxy.options.set(static_cast<size_t>(Option::transparent));
  warn(args, "option transparent");
}

void forceclose(cfg::Args& args, Proxy& proxy) {
  if (args.form() == cfg::Form::plain) proxy.http_mode = HttpMode::close;
  warn(args, "option httpclose, or better nothing at all");
}

// Only the first request of a connection was looked at; now each one is.
void http_tunnel(cfg::Args& args, Proxy&) {
  warn(args, "nothing at all: connections are kept and every request is seen");
}

void htx(cfg::Args& args, Proxy&) {
  warn(args, "nothing at all");
}

void bind_process(cfg::Args& args, Proxy&) {
  args.rest();
  warn(args, "'thread' on the bind lines");
}

void old_grace(cfg::Args& args, Proxy&) {
  if (args.take<base::Millis>()) warn(args, "'grace' or 'hard-stop-after' in the global section");
}

constexpr uint32_t kFront = kInFrontend | kInNamedDefaults | kInDefaults;
constexpr uint32_t kBoth = kInProxies | kInNamedDefaults;

constexpr ProxyWord kRows[] = {
    {.name = "reqadd", .doc = "Old: add a header to requests.", .sections = kBoth, .set = add_header<true>},
    {.name = "rspadd", .doc = "Old: add a header to answers.", .sections = kBoth, .set = add_header<false>},
    {.name = "reqdel", .doc = "Old: delete a header of requests.", .sections = kBoth, .set = delete_header<true>},
    {.name = "reqidel", .doc = "Old: delete a header of requests.", .sections = kBoth, .set = delete_header<true>},
    {.name = "rspdel", .doc = "Old: delete a header of answers.", .sections = kBoth, .set = delete_header<false>},
    {.name = "rspidel", .doc = "Old: delete a header of answers.", .sections = kBoth, .set = delete_header<false>},
    {.name = "reqrep", .doc = "Old: rewrite a header of requests.", .sections = kBoth, .set = replace_header<true>},
    {.name = "reqirep", .doc = "Old: rewrite a header of requests.", .sections = kBoth, .set = replace_header<true>},
    {.name = "rsprep", .doc = "Old: rewrite a header of answers.", .sections = kBoth, .set = replace_header<false>},
    {.name = "rspirep", .doc = "Old: rewrite a header of answers.", .sections = kBoth, .set = replace_header<false>},
    {.name = "reqallow", .doc = "Old: let requests pass.", .sections = kBoth, .set = end_on_line<true>},
    {.name = "reqiallow", .doc = "Old: let requests pass.", .sections = kBoth, .set = end_on_line<true>},
    {.name = "reqdeny", .doc = "Old: deny requests.", .sections = kBoth, .set = end_on_line<true>},
    {.name = "reqideny", .doc = "Old: deny requests.", .sections = kBoth, .set = end_on_line<true>},
    {.name = "reqpass", .doc = "Old: leave requests alone.", .sections = kBoth, .set = untranslatable},
    {.name = "reqipass", .doc = "Old: leave requests alone.", .sections = kBoth, .set = untranslatable},
    {.name = "reqtarpit", .doc = "Old: tarpit requests.", .sections = kBoth, .set = end_on_line<true>},
    {.name = "reqitarpit", .doc = "Old: tarpit requests.", .sections = kBoth, .set = end_on_line<true>},
    {.name = "reqset", .doc = "Old: never did anything.", .sections = kBoth, .set = untranslatable},
    {.name = "reqsetbe", .doc = "Old: choose a backend; now use_backend.", .sections = kBoth, .set = untranslatable},
    {.name = "reqisetbe", .doc = "Old: choose a backend; now use_backend.", .sections = kBoth, .set = untranslatable},
    {.name = "rspdeny", .doc = "Old: deny answers.", .sections = kBoth, .set = end_on_line<false>},
    {.name = "rspideny", .doc = "Old: deny answers.", .sections = kBoth, .set = end_on_line<false>},
    {.name = "appsession",
     .doc = "Old: persistence; now a stick table.",
     .sections = kBackendSide,
     .set = untranslatable},
    {.name = "block", .doc = "Old: http-request deny.", .sections = kBoth, .set = block},
    {.name = "monitor-net",
     .doc = "Old: answer monitors of a network at once.",
     .sections = kFront,
     .set = monitor_net},
    {.name = "contimeout",
     .doc = "Old: timeout connect.",
     .sections = kBackendSide,
     .set = old_timeout<&Timeouts::connect>},
    {.name = "clitimeout",
     .doc = "Old: timeout client.",
     .sections = kFrontendSide,
     .set = old_timeout<&Timeouts::client>},
    {.name = "srvtimeout",
     .doc = "Old: timeout server.",
     .sections = kBackendSide,
     .set = old_timeout<&Timeouts::server>},
    {.name = "redispatch", .doc = "Old: option redispatch.", .sections = kBackendSide, .set = old_redispatch},
    {.name = "transparent", .doc = "Old: option transparent.", .sections = kBackendSide, .set = old_transparent},
    {.name = "option forceclose",
     .doc = "Old: option httpclose.",
     .sections = kEverySide,
     .set = forceclose,
     .flags = kNegatable},
    {.name = "option http-tunnel",
     .doc = "Old: look at the first request only.",
     .sections = kEverySide,
     .set = http_tunnel,
     .flags = kNegatable},
    {.name = "option http-use-htx",
     .doc = "Old: a way of keeping messages.",
     .sections = kEverySide,
     .set = htx,
     .flags = kNegatable},
    {.name = "bind-process",
     .doc = "Old: which processes serve the section.",
     .sections = kEverySide,
     .set = bind_process},
    {.name = "grace", .doc = "Old: go on for a while after a stop.", .sections = kEverySide, .set = old_grace},
};
const base::Registered<ProxyWord> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
