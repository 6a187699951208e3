#include "vrrpd/word_list.h"

#include <fmt/format.h>

#include <set>

#include "vrrpd/words/words.h"

namespace vrrpd {
namespace {

template <typename Row>
void add(std::set<std::string>& lines, std::string_view block) {
  base::Registered<Row>::for_each(
      [&](const Row& row) { lines.insert(fmt::format("{}\t{}\t{}\n", block, row.name, row.doc)); });
}

}  // namespace

std::string word_list() {
  std::set<std::string> lines;
  add<TopWord>(lines, "");
  add<GlobalWord>(lines, "global_defs");
  add<InstanceWord>(lines, "vrrp_instance");
  add<GroupWord>(lines, "vrrp_sync_group");
  add<ScriptWord>(lines, "vrrp_script");
  add<ProcessWord>(lines, "vrrp_track_process");
  add<FileWord>(lines, "track_file");
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

}  // namespace vrrpd
