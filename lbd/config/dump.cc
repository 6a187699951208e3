#include "lbd/config/dump.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "lbd/config/bind_line.h"
#include "lbd/config/global_section.h"
#include "lbd/config/proxy_word.h"
#include "lbd/config/section.h"
#include "lbd/config/server_line.h"

namespace lbd::config {
namespace {

template <typename Row>
std::vector<const Row*> sorted() {
  std::vector<const Row*> rows;
  base::Registered<Row>::for_each([&](const Row& row) { rows.push_back(&row); });
  std::sort(rows.begin(), rows.end(), [](const Row* a, const Row* b) { return a->name < b->name; });
  return rows;
}

}  // namespace

std::string list_keywords() {
  std::string out = "# List of registered configuration keywords:\nglobal\n";
  for (const GlobalWord* row : sorted<GlobalWord>()) out += fmt::format("\t{}\n", row->name);
  out += "listen\n";
  for (const ProxyWord* row : sorted<ProxyWord>()) {
    out += fmt::format("\t{}", row->name);
    // As HAProxy marks options: the side they work on.
    if (row->name.starts_with("option ")) {
      out += " [";
      if (row->sections & kInFrontend) out += " FE";
      if (row->sections & kInBackend) out += " BE";
      out += " ]";
    }
    out += '\n';
  }
  for (const BindWord* row : sorted<BindWord>()) out += fmt::format("\tbind <addr> {}\n", row->name);
  for (const ServerWord* row : sorted<ServerWord>()) out += fmt::format("\tserver <name> <addr> {}\n", row->name);
  for (const SectionRow* row : sorted<SectionRow>())
    if (row->name != "global" && row->name != "listen") out += fmt::format("{}\n", row->name);
  return out;
}

}  // namespace lbd::config
