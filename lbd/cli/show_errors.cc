// show errors: the last messages that broke the protocol. The form is HAProxy's; what has no meaning here is 0.
// Manual: management.txt 9.3.
#include <fmt/format.h>

#include "base/strings.h"
#include "lbd/cli/command.h"
#include "lbd/cli/time_text.h"
#include "lbd/stream/engine.h"

namespace lbd::cli {
namespace {

using http::H1Error;
using stream::CapturedError;

constexpr size_t kWidth = 79;  // of a line

// Where HAProxy's parser would have stopped.
std::string_view state_of(H1Error error, bool request) {
  switch (error) {
    case H1Error::bad_method:
    case H1Error::bad_start:
      return request ? "MSG_RQMETH(2)" : "MSG_RPVER(9)";
    case H1Error::bad_target:
      return "MSG_RQURI(4)";
    case H1Error::bad_version:
      return request ? "MSG_RQVER(6)" : "MSG_RPVER(9)";
    case H1Error::bad_status:
      return "MSG_RPCODE(11)";
    case H1Error::bad_header_name:
      return "MSG_HDR_NAME(17)";
    case H1Error::bad_header_value:
      return "MSG_HDR_VAL(21)";
    default:
      return "MSG_HDR_L2_LWS(24)";
  }
}

std::string printable(char c) {
  switch (c) {
    case '\t':
      return "\\t";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\033':
      return "\\e";
    case '\\':
      return "\\\\";
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x7f ? std::string(1, c) : fmt::format("\\x{:02X}", byte);
}

// A line of input each, with the position of its first byte; long ones go on behind a "+".
void append_bytes(std::string_view bytes, std::string& text) {
  bool continued = false;
  for (size_t at = 0; at < bytes.size();) {
    std::string line = fmt::format("  {:05}{} ", at, continued ? '+' : ' ');
    continued = true;
    while (at < bytes.size()) {
      const std::string next = printable(bytes[at]);
      if (line.size() + next.size() > kWidth) break;
      line += next;
      if (bytes[at++] != '\n') continue;
      continued = false;
      break;
    }
    text += line + "\n";
  }
}

std::string named(const config::Proxy* proxy) {
  return proxy ? fmt::format("{} (#{})", proxy->name, proxy->id) : "<NONE> (#-1)";
}

void append(const CapturedError& error, size_t buffer, size_t reserve, std::string& text) {
  const bool request = !error.backend;
  auto out = std::back_inserter(text);
  fmt::format_to(out, " \n[{}] ", date_text(error.when, 3));
  if (request)
    fmt::format_to(out, "frontend {}: invalid request\n  backend {}", named(error.frontend), named(nullptr));
  else
    fmt::format_to(out, "backend {}: invalid response\n  frontend {}", named(error.backend), named(error.frontend));
  text += ", server ";
  text += error.server ? fmt::format("{} (#{})", error.server->name(), stats::id_of(*error.server)) : "<NONE> (#-1)";
  const std::string source = error.source.ip.length() == 0 ? "unix:1" : error.source.to_string();
  fmt::format_to(out,
                 ", event #{}, src {}\n  buffer starts at 0 (including 0 out), {} free,\n  len {}, wraps at {}, error "
                 "at position {}\n  H1 connection flags 0x00000000, H1 stream flags 0x00000000\n  H1 msg state {}, H1 "
                 "msg flags 0x00000000\n  H1 chunk len 0 bytes, H1 body len 0 bytes :\n  \n",
                 error.event, source, buffer - std::min(buffer, error.bytes.size()), error.bytes.size(),
                 buffer - reserve, error.position, state_of(error.error, request));
  append_bytes(error.bytes, text);
}

// show errors [<iid>|<proxy>] [request|response]
void show_errors(Invocation& invocation) {
  const config::Config& config = invocation.services.config;
  const std::string_view which = invocation.argument(0), side = invocation.argument(1);
  const auto number = base::parse_int<int64_t>(which);
  const bool named_one = !which.empty() && !number;
  const config::Proxy* wanted = nullptr;
  const stats::Source& source = invocation.services.statistics.source();
  source.for_each_proxy([&](const config::Proxy& proxy) {
    if (named_one ? proxy.name == which : number && proxy.id == *number) wanted = &proxy;
  });
  if (named_one && !wanted) return invocation.refuse("No such proxy.");
  const stream::Engine* engine = invocation.services.engine;
  if (!engine) return;
  const stream::CapturedErrors& errors = engine->captured_errors;
  invocation.say(fmt::format("Total events captured on [{}] : {}", date_text(base::wall_now(), 3), errors.events()));
  const size_t buffer = config.global.tune.bufsize;
  // HAProxy's fixed part of a buffer.
  constexpr size_t kReserve = 48;
  source.for_each_proxy([&](const config::Proxy& proxy) {
    const stream::CapturedErrors::OfProxy kept = errors.of(proxy);
    const auto shown = [&](const std::optional<CapturedError>& one, std::string_view not_with) {
      if (!one || side == not_with) return;
      // A proxy is meant as either of the two.
      if ((number && *number >= 0) || named_one) {
        if (!wanted || (one->frontend != wanted && one->backend != wanted)) return;
      }
      append(*one, buffer, kReserve, invocation.answer);
    };
    shown(kept.request, "response");
    shown(kept.response, "request");
  });
}

constexpr CommandRow kRows[] = {
    {.name = "show errors",
     .usage = "[<px>] [request|response]",
     .doc = "report last request and/or response errors for each proxy",
     .level = Level::operator_,
     .run = show_errors},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
