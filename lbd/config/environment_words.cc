// The words of `global` that change variables for what is read after them: manual 3.1.
//
// They change the Environment of the load only; programs that lbd starts get it handed.
#include "lbd/config/global_section.h"

namespace lbd::config {
namespace {

template <bool Overwrite>
void set_variable(cfg::Args& args, Global&) {
  auto name = args.take<std::string>();
  if (!name) return;
  auto value = args.take<std::string>();
  if (!value) return;
  if (Overwrite || !args.environment().get(*name)) args.environment().set(*name, *value);
}

void unset(cfg::Args& args, Global&) {
  for (const cfg::Word& word : args.rest()) args.environment().unset(word.text);
}

void reset(cfg::Args& args, Global&) {
  std::vector<cfg::Word> words = args.rest();
  std::vector<std::string_view> keep = {"HAPROXY_LOCALPEER", "HAPROXY_CFGFILES", "HAPROXY_MWORKER"};
  for (const cfg::Word& word : words) keep.push_back(word.text);
  args.environment().reset(keep);
}

constexpr GlobalWord kRows[] = {
    {.name = "setenv", .doc = "Sets a variable.", .set = set_variable<true>},
    {.name = "presetenv", .doc = "Sets a variable that is not set.", .set = set_variable<false>},
    {.name = "unsetenv", .doc = "Removes variables.", .set = unset},
    {.name = "resetenv", .doc = "Removes all variables but these.", .set = reset},
};
const base::Registered<GlobalWord> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
