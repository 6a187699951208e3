#include "lbd/rules/table_ref.h"

#include <fmt/core.h>

#include "cfg/suggest.h"
#include "lbd/expr/table_key.h"

namespace lbd::rules {

const config::StickTable* find_table(expr::CompileContext& context, const cfg::Word* name, const cfg::Word& rule) {
  const config::Proxy& proxy = context.proxy;
  if (!name) {
    if (!proxy.stick_table && !proxy.is_defaults)
      context.error(
          rule.loc,
          fmt::format("'{}': {} '{}' has no stick table, and no other is named", rule.text, proxy.kind(), proxy.name),
          "add 'table NAME', or a 'stick-table' line");
    return proxy.stick_table.get();
  }
  if (const config::StickTable* table = context.config.find_table(name->text)) return table;
  std::vector<std::string_view> known;
  for (const config::StickTable* one : context.config.stick_tables) known.push_back(one->name);
  const bool section = context.config.find_backend(name->text) || context.config.find_frontend(name->text);
  context.error(name->loc,
                section ? fmt::format("'{}' has no stick table", name->text)
                        : fmt::format("there is no stick table '{}'", name->text),
                cfg::did_you_mean(name->text, known));
  return nullptr;
}

bool fits(expr::CompileContext& context, const expr::Expr& key, const config::StickTable& table,
          const cfg::Word& word) {
  const expr::Type type = expr::type_of(table.key);
  if (expr::castable(key.type(), type)) return true;
  context.error(word.loc, fmt::format("the stick table '{}' has keys of type {}, and '{}' gives type {}", table.name,
                                      config::name_of(table.key), word.text, expr::name_of(key.type())));
  return false;
}

}  // namespace lbd::rules
