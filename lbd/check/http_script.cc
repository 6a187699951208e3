#include "lbd/check/http_script.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"

namespace lbd::check {
namespace {

// Headers and body that hide behind the version: "HTTP/1.1\r\nHost:\ www".
void take_hidden(HttpRequest& request, std::string_view hidden) {
  size_t body = hidden.find("\r\n\r\n");
  if (body != std::string_view::npos) {
    request.body = hidden.substr(body + 4);
    hidden = hidden.substr(0, body);
  }
  while (!hidden.empty()) {
    size_t end = hidden.find("\r\n");
    std::string_view line = hidden.substr(0, end);
    hidden.remove_prefix(end == std::string_view::npos ? hidden.size() : end + 2);
    size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) continue;
    request.headers.push_back({base::lower(line.substr(0, colon)), std::string(base::trim(line.substr(colon + 1)))});
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
bool read_send(cfg::Args& args, expr::CompileContext& context, HttpRequest& request) {
  auto put_format = [&](const expr::LogFormat*& to) {
    to = take_format(args, context);
    return to != nullptr;
  };
  while (const cfg::Word* word = args.next()) {
    bool good = true;
    if (*word == "meth") {
      good = take_text(args, request.method);
    } else if (*word == "uri") {
      request.uri_format = nullptr;
      good = take_text(args, request.uri);
    } else if (*word == "uri-lf") {
      good = put_format(request.uri_format);
    } else if (*word == "ver") {
      good = take_text(args, request.version);
    } else if (*word == "body") {
      request.body_format = nullptr;
      good = take_text(args, request.body);
    } else if (*word == "body-lf") {
      good = put_format(request.body_format);
    } else if (*word == "hdr") {
      HttpRequest::Header header;
      good = take_text(args, header.name) && put_format(header.format);
      header.name = base::lower(header.name);
      if (good && header.name == "host" && request.names_host()) {
        args.error("there is a 'host' header already");
        good = false;
      }
      if (good) request.headers.push_back(std::move(header));
    } else if (*word == "comment") {
      std::string comment;
      good = take_text(args, comment);
    } else {
      args.error(fmt::format("'{}' is no argument of 'http-check send'", word->text),
                 "available: meth, uri, uri-lf, ver, hdr, body, body-lf, comment");
      good = false;
    }
    if (!good) return false;
  }
  return true;
}

// "http://a/x" asks for `host`, too.
std::string with_authority(std::string uri, std::string_view host) {
  const size_t scheme = uri.find("://");
  if (host.empty() || scheme == std::string::npos || uri.starts_with('/')) return uri;
  const size_t from = scheme + 3, end = std::min(uri.find_first_of("/?", from), uri.size());
  return uri.replace(from, end - from, host);
}

// What a Connection header asks for, and what is left of it.
struct ConnectionWords {
  bool close = false;
  std::string rest;

  void add(std::string_view value) {
    for (std::string_view word : base::split(value, ',')) {
      word = base::trim(word);
      if (base::iequals(word, "close"))
        close = true;
      else if (!base::iequals(word, "keep-alive"))
        rest += (rest.empty() ? "" : ",") + std::string(word);
    }
  }
};

// `scene` may be null for constant texts.
std::string text_of(const expr::LogFormat* format, const std::string& otherwise, Scene* scene) {
  if (!format) return otherwise;
  return format->is_constant() ? std::string(format->constant()) : scene->print(*format);
}

std::string host_of(const HttpRequest& request, Scene* scene) {
  for (const HttpRequest::Header& header : request.headers)
    if (header.name == "host") return text_of(header.format, header.value, scene);
  return {};
}

std::string compose(const HttpRequest& request, std::string_view state, Scene* scene) {
  std::string target = text_of(request.uri_format, request.uri, scene);
  target = with_authority(target.empty() ? "/" : std::move(target), host_of(request, scene));
  const std::string content = text_of(request.body_format, request.body, scene);
  std::string text = fmt::format("{} {} {}\r\n", request.method, target, request.version);
  ConnectionWords connection;
  bool says_connection = false;
  for (const HttpRequest::Header& header : request.headers) {
    if (header.name == "content-length" || header.name == "transfer-encoding") continue;
    std::string value = text_of(header.format, header.value, scene);
    if (value.empty()) continue;
    if (header.name == "connection") {
      says_connection = true;
      connection.rest.clear();
      connection.add(value);
      value = connection.rest;
      if (value.empty()) continue;
    }
    text += fmt::format("{}: {}\r\n", header.name, value);
  }
  if (!content.empty()) text += fmt::format("content-length: {}\r\n", content.size());
  if (!state.empty()) text += fmt::format("x-haproxy-server-state: {}\r\n", state);
  const bool is_11 = request.version == "HTTP/1.1";
  if (is_11 && (!says_connection || connection.close)) text += "connection: close\r\n";
  if (!is_11 && says_connection && !connection.close) text += "connection: keep-alive\r\n";
  return text + "\r\n" + content;
}

class Compiler {
 public:
  explicit Compiler(expr::CompileContext& context) : context_(context) {}

  std::optional<HttpScript> compile(const config::CheckSpec& spec) {
    bool good = read_option(spec, option_, context_.diagnostics);
    for (const cfg::Statement& line : spec.steps)
      if (line[0] == "http-check") good = read_line(line) && good;
    if (!good) return std::nullopt;
    if (!has_connect_ && !has_request_) script_.steps.insert(script_.steps.begin(), std::move(option_));
    expect_success_where_nothing_is();
    for (HttpScript::Step& step : script_.steps)
      if (auto* request = std::get_if<HttpRequest>(&step); request && request->is_fixed())
        request->fixed = compose(*request, {}, nullptr);
    return std::move(script_);
  }

 private:
  enum class Kind : uint8_t { none, connect, send, expect };

  bool read_line(const cfg::Statement& line) {
    cfg::Args args(line, 2, context_.diagnostics, environment_);
    bool good = read_step(args, line[1]);
    args.expect_end();
    return good && !args.failed();
  }

  bool read_step(cfg::Args& args, std::string_view what) {
    if (what == "disable-on-404") return script_.disable_on_404 = true;
    if (what == "send-state") return script_.send_state = true;
    if (what == "comment") return !args.rest().empty();
    if (is_assignment(what)) return keep(parse_assignment(args, context_));
    if (what == "connect") return may_connect(args) && keep(parse_connect(args, context_, true));
    if (what == "expect") return may_expect(args) && keep(parse_expect(args, context_, true));
    if (what == "send") {
      if (!may_send(args)) return false;
      HttpRequest request = has_connect_ ? HttpRequest() : option_;
      return read_send(args, context_, request) && keep(std::optional(std::move(request)));
    }
    args.error_at(args.statement().at(1), fmt::format("'http-check {}' is not available", what),
                  "available: connect, send, expect, set-var, set-var-fmt, unset-var, disable-on-404, send-state, "
                  "comment");
    return false;
  }

  template <typename T>
  bool keep(std::optional<T> step) {
    if (step) script_.steps.emplace_back(std::move(*step));
    return step.has_value();
  }

  bool may_connect(cfg::Args& args) {
    const Kind before = std::exchange(before_, Kind::connect);
    const bool first = before == Kind::none;
    if (!first && !has_connect_)
      args.error("the first step must be a 'connect' too when there is one", "only variables may be set before it");
    else if (!first && before != Kind::expect)
      args.error("an 'http-check expect' is missing before this connect");
    has_connect_ = true;
    return !args.failed();
  }

  bool may_send(cfg::Args& args) {
    const Kind before = std::exchange(before_, Kind::send);
    if (before == Kind::send || before == Kind::expect)
      args.error("an 'http-check connect' is missing before this request",
                 "each request goes over a connection of its own");
    has_request_ = true;
    return !args.failed();
  }

  bool may_expect(cfg::Args& args) {
    if (std::exchange(before_, Kind::expect) == Kind::connect)
      args.error("an 'http-check send' is missing before this");
    return !args.failed();
  }

  void expect_success_where_nothing_is() {
    std::vector<HttpScript::Step>& steps = script_.steps;
    if (!has_connect_ && before_ == Kind::none) before_ = Kind::send;
    if (before_ != Kind::send) return;
    Expect success;
    success.statuses = {{200, 399}};
    steps.emplace_back(std::move(success));
  }

  expr::CompileContext& context_;
  cfg::Environment environment_;
  HttpRequest option_;  // what the option line says
  HttpScript script_;
  Kind before_ = Kind::none;
  bool has_connect_ = false, has_request_ = false;
};

}  // namespace

bool HttpRequest::names_host() const {
  return std::any_of(headers.begin(), headers.end(), [](const Header& header) { return header.name == "host"; });
}

bool HttpRequest::is_fixed() const {
  auto constant = [](const expr::LogFormat* format) { return !format || format->is_constant(); };
  return constant(uri_format) && constant(body_format) &&
         std::all_of(headers.begin(), headers.end(), [&](const Header& header) { return constant(header.format); });
}

std::string HttpRequest::host(Scene& scene) const {
  return host_of(*this, &scene);
}

std::string HttpRequest::text(std::string_view state, Scene& scene) const {
  return !fixed.empty() && state.empty() ? fixed : compose(*this, state, &scene);
}

std::optional<HttpScript> HttpScript::compile(const config::CheckSpec& spec, expr::CompileContext& context) {
  return Compiler(context).compile(spec);
}

const ConnectStep* HttpScript::first_connect() const {
  for (const Step& step : steps)
    if (!std::holds_alternative<expr::Assignment>(step)) return std::get_if<ConnectStep>(&step);
  return nullptr;
}

}  // namespace lbd::check
