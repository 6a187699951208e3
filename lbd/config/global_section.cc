#include "lbd/config/global_section.h"

#include <fmt/format.h>

#include "lbd/config/section.h"

namespace lbd::config {
namespace {

class GlobalSection : public Section {
 public:
  explicit GlobalSection(Loading& loading) : loading_(loading) {}

  void line(const cfg::Statement& statement) override {
    const cfg::Form form = statement[0] == "no"        ? cfg::Form::no
                           : statement[0] == "default" ? cfg::Form::default_
                                                       : cfg::Form::plain;
    if (form != cfg::Form::plain) {
      auto match = cfg::Keywords<Global>::match(statement, 1);
      if (match.row && !(match.row->flags & kGlobalNegatable)) {
        loading_.diagnostics.error(statement.loc,
                                   fmt::format("'{}' cannot be used with '{}'", statement[0], match.row->name));
        return;
      }
    }
    run_word(statement, loading_.config.global, "global", loading_, form);
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
