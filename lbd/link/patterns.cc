#include "lbd/link/patterns.h"

#include <fmt/format.h>
#include <xxhash.h>

#include "proto/patterns.pb.h"

namespace lbd::link {
namespace {

// How many changes are taken under the lock of a list, for which rules that change it wait.
constexpr size_t kTaken = 16;

// "acl 'path_beg'" without the line, and the words.
std::string name_of_words(const expr::PatternRef& list) {
  std::string words = list.description().substr(0, list.description().find(" file '"));
  list.visit(0, [&](const expr::PatternRef::Shown& one) {
    words += '\0';
    words += one.key;
  });
  return fmt::format("words/{:016x}", XXH3_64bits(words.data(), words.size()));
}

// A key that is gone, and was none of the file's, need not be remembered for ever.
int64_t deadline_of(const expr::PatternChange& change) {
  if (change.key.empty() || !change.values.empty() || change.base != 0) return 0;
  return static_cast<int64_t>(change.version / 1000) + base::to_millis(expr::PatternJournal::kKeepGone);
}

}  // namespace

std::string encode(const expr::PatternChange& change) {
  tandem::PatternPart part;
  part.set_epoch(change.epoch);
  part.set_base(change.base);
  for (const std::string& value : change.values) part.add_values(value);
  return part.SerializeAsString();
}

std::optional<expr::PatternChange> decode(std::string_view key, uint64_t version, std::string_view value) {
  tandem::PatternPart part;
  if (!part.ParseFromArray(value.data(), static_cast<int>(value.size())) || part.epoch() >= version)
    return std::nullopt;
  if (key.empty() && (part.epoch() == 0 || part.values_size() != 0)) return std::nullopt;
  return expr::PatternChange{
      std::string(key), {part.values().begin(), part.values().end()}, version, part.epoch(), part.base()};
}

PatternShare::PatternShare(expr::PatternFiles& files) {
  for (const auto& list : files.lists()) {
    const std::string_view kind = list->is_map() ? "map" : "acl";
    const std::string name = list->name().empty() ? name_of_words(*list) : list->name();
    // ACLs with the same words are told apart by their order.
    std::string unique = fmt::format("{}{}/{}", replica::kPatternLists, kind, name);
    for (int more = 2; lists_.contains(unique); ++more)
      unique = fmt::format("{}{}/{}/{}", replica::kPatternLists, kind, name, more);
    list->track_changes();
    lists_.emplace(std::move(unique), list.get());
  }
}

void PatternShare::mark_all() {
  for (const auto& [name, list] : lists_) list->mark_changes();
}

void PatternShare::collect(Teller& teller) {
  for (const auto& [name, list] : lists_) {
    while (!teller.full() && list->has_changes())
      for (const expr::PatternChange& change : list->take_changes(kTaken))
        teller.tell_at(name, change.key, encode(change), change.version,
                       change.key.empty() ? change.epoch : change.version - 1, deadline_of(change));
    if (teller.full()) return;
  }
}

void PatternShare::accept(const replica::PartStore::News& news) {
  const auto list = lists_.find(news.table);
  if (list == lists_.end()) return;
  if (const auto change = decode(news.key, news.version, news.value)) list->second->apply(*change);
}

}  // namespace lbd::link
