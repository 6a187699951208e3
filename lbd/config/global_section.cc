#include "lbd/config/global_section.h"

#include <fmt/format.h>

namespace lbd::config {
namespace {

class GlobalSection : public Section {
 public:
  explicit GlobalSection(Loading& loading) : loading_(loading) {}

  void line(const cfg::Statement& statement) override {
    run_word(statement, loading_.config.global, "global", loading_);
  }

 private:
  Loading& loading_;
};

std::unique_ptr<Section> open(const cfg::Statement& header, Loading& loading) {
  if (header.size() > 1)
    loading.diagnostics.error(header.at(1),
                              fmt::format("'global' cannot handle the unexpected argument '{}'", header[1]));
  return std::make_unique<GlobalSection>(loading);
}

constexpr SectionRow kRows[] = {{"global", "Settings of the whole process.", open}};
const base::Registered<SectionRow> kEnrol(kRows);

}  // namespace

void keep_global_line(cfg::Args& args, Global& global) {
  args.rest();
  global.other_lines.push_back(args.statement());
}

void skip_line(cfg::Args& args, Global&) {
  args.rest();
}

}  // namespace lbd::config
