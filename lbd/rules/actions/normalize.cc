// normalize-uri: brings different spellings of a target into one form, so that rules and caches see one.
#include "lbd/http/normalize.h"

#include <fmt/core.h>

#include "lbd/http/uri.h"
#include "lbd/rules/action.h"

namespace lbd::rules {
namespace {

enum class Scope : uint8_t { path, query, both };

// One way to normalize. `option`: "full" or "strict" was said.
struct Normalizer {
  std::string_view name;
  std::string_view option;  // the word that may follow; "" for none
  Scope scope;
  std::optional<std::string_view> (*run)(std::string_view text, bool option, base::Arena& arena);
};

constexpr Normalizer kNormalizers[] = {
    {"fragment-encode", "", Scope::both,
     [](auto text, bool, auto& arena) { return std::optional(http::encode_fragment(text, arena)); }},
    {"fragment-strip", "", Scope::both,
     [](auto text, bool, auto&) { return std::optional(http::strip_fragment(text)); }},
    {"path-merge-slashes", "", Scope::path,
     [](auto text, bool, auto& arena) { return std::optional(http::merge_slashes(text, arena)); }},
    {"path-strip-dot", "", Scope::path,
     [](auto text, bool, auto& arena) { return std::optional(http::strip_dot(text, arena)); }},
    {"path-strip-dotdot", "full", Scope::path,
     [](auto text, bool full, auto& arena) { return std::optional(http::strip_dotdot(text, full, arena)); }},
    {"percent-decode-unreserved", "strict", Scope::both, http::decode_unreserved},
    {"percent-to-uppercase", "strict", Scope::both, http::uppercase_escapes},
    {"query-sort-by-name", "", Scope::query,
     [](auto text, bool, auto& arena) { return std::optional(http::sort_query(text, arena)); }},
};

class NormalizeUri final : public Action {
 public:
  NormalizeUri(const ErrorPages& errors, const Normalizer& normalizer, bool option)
      : errors_(errors), normalizer_(normalizer), option_(option) {}

  Verdict run(expr::Transaction& t, Outcome& outcome) const override {
    if (!t.request) return Verdict::next;
    const std::string_view target = t.request->target, whole = http::path_and_query_of(target);
    if (whole.empty()) return Verdict::next;
    const std::string_view origin = target.substr(0, static_cast<size_t>(whole.data() - target.data()));
    const size_t mark = std::min(whole.find('?'), whole.size());
    std::string_view before = origin, text = whole, behind;
    if (normalizer_.scope == Scope::path) {
      text = whole.substr(0, mark);
      behind = whole.substr(mark);
    } else if (normalizer_.scope == Scope::query) {
      if (mark == whole.size()) return Verdict::next;
      before = target.substr(0, origin.size() + mark + 1);
      text = whole.substr(mark + 1);
    }
    const auto normal = normalizer_.run(text, option_, t.arena);
    if (!normal) {
      outcome.reply = errors_.make(400, t);
      return Verdict::answer;
    }
    if (*normal != text) t.request->target = t.arena.concat(before, *normal, behind);
    return Verdict::next;
  }

 private:
  const ErrorPages& errors_;
  const Normalizer& normalizer_;
  bool option_;
};

const Action* parse_normalize(Parse& parse) {
  if (!parse.context.config.global.experimental) {
    parse.error_at(parse.name, "'normalize-uri' is experimental", "say expose-experimental-directives in global");
    return nullptr;
  }
  const cfg::Word* word = parse.take("the name of a normalizer");
  if (!word) return nullptr;
  for (const Normalizer& normalizer : kNormalizers) {
    if (*word != normalizer.name) continue;
    const bool option = !normalizer.option.empty() && parse.accept(normalizer.option);
    return parse.context.storage.make<NormalizeUri>(parse.errors, normalizer, option);
  }
  std::string known;
  for (const Normalizer& normalizer : kNormalizers)
    known += fmt::format("{}{}", known.empty() ? "" : ", ", normalizer.name);
  parse.error(fmt::format("there is no normalizer '{}'", word->text), "there are " + known);
  return nullptr;
}

constexpr ActionRow kRows[] = {
    {"normalize-uri", "Brings the target into a normal form.", set::kHttpRequest, false, parse_normalize},
};
const base::Registered<ActionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::rules
