// The statistics page: what a proxy with `stats enable` answers under its `stats uri`, as HTML, CSV, typed text or
// JSON. Words behind the address choose: ;csv ;typed ;json ;norefresh ;up ;no-maint and ?scope=NAME; ;all is everything
// of process, pair and proxies in one JSON object, ;live what the page's script asks for.
//
// make_page() is pure but for reading the figures. Thread: the control thread, since it reads what health checks wrote;
// a worker asks through Statistics::request_page(). Who may see it is a matter of the rules before. Errors: a
// method that changes something is sent back. Manual: 4.2 stats enable, stats uri …; management.txt 8.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lbd/http/reply.h"
#include "lbd/stats/process.h"

namespace lbd::stats {

struct PageRequest {
  const config::Proxy* proxy = nullptr;  // the one that has `stats enable`
  http::Method method = http::Method::get;
  std::string target;     // of the request line, or its path and query
  std::string body;       // of a POST
  bool admin = false;     // it may change servers (`stats admin`)
  bool body_cut = false;  // the body was longer than a buffer
  bool foreign = false;   // a browser says that another site makes it ask (Sec-Fetch-Site, Origin)
};

struct Page {
  uint16_t status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  http::Reply to_reply(base::Arena& arena) const;  // copies into the arena
};

// Whether the request is for the statistics of this proxy.
bool is_for_page(const config::StatsPage& stats, http::Method method, std::string_view target);

Page make_page(const PageRequest& request, const ProcessView& process);

}  // namespace lbd::stats
