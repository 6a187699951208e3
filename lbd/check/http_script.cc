#include "lbd/check/http_script.h"

#include <fmt/format.h>

#include "base/strings.h"

namespace lbd::check {
namespace {

// Headers and body that hide behind the version: "HTTP/1.1\r\nHost:\ www".
void take_hidden(HttpRequest& request, std::string_view hidden) {
  size_t body = hidden.find("\r\n\r\n");
  if (body != std::string_view::npos) {
    request.body = hidden.substr(body + 4);
    request.has_body = !request.body.empty();
    hidden = hidden.substr(0, body);
  }
  while (!hidden.empty()) {
    size_t end = hidden.find("\r\n");
    std::string_view line = hidden.substr(0, end);
    hidden.remove_prefix(end == std::string_view::npos ? hidden.size() : end + 2);
    size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) continue;
    request.headers.emplace_back(base::lower(line.substr(0, colon)), base::trim(line.substr(colon + 1)));
  }
}

// option httpchk [uri | method uri [version]]
bool read_option(const config::CheckSpec& spec, HttpRequest& request, cfg::Diagnostics& diagnostics) {
  const std::vector<cfg::Word>& words = spec.arguments;
  if (words.size() > 3) {
    diagnostics.error(words[3].loc,
                      fmt::format("'option httpchk' takes method, uri and version: unexpected '{}'", words[3].text));
    return false;
  }
  if (words.size() == 1) request.uri = words[0].text;
  if (words.size() < 2) return true;
  request.method = words[0].text;
  request.uri = words[1].text;
  if (words.size() < 3) return true;
  std::string_view version = words[2].text;
  size_t end = version.find("\r\n");
  request.version = version.substr(0, end);
  if (end == std::string_view::npos) return true;
  diagnostics.warning(words[2].loc,
                      "'option httpchk' : hiding headers or body at the end of the version string is deprecated",
                      "use 'http-check send hdr <name> <value>'");
  take_hidden(request, version.substr(end + 2));
  return true;
}

// http-check send …: what it names replaces, headers are added.
bool read_send(cfg::Args& args, HttpRequest& request) {
  auto put = [](auto value, std::string& to) {
    if (value) to = *value;
    return value.has_value();
  };
  while (const cfg::Word* word = args.next()) {
    bool good = true;
    std::string comment;
    if (*word == "meth") {
      good = put(args.take<std::string>(), request.method);
    } else if (*word == "uri") {
      good = put(args.take<std::string>(), request.uri);
    } else if (*word == "uri-lf") {
      good = put(take_plain_format(args), request.uri);
    } else if (*word == "ver") {
      good = put(args.take<std::string>(), request.version);
    } else if (*word == "body" || *word == "body-lf") {
      good = put(*word == "body" ? args.take<std::string>() : take_plain_format(args), request.body);
      request.has_body = true;
    } else if (*word == "hdr") {
      auto name = args.take<std::string>();
      auto value = name ? take_plain_format(args) : std::nullopt;
      good = value.has_value();
      if (good) request.headers.emplace_back(base::lower(*name), *value);
    } else if (*word == "comment") {
      good = put(args.take<std::string>(), comment);
    } else {
      args.error(fmt::format("'{}' is no argument of 'http-check send'", word->text),
                 "available: meth, uri, ver, hdr, body, comment");
      good = false;
    }
    if (!good) return false;
  }
  return true;
}

class Compiler {
 public:
  Compiler(const config::CheckSpec& spec, cfg::Diagnostics& diagnostics) : spec_(spec), diagnostics_(diagnostics) {}

  std::optional<HttpScript> compile() {
    HttpRequest base;
    bool good = read_option(spec_, base, diagnostics_);
    bool explicit_connects = false;
    for (const cfg::Statement& line : spec_.steps)
      explicit_connects = explicit_connects || (line[0] == "http-check" && line[1] == "connect");
    if (!explicit_connects) {
      // The one request stands before all that is expected of its answer.
      for (const cfg::Statement& line : spec_.steps)
        if (line[0] == "http-check" && line[1] == "send")
          good = with_args(line, [&](cfg::Args& args) { return read_send(args, base); }) && good;
      script_.steps.push_back(std::move(base));
    }
    for (const cfg::Statement& line : spec_.steps)
      if (line[0] == "http-check") good = read_step(line, explicit_connects) && good;
    if (!good) return std::nullopt;
    expect_success_where_nothing_is();
    return std::move(script_);
  }

 private:
  template <typename Read>
  bool with_args(const cfg::Statement& line, Read read) {
    cfg::Args args(line, 2, diagnostics_, environment_);
    bool good = read(args);
    args.expect_end();
    return good && !args.failed();
  }

  bool read_step(const cfg::Statement& line, bool explicit_connects) {
    std::string_view what = line[1];
    return with_args(line, [&](cfg::Args& args) {
      if (what == "disable-on-404") return script_.disable_on_404 = true;
      if (what == "send-state") return script_.send_state = true;
      if (what == "comment") return !args.rest().empty();
      if (what == "connect") return keep(parse_connect(args));
      if (what == "expect") return keep(parse_expect(args, true));
      if (what == "send") {
        HttpRequest request;
        if (!explicit_connects) return !args.rest().empty();  // read already
        return read_send(args, request) && keep(std::optional(std::move(request)));
      }
      args.error_at(line.at(1), fmt::format("'http-check {}' is not available", what),
                    "available: connect, send, expect, disable-on-404, send-state, comment");
      return false;
    });
  }

  template <typename T>
  bool keep(std::optional<T> step) {
    if (step) script_.steps.emplace_back(std::move(*step));
    return step.has_value();
  }

  void expect_success_where_nothing_is() {
    std::vector<HttpScript::Step>& steps = script_.steps;
    for (size_t i = 0; i < steps.size(); ++i) {
      if (!std::holds_alternative<HttpRequest>(steps[i])) continue;
      if (i + 1 < steps.size() && std::holds_alternative<Expect>(steps[i + 1])) continue;
      Expect success;
      success.statuses = {{200, 399}};
      steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(i) + 1, std::move(success));
    }
  }

  const config::CheckSpec& spec_;
  cfg::Diagnostics& diagnostics_;
  cfg::Environment environment_;
  HttpScript script_;
};

}  // namespace

std::string HttpRequest::text(std::string_view state) const {
  std::string text = fmt::format("{} {} {}\r\n", method, uri, version);
  for (const auto& [name, value] : headers)
    if (name != "connection" && name != "content-length") text += fmt::format("{}: {}\r\n", name, value);
  if (has_body) text += fmt::format("content-length: {}\r\n", body.size());
  if (!state.empty()) text += fmt::format("x-haproxy-server-state: {}\r\n", state);
  if (version == "HTTP/1.1") text += "connection: close\r\n";
  return text + "\r\n" + body;
}

std::optional<HttpScript> HttpScript::compile(const config::CheckSpec& spec, cfg::Diagnostics& diagnostics) {
  return Compiler(spec, diagnostics).compile();
}

}  // namespace lbd::check
