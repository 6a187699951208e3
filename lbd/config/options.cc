// `option X` lines of proxies: manual 4.2. Log formats and checks have files of their own.
#include <fmt/format.h>

#include <algorithm>

#include "base/addr.h"
#include "lbd/config/proxy_word.h"

namespace lbd::config {
namespace {

// A bit of Proxy::options; "no" and "default" clear it, since all are off by default.
struct Flag {
  cfg::Range range;  // min: the Option
  template <typename Model>
  static void run(cfg::Args& args, Model& proxy, const cfg::Range& range) {
    proxy.options.set(static_cast<size_t>(range.min), args.form() == cfg::Form::plain);
  }
};
constexpr Flag flag(Option option) {
  return {{static_cast<int64_t>(option), 0}};
}

// The connection modes exclude each other; "no" undoes only the one it names.
template <HttpMode Which>
void set_http_mode(cfg::Args& args, Proxy& proxy) {
  if (args.form() == cfg::Form::plain)
    proxy.http_mode = Which;
  else if (proxy.http_mode == Which)
    proxy.http_mode = HttpMode::keep_alive;
}

void set_httpclose(cfg::Args& args, Proxy& proxy) {
  set_http_mode<HttpMode::close>(args, proxy);
  if (args.form() == cfg::Form::plain)
    args.diagnostics().report(cfg::Severity::advice, args.statement().loc,
                              "'option httpclose' closes the client's connection after each answer",
                              "the modern forms are 'option http-server-close' and 'option http-keep-alive'");
}

// forwardfor and originalto: [except NETWORK] [header NAME] [if-none]
void set_forwardfor(cfg::Args& args, Proxy& proxy) {
  ForwardFor out;
  out.on = true;
  while (!args.at_end()) {
    if (args.accept("except")) {
      auto network = args.take<std::string>();
      if (!network) return;
      auto prefix = base::IpPrefix::parse(*network);
      if (!prefix) return args.error(fmt::format("'except' expects an address or a network, not '{}'", *network));
      out.except = *prefix;
    } else if (args.accept("header")) {
      auto name = args.take<std::string>();
      if (!name) return;
      out.header = *name;
    } else if (args.accept("if-none")) {
      out.if_none = true;
    } else {
      args.next();
      return args.error("'option forwardfor' takes only 'except', 'header' and 'if-none'");
    }
  }
  proxy.forward_for = out;
}

void set_forwarded(cfg::Args& args, Proxy& proxy) {
  if (args.form() != cfg::Form::plain) {
    proxy.forwarded.reset();
    return;
  }
  Forwarded out;
  const struct {
    std::string_view name;
    Forwarded::Part Forwarded::*part;
  } parts[] = {{"host", &Forwarded::host},
               {"by", &Forwarded::by},
               {"by_port", &Forwarded::by_port},
               {"for", &Forwarded::for_},
               {"for_port", &Forwarded::for_port}};
  if (args.at_end()) out.proto = out.for_.wanted = true;
  while (const cfg::Word* word = args.next()) {
    std::string_view name = word->text;
    const bool expression = name.ends_with("-expr");
    if (expression) name.remove_suffix(std::string_view("-expr").size());
    const auto part =
        std::find_if(std::begin(parts), std::end(parts), [&](const auto& row) { return row.name == name; });
    if (name == "proto" && !expression) {
      out.proto = true;
    } else if (part == std::end(parts)) {
      return args.error(fmt::format("'option forwarded' does not take '{}'", word->text),
                        "proto, and each of host, by, by_port, for, for_port alone or as 'by-expr EXPR'");
    } else {
      Forwarded::Part& chosen = out.*part->part;
      if (chosen.wanted) return args.error(fmt::format("'{}' stands here twice", name));
      chosen.wanted = true;
      if (expression && !(chosen.expression = args.take<cfg::Word>())) return;
    }
  }
  proxy.forwarded = out;
}

void set_originalto(cfg::Args& args, Proxy& proxy) {
  proxy.original_to = "X-Original-To";
  while (!args.at_end()) {
    if (args.accept("except")) {
      auto network = args.take<std::string>();
      if (!network) return;
      auto prefix = base::IpPrefix::parse(*network);
      if (!prefix) return args.error(fmt::format("'except' expects an address or a network, not '{}'", *network));
      proxy.original_to_except = *prefix;
    } else if (args.accept("header")) {
      if (auto name = args.take<std::string>()) proxy.original_to = *name;
    } else {
      args.next();
      return args.error("'option originalto' takes only 'except' and 'header'");
    }
  }
}

void set_redispatch(cfg::Args& args, Proxy& proxy) {
  if (args.form() != cfg::Form::plain) {
    proxy.redispatch.reset();
    return;
  }
  // Without interval: at the last retry only.
  int interval = -1;
  if (!args.at_end()) {
    auto value = args.take<int32_t>();
    if (!value) return;
    interval = *value;
  }
  proxy.redispatch = interval == 0 ? std::nullopt : std::optional<int>(interval);
}

void set_tcpka(cfg::Args&, Proxy& proxy) {
  if (proxy.frontend || proxy.is_defaults) proxy.options.set(static_cast<size_t>(Option::clitcpka));
  if (proxy.backend || proxy.is_defaults) proxy.options.set(static_cast<size_t>(Option::srvtcpka));
}

void set_restrict_names(cfg::Args& args, Proxy& proxy) {
  const std::vector<std::string_view> kinds = {"preserve", "delete", "reject"};
  auto kind = args.take_choice(kinds);
  if (!kind) return;
  proxy.restrict_header_names = kinds[*kind];
  proxy.options.set(static_cast<size_t>(Option::http_restrict_req_hdr_names), *kind != 0);
}

constexpr ProxyWord kRows[] = {
    {.name = "option abortonclose",
     .doc = "Drop requests whose client left while they wait.",
     .sections = kBackendSide,
     .set = flag(Option::abortonclose),
     .flags = kNegatable},
    {.name = "option accept-invalid-http-request",
     .doc = "Relax the check of requests.",
     .sections = kFrontendSide,
     .set = flag(Option::accept_invalid_http_request),
     .flags = kNegatable},
    {.name = "option accept-invalid-http-response",
     .doc = "Relax the check of answers.",
     .sections = kBackendSide,
     .set = flag(Option::accept_invalid_http_response),
     .flags = kNegatable},
    {.name = "option accept-unsafe-violations-in-http-request",
     .doc = "Relax the check of requests (modern name of accept-invalid-http-request).",
     .sections = kFrontendSide,
     .set = flag(Option::accept_invalid_http_request),
     .flags = kNegatable},
    {.name = "option accept-unsafe-violations-in-http-response",
     .doc = "Relax the check of answers (modern name of accept-invalid-http-response).",
     .sections = kBackendSide,
     .set = flag(Option::accept_invalid_http_response),
     .flags = kNegatable},
    {.name = "option allbackups",
     .doc = "All backup servers share the load.",
     .sections = kBackendSide,
     .set = flag(Option::allbackups),
     .flags = kNegatable},
    {.name = "option checkcache",
     .doc = "Refuse answers with a cookie that caches could keep.",
     .sections = kBackendSide,
     .set = flag(Option::checkcache),
     .flags = kNegatable},
    {.name = "option clitcpka",
     .doc = "TCP keepalive to clients.",
     .sections = kFrontendSide,
     .set = flag(Option::clitcpka),
     .flags = kNegatable},
    {.name = "option contstats",
     .doc = "Count bytes while they flow.",
     .sections = kFrontendSide,
     .set = flag(Option::contstats),
     .flags = kNegatable},
    {.name = "option disable-h2-upgrade",
     .doc = "No HTTP/2 by prior knowledge on HTTP/1 sockets, where there is none anyway.",
     .sections = kFrontendSide,
     .set = flag(Option::disable_h2_upgrade),
     .flags = kNegatable | kHint},
    {.name = "option dontlog-normal",
     .doc = "Log only what went wrong.",
     .sections = kFrontendSide,
     .set = flag(Option::dontlog_normal),
     .flags = kNegatable},
    {.name = "option dontlognull",
     .doc = "Do not log connections without data.",
     .sections = kFrontendSide,
     .set = flag(Option::dontlognull),
     .flags = kNegatable},
    {.name = "option forwarded",
     .doc = "Add the Forwarded header of RFC 7239.",
     .sections = kEverySide,
     .set = set_forwarded,
     .flags = kNegatable},
    {.name = "option forwardfor",
     .doc = "Tell the server the client's address in X-Forwarded-For.",
     .sections = kEverySide,
     .set = set_forwardfor},
    {.name = "option h1-case-adjust-bogus-client",
     .doc = "Header names to clients in the case of h1-case-adjust.",
     .sections = kFrontendSide,
     .set = flag(Option::h1_case_adjust_client),
     .flags = kNegatable},
    {.name = "option h1-case-adjust-bogus-server",
     .doc = "Header names to servers in the case of h1-case-adjust.",
     .sections = kBackendSide,
     .set = flag(Option::h1_case_adjust_server),
     .flags = kNegatable},
    {.name = "option http-buffer-request",
     .doc = "Wait for the body before a server is chosen.",
     .sections = kEverySide,
     .set = flag(Option::http_buffer_request),
     .flags = kNegatable},
    {.name = "option http-drop-request-trailers",
     .doc = "Do not forward trailers of requests.",
     .sections = kBackendSide,
     .set = flag(Option::http_drop_request_trailers),
     .flags = kNegatable},
    {.name = "option http-drop-response-trailers",
     .doc = "Do not forward trailers of answers.",
     .sections = kFrontendSide,
     .set = flag(Option::http_drop_response_trailers),
     .flags = kNegatable},
    {.name = "option http-ignore-probes",
     .doc = "No answer and no log for connections without request.",
     .sections = kFrontendSide,
     .set = flag(Option::http_ignore_probes),
     .flags = kNegatable},
    {.name = "option http-keep-alive",
     .doc = "Keep the connections of both sides.",
     .sections = kEverySide,
     .set = set_http_mode<HttpMode::keep_alive>,
     .flags = kNegatable},
    {.name = "option http-no-delay",
     .doc = "Send every piece at once, as is done anyway.",
     .sections = kEverySide,
     .set = flag(Option::http_no_delay),
     .flags = kNegatable | kHint},
    {.name = "option http-pretend-keepalive",
     .doc = "Tell the server keep-alive although the connection will close.",
     .sections = kBackendSide,
     .set = flag(Option::http_pretend_keepalive),
     .flags = kNegatable},
    {.name = "option http-restrict-req-hdr-names",
     .doc = "Header names with odd characters: preserve, delete, reject.",
     .sections = kEverySide,
     .set = set_restrict_names},
    {.name = "option http-server-close",
     .doc = "Close the server's connection after each answer.",
     .sections = kEverySide,
     .set = set_http_mode<HttpMode::server_close>,
     .flags = kNegatable},
    {.name = "option http-use-proxy-header",
     .doc = "Passwords are asked for as a proxy does (407) when the request names a whole URI.",
     .sections = kFrontendSide,
     .set = flag(Option::http_use_proxy_header),
     .flags = kNegatable},
    {.name = "option httpclose",
     .doc = "Close both connections after each answer.",
     .sections = kEverySide,
     .set = set_httpclose,
     .flags = kNegatable},
    {.name = "option idle-close-on-response",
     .doc = "On a soft stop, close idle clients only after an answer.",
     .sections = kFrontendSide,
     .set = flag(Option::idle_close_on_response),
     .flags = kNegatable},
    {.name = "option independent-streams",
     .doc = "Data sent to a server does not renew the timeout of what it sends. Of clients it says nothing, as in 2.6.",
     .sections = kEverySide,
     .set = flag(Option::independent_streams),
     .flags = kNegatable},
    {.name = "option log-health-checks",
     .doc = "Log every change of a check's result.",
     .sections = kBackendSide,
     .set = flag(Option::log_health_checks),
     .flags = kNegatable},
    {.name = "option log-separate-errors",
     .doc = "Log what went wrong at level err.",
     .sections = kFrontendSide,
     .set = flag(Option::log_separate_errors),
     .flags = kNegatable},
    {.name = "option logasap",
     .doc = "Log when the head of the answer is there.",
     .sections = kFrontendSide,
     .set = flag(Option::logasap),
     .flags = kNegatable},
    {.name = "option nolinger",
     .doc = "Reset connections instead of closing them.",
     .sections = kEverySide,
     .set = flag(Option::nolinger),
     .flags = kNegatable},
    {.name = "option originalto",
     .doc = "Tell the server the address that the client connected to.",
     .sections = kEverySide,
     .set = set_originalto},
    {.name = "option persist",
     .doc = "Follow a cookie even to a server that is down.",
     .sections = kBackendSide,
     .set = flag(Option::persist),
     .flags = kNegatable},
    {.name = "option prefer-last-server",
     .doc = "Stay on the server of the kept connection.",
     .sections = kBackendSide,
     .set = flag(Option::prefer_last_server),
     .flags = kNegatable},
    {.name = "option redispatch",
     .doc = "A retry may go to another server.",
     .sections = kBackendSide,
     .set = set_redispatch,
     .flags = kNegatable},
    {.name = "option socket-stats",
     .doc = "Statistics for each listening socket.",
     .sections = kFrontendSide,
     .set = flag(Option::socket_stats),
     .flags = kNegatable},
    {.name = "option splice-auto",
     .doc = "Forward in the kernel where it pays; larger buffers are cheaper here.",
     .sections = kEverySide,
     .set = flag(Option::splice_auto),
     .flags = kNegatable | kHint},
    {.name = "option splice-request",
     .doc = "Forward requests in the kernel; larger buffers are cheaper here.",
     .sections = kEverySide,
     .set = flag(Option::splice_request),
     .flags = kNegatable | kHint},
    {.name = "option splice-response",
     .doc = "Forward answers in the kernel; larger buffers are cheaper here.",
     .sections = kEverySide,
     .set = flag(Option::splice_response),
     .flags = kNegatable | kHint},
    {.name = "option srvtcpka",
     .doc = "TCP keepalive to servers.",
     .sections = kBackendSide,
     .set = flag(Option::srvtcpka),
     .flags = kNegatable},
    {.name = "option tcp-smart-accept",
     .doc = "Save a packet when accepting, which the kernel does itself.",
     .sections = kFrontendSide,
     .set = flag(Option::tcp_smart_accept),
     .flags = kNegatable | kHint},
    {.name = "option tcp-smart-connect",
     .doc = "Save a packet when connecting, which the kernel does itself.",
     .sections = kBackendSide,
     .set = flag(Option::tcp_smart_connect),
     .flags = kNegatable | kHint},
    {.name = "option tcpka", .doc = "TCP keepalive on both sides.", .sections = kEverySide, .set = set_tcpka},
    {.name = "option transparent",
     .doc = "Connect to the address that the client connected to.",
     .sections = kBackendSide,
     .set = flag(Option::transparent),
     .flags = kNegatable},
};
const base::Registered<ProxyWord> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
