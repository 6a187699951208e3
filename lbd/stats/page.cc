#include "lbd/stats/page.h"

#include <algorithm>

#include "base/strings.h"
#include "lbd/stats/html.h"
#include "lbd/stats/render.h"

namespace lbd::stats {
namespace {

constexpr std::string_view kUnauthorized =
    "<html><body><h1>401 Unauthorized</h1>\nYou need a valid user and password to access this "
    "content.\n</body></html>\n";

std::string decode_base64(std::string_view text) {
  std::string out;
  uint32_t bits = 0;
  int count = 0;
  for (char c : text) {
    int value = c >= 'A' && c <= 'Z'   ? c - 'A'
                : c >= 'a' && c <= 'z' ? c - 'a' + 26
                : c >= '0' && c <= '9' ? c - '0' + 52
                : c == '+'             ? 62
                : c == '/'             ? 63
                                       : -1;
    if (value < 0) break;
    bits = bits << 6 | static_cast<uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>(bits >> count);
    }
  }
  return out;
}

// Takes as long for a wrong password as for a right one.
bool same_secret(std::string_view a, std::string_view b) {
  unsigned char differs = a.size() != b.size();
  for (size_t i = 0; i < a.size(); ++i) differs |= static_cast<unsigned char>(a[i] ^ b[b.empty() ? 0 : i % b.size()]);
  return !differs;
}

bool authorized(const config::StatsPage& stats, std::string_view authorization) {
  if (stats.auths.empty()) return true;
  size_t blank = authorization.find(' ');
  if (blank == std::string_view::npos || !base::iequals(authorization.substr(0, blank), "basic")) return false;
  std::string given = decode_base64(base::trim(authorization.substr(blank)));
  return std::any_of(stats.auths.begin(), stats.auths.end(),
                     [&](const std::string& known) { return !known.empty() && same_secret(given, known); });
}

Page unauthorized(const config::StatsPage& stats) {
  return {401,
          {{"cache-control", "no-cache"},
           {"content-type", "text/html"},
           {"www-authenticate", "Basic realm=\"" + stats.realm + "\""}},
          std::string(kUnauthorized)};
}

// The words behind the address.
PageOptions options_of(const config::StatsPage& stats, std::string_view target) {
  PageOptions options;
  std::string_view rest = target.substr(std::min(target.size(), stats.uri.size()));
  size_t scope = target.find("scope=");
  if (scope != std::string_view::npos) {
    std::string_view name = target.substr(scope + 6);
    options.scope = name.substr(0, std::min(name.find_first_of(";&"), name.size()));
  }
  for (std::string_view word : base::split(rest.substr(0, rest.find('?')), ';')) {
    if (word == "csv") options.format = PageOptions::Format::csv;
    if (word == "typed") options.format = PageOptions::Format::typed;
    if (word == "json") options.format = PageOptions::Format::json;
    if (word == "norefresh") options.refresh = false;
    if (word == "up") options.only_up = true;
    if (word == "no-maint") options.hide_maintenance = true;
  }
  return options;
}

}  // namespace

http::Reply Page::to_reply(base::Arena& arena) const {
  http::Reply reply(arena);
  reply.status = status;
  for (const auto& [name, value] : headers) reply.headers.add(arena.copy(name), arena.copy(value));
  reply.body = arena.copy(body);
  return reply;
}

bool is_for_page(const config::StatsPage& stats, http::Method method, std::string_view target) {
  if (!stats.enabled || !target.starts_with(stats.uri)) return false;
  return method == http::Method::get || method == http::Method::head || method == http::Method::post;
}

Page make_page(const PageRequest& request, const ProcessView& process) {
  const config::StatsPage& stats = request.proxy->stats;
  if (!authorized(stats, request.authorization)) return unauthorized(stats);
  if (request.method == http::Method::post)
    return {303, {{"cache-control", "no-cache"}, {"location", stats.uri + ";st=DENY"}}, {}};

  PageOptions options = options_of(stats, request.target);
  Selection selection;
  selection.only_up = options.only_up;
  selection.hide_maintenance = options.hide_maintenance;
  selection.name_contains = options.scope;
  std::string only = stats.scope == "." ? request.proxy->name : stats.scope;
  if (!only.empty())
    for (const auto& proxy : process.source.config().proxies)
      if (proxy->name == only) selection.proxy = proxy.get();

  Page page;
  page.headers.emplace_back("cache-control", "no-cache");
  std::string type = "text/plain";
  switch (options.format) {
    case PageOptions::Format::html:
      page.body = render_html(*request.proxy, options, selection, process);
      type = "text/html";
      break;
    case PageOptions::Format::csv:
      page.body = render_stat(process.source, selection, Format::plain, process.now);
      break;
    case PageOptions::Format::typed:
      page.body = render_stat(process.source, selection, Format::typed, process.now);
      break;
    case PageOptions::Format::json:
      page.body = render_stat(process.source, selection, Format::json, process.now);
      type = "application/json";
      break;
  }
  page.headers.emplace_back("content-type", type);
  if (options.refresh && stats.refresh.count() > 0)
    page.headers.emplace_back("refresh", std::to_string(stats.refresh.count()));
  return page;
}

}  // namespace lbd::stats
