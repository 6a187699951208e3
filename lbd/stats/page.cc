#include "lbd/stats/page.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"
#include "lbd/stats/html.h"
#include "lbd/stats/page_admin.h"
#include "lbd/stats/render.h"

namespace lbd::stats {
namespace {

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
    if (word == "live") options.format = PageOptions::Format::live;
    if (word == "all") options.format = PageOptions::Format::all;
    if (word == "norefresh") options.refresh = false;
    if (word == "up") options.only_up = true;
    if (word == "no-maint") options.hide_maintenance = true;
    if (word.starts_with("st=")) options.result = word.substr(3);
  }
  return options;
}

// Back to the page, as it was looked at.
Page redirect_of(const config::StatsPage& stats, std::string_view target, std::string_view result) {
  const PageOptions options = options_of(stats, target);
  const bool quiet = !options.refresh && stats.refresh.count() > 0;
  return {303,
          {{"cache-control", "no-cache"},
           {"content-type", "text/plain"},
           {"location",
            fmt::format("{};st={}{}{}", stats.uri, result, options.only_up ? ";up" : "", quiet ? ";norefresh" : "")}},
          {}};
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
  if (request.method == http::Method::post) return redirect_of(stats, request.target, apply_form(request, process));

  PageOptions options = options_of(stats, request.target);
  Selection selection;
  selection.only_up = options.only_up;
  selection.hide_maintenance = options.hide_maintenance;
  selection.name_contains = options.scope;
  std::string only = stats.scope == "." ? request.proxy->name : stats.scope;
  if (!only.empty())
    process.source.for_each_proxy([&](const config::Proxy& proxy) {
      if (proxy.name == only) selection.proxy = &proxy;
    });

  Page page;
  page.headers.emplace_back("cache-control", "no-cache");
  std::string type = "text/plain";
  switch (options.format) {
    case PageOptions::Format::html:
      page.body = render_html(*request.proxy, options, selection, process, request.admin && process.admin);
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
    case PageOptions::Format::live:
      page.body = render_live(selection, process);
      type = "application/json";
      break;
    case PageOptions::Format::all:
      page.body = render_everything(process, selection);
      type = "application/json";
      break;
  }
  page.headers.emplace_back("content-type", type);
  if (options.format == PageOptions::Format::html) {
    // Nothing from anywhere else, and in no other page's frame.
    page.headers.emplace_back(
        "content-security-policy",
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    return page;
  }
  if (options.refresh && stats.refresh.count() > 0)
    page.headers.emplace_back("refresh", std::to_string(stats.refresh.count()));
  return page;
}

}  // namespace lbd::stats
