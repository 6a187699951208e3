#include "lbd/check/connect_step.h"

#include <fmt/format.h>

#include "base/strings.h"

namespace lbd::check {
namespace {

bool take_port(cfg::Args& args, expr::CompileContext& context, ConnectStep& step) {
  const cfg::Word* word = args.peek();
  if (!word || word->text.empty() || base::is_digit(word->text[0])) {
    const auto port = args.take<uint16_t>({1, 65535});
    step.fixed.port = port.value_or(0);
    return port.has_value();
  }
  step.port = take_expression(args, context);
  return step.port != nullptr;
}

bool take_address(cfg::Args& args, Target& target) {
  const auto text = args.take<std::string>();
  if (!text) return false;
  const auto ip = base::IpAddr::parse(*text);
  if (!ip) args.error(fmt::format("'{}' is no address", *text));
  if (ip) target.ip = *ip;
  return !args.failed();
}

// What the connection speaks, of those that the check can speak.
bool take_protocol(cfg::Args& args, bool http, Target& target) {
  const std::vector<std::string_view> known =
      http ? std::vector<std::string_view>{"h1", "h2"} : std::vector<std::string_view>{"none"};
  const auto index = args.take_choice(known);
  if (index && http) target.proto = known[*index];
  return index.has_value();
}

}  // namespace

Target ConnectStep::target(Scene& scene, const Heard& heard) const {
  if (!port) return fixed;
  Target made = fixed;
  // As HAProxy does, what is too large wraps; where there is no number it is the port of the server line.
  made.port = static_cast<uint16_t>(scene.number(*port, heard).value_or(0));
  return made;
}

std::optional<ConnectStep> parse_connect(cfg::Args& args, expr::CompileContext& context, bool http) {
  ConnectStep step;
  Target& target = step.fixed;
  while (const cfg::Word* word = args.next()) {
    bool good = true;
    if (*word == "default") {
      continue;
    } else if (*word == "linger") {
      target.gentle = true;
    } else if (*word == "comment") {
      good = take_text(args, step.comment);
    } else if (*word == "port") {
      good = take_port(args, context, step);
    } else if (*word == "addr") {
      good = take_address(args, target);
    } else if (*word == "send-proxy") {
      target.send_proxy = true;
    } else if (*word == "via-socks4") {
      target.via_socks4 = true;
    } else if (*word == "ssl") {
      target.tls = true;
    } else if (*word == "sni" || *word == "alpn") {
      good = take_text(args, *word == "sni" ? target.sni : target.alpn);
    } else if (*word == "proto") {
      good = take_protocol(args, http, target);
    } else {
      args.error(fmt::format("'{}' is not available in a connect step", word->text),
                 "available: default, port, addr, send-proxy, via-socks4, ssl, sni, alpn, proto, linger, comment");
      good = false;
    }
    if (!good) return std::nullopt;
  }
  return step;
}

}  // namespace lbd::check
