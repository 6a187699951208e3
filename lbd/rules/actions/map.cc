// set-map, del-map, add-acl, del-acl: changes of maps and pattern lists at run time, by keys that rules compute.
#include <fmt/core.h>

#include "lbd/expr/pattern_files.h"
#include "lbd/expr/trace.h"
#include "lbd/rules/action.h"

namespace lbd::rules {
namespace {

enum class Change : uint8_t { set_map, del_map, add_acl, del_acl };

// What a list cannot take (a key that is no number, a value that is no address) is left out, as in HAProxy.
template <Change change>
class ChangeList final : public Action {
 public:
  ChangeList(const expr::PatternFiles::Target& target, const expr::LogFormat* key, const expr::LogFormat* value)
      : target_(target), key_(key), value_(value) {}
  Verdict run(expr::Transaction& t, Outcome&) const override {
    if (!target_.list) return Verdict::next;
    std::string_view key = key_->print(t);
    if (t.trace) t.trace->say(expr::Trace::Depth::detail, "the key is {}", expr::shown(key));
    if (expr::dry(t)) return Verdict::next;
    if (change == Change::set_map)
      target_.list->set_or_add(key, value_->print(t));
    else if (change == Change::add_acl)
      target_.list->add_once(key);
    else
      target_.list->remove(key);
    return Verdict::next;
  }

 private:
  const expr::PatternFiles::Target& target_;
  const expr::LogFormat* key_;
  const expr::LogFormat* value_;
};

template <Change change>
const Action* parse_change(Parse& parse) {
  std::string_view file = parse.bracket();
  if (file.empty()) {
    parse.error("the name of the file is missing", change == Change::set_map
                                                       ? "set-map(FILE) KEY VALUE"
                                                       : "the name stands in brackets: add-acl(FILE) KEY");
    return nullptr;
  }
  const expr::LogFormat* key = parse.format("a key");
  const expr::LogFormat* value = nullptr;
  if (key && change == Change::set_map) value = parse.format("a value");
  if (parse.failed()) return nullptr;
  const auto& target = parse.context.pattern_files().target(file, parse.name.loc);
  return parse.context.storage.make<ChangeList<change>>(target, key, value);
}

constexpr ActionRow kRows[] = {
    {"set-map", "Sets the value of a key in a map, adding it when it is not there.", set::kHttp, false,
     parse_change<Change::set_map>},
    {"del-map", "Takes a key out of a map.", set::kHttp, false, parse_change<Change::del_map>},
    {"add-acl", "Adds a pattern to the list of a file, unless it is there.", set::kHttp, false,
     parse_change<Change::add_acl>},
    {"del-acl", "Takes a pattern out of the list of a file.", set::kHttp, false, parse_change<Change::del_acl>},
};
const base::Registered<ActionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::rules
