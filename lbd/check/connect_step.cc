#include "lbd/check/connect_step.h"

#include <fmt/format.h>

namespace lbd::check {

std::optional<ConnectStep> parse_connect(cfg::Args& args) {
  ConnectStep step;
  while (const cfg::Word* word = args.next()) {
    if (*word == "default") continue;
    if (*word == "linger") {
      step.target.gentle = true;
    } else if (*word == "comment") {
      auto text = args.take<std::string>();
      if (!text) return std::nullopt;
      step.comment = *text;
    } else if (*word == "port") {
      auto port = args.take<uint16_t>({1, 65535});
      if (!port) return std::nullopt;
      step.target.port = *port;
    } else if (*word == "addr") {
      auto text = args.take<std::string>();
      if (!text) return std::nullopt;
      auto ip = base::IpAddr::parse(*text);
      if (!ip) {
        args.error(fmt::format("'{}' is no address", *text));
        return std::nullopt;
      }
      step.target.ip = *ip;
    } else if (*word == "send-proxy") {
      step.target.send_proxy = true;
    } else if (*word == "ssl") {
      step.target.tls = true;
    } else if (*word == "sni" || *word == "alpn") {
      auto text = args.take<std::string>();
      if (!text) return std::nullopt;
      (*word == "sni" ? step.target.sni : step.target.alpn) = *text;
    } else {
      args.error(fmt::format("'{}' is not available in a connect step", word->text),
                 "available: default, port, addr, send-proxy, ssl, sni, alpn, linger, comment");
      return std::nullopt;
    }
  }
  return step;
}

}  // namespace lbd::check
