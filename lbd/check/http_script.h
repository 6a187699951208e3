// HttpScript: what `option httpchk` and the http-check lines of a proxy say, as steps: connect, send, expect.
//
// Without `http-check connect` there is one request, made of the option line and of what the send lines add to it.
// With it every send line is a request of its own. Where no expect line follows a request, 2xx and 3xx are expected.
// Life: part of a Plan, immutable. Errors: at load, at the word. Manual: 4.2 option httpchk, http-check.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "lbd/check/connect_step.h"
#include "lbd/check/expect.h"

namespace lbd::check {

struct HttpRequest {
  std::string method = "OPTIONS", uri = "/", version = "HTTP/1.0";
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  bool has_body = false;

  // `state`: the value of x-haproxy-server-state, or "".
  std::string text(std::string_view state) const;
};

struct HttpScript {
  using Step = std::variant<ConnectStep, HttpRequest, Expect>;
  std::vector<Step> steps;
  bool disable_on_404 = false, send_state = false;

  static std::optional<HttpScript> compile(const config::CheckSpec& spec, cfg::Diagnostics& diagnostics);
};

}  // namespace lbd::check
