// The statistics as an HTML page: a head about the process, then one table a proxy whose columns are metrics.
// Thread: the control thread. Errors: none. Names from the configuration are escaped.
#pragma once

#include <string>
#include <string_view>

#include "lbd/stats/process.h"

namespace lbd::stats {

struct PageOptions {
  enum class Format : uint8_t { html, csv, typed, json, live, all } format = Format::html;
  bool refresh = true, only_up = false, hide_maintenance = false;
  std::string_view result;  // of what was asked for before: DONE …
  std::string_view scope;   // only proxies whose names contain it
};

// `admin`: with a form to change servers.
std::string render_html(const config::Proxy& proxy, const PageOptions& options, const Selection& selection,
                        const ProcessView& process, bool admin = false);

// What the page's script shows without reloading it: the cells of each line as texts, and the head.
std::string render_live(const Selection& selection, const ProcessView& process);

}  // namespace lbd::stats
