// HttpScript: what `option httpchk` and the http-check lines of a proxy say, as steps: connect, send, expect, set-var.
//
// Without `http-check connect` there is one request, made of the option line and of a send line that may add to it.
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
  std::string method = "OPTIONS", uri = "/", version = "HTTP/1.0", body;
  const expr::LogFormat *uri_format = nullptr, *body_format = nullptr;  // in place of them
  struct Header {
    std::string name;  // in lower case
    std::string value;
    const expr::LogFormat* format = nullptr;  // what makes the value, in a run
  };
  std::vector<Header> headers;
  std::string fixed;  // the whole of it, where no run makes another; set when the lines are read

  bool is_fixed() const;
  bool names_host() const;
  // The value of `host` in this run; "": there is none.
  std::string host(Scene& scene) const;
  // `state`: the value of x-haproxy-server-state, or "".
  std::string text(std::string_view state, Scene& scene) const;
};

struct HttpScript {
  using Step = std::variant<ConnectStep, HttpRequest, Expect, expr::Assignment>;
  std::vector<Step> steps;
  bool disable_on_404 = false, send_state = false;

  static std::optional<HttpScript> compile(const config::CheckSpec& spec, expr::CompileContext& context);
  // The connection that comes first, when there is a step for it.
  const ConnectStep* first_connect() const;
};

}  // namespace lbd::check
