// The commands about maps and ACLs: show, get, add, set, del, clear, prepare, commit. Texts are HAProxy's.
//
// A list is named by "#N" or its file. Where HAProxy takes part of a payload and then stumbles, so does this. What is
// not taken over: values that the map cannot have are refused by `set map`, too, and nothing is added to versions that
// are over. Manual: management.txt 9.3.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/strings.h"
#include "lbd/cli/command.h"
#include "lbd/expr/pattern.h"

namespace lbd::cli {
namespace {

using expr::PatternRef;

// How many entries are shown before others have their turn.
constexpr size_t kPiece = 1000;

enum class Kind : uint8_t { map, acl };

std::string_view word_of(Kind kind) {
  return kind == Kind::map ? "map" : "acl";
}

std::string_view title_of(Kind kind) {
  return kind == Kind::map ? "map" : "ACL";
}

std::string unknown(Kind kind) {
  return fmt::format("Unknown {} identifier. Please use #<id> or <file>.", title_of(kind));
}

// Null: there is none that is of this kind.
PatternRef* find_list(const Invocation& invocation, std::string_view name, Kind kind) {
  PatternRef* list = invocation.services.patterns->find(name);
  return list && (kind == Kind::map ? list->is_map() : list->is_acl()) ? list : nullptr;
}

// "@12", which may stand before the name; nonsense is 0, as with HAProxy.
std::optional<uint32_t> take_version(Invocation& invocation) {
  const std::string_view word = invocation.argument(0);
  if (!word.starts_with('@')) return std::nullopt;
  ++invocation.arguments;
  return base::parse_int<uint32_t>(word.substr(1)).value_or(0);
}

// What an index says of a pattern, or "" for nothing, as an answer.
void say_error(Invocation& invocation, std::string error) {
  if (error.empty()) return;
  if (!error.ends_with('.')) error += '.';
  invocation.say(error);
}

void list_all(Invocation& invocation, Kind kind) {
  invocation.say("# id (file) description");
  for (const auto& list : invocation.services.patterns->lists()) {
    if (!(kind == Kind::map ? list->is_map() : list->is_acl())) continue;
    invocation.say(fmt::format("{} ({}) {}. curr_ver={} next_ver={} entry_cnt={}", list->number(), list->name(),
                               list->description(), list->version(), list->next_version(), list->count()));
  }
}

template <Kind kind>
void show(Invocation& invocation) {
  if (invocation.argument_count() == 0) return list_all(invocation, kind);
  const auto asked = take_version(invocation);
  const PatternRef* list = find_list(invocation, invocation.argument(0), kind);
  if (!list) return invocation.refuse(unknown(kind));
  struct Rest {
    std::vector<uint64_t> refs;
    size_t at = 0;
  };
  const uint32_t version = asked.value_or(list->version());
  invocation.more = [list, version, rest = Rest{list->refs(version)}](std::string& answer) mutable {
    const size_t count = std::min(kPiece, rest.refs.size() - rest.at);
    list->show(version, std::span(rest.refs).subspan(rest.at, count), [&](const PatternRef::Shown& one) {
      fmt::format_to(std::back_inserter(answer), "{:#014x} {}", one.ref, one.key);
      if (one.has_value) fmt::format_to(std::back_inserter(answer), " {}", one.value);
      answer += '\n';
    });
    rest.at += count;
    return rest.at < rest.refs.size() ? More::there_is : More::done;
  };
}

std::string_view type_name(expr::Type type) {
  return type == expr::Type::string ? "str" : expr::name_of(type);
}

template <Kind kind>
void get(Invocation& invocation) {
  if (invocation.argument(1).empty()) {
    invocation.say(fmt::format("Missing {} identifier and/or key.", title_of(kind)));
    return;
  }
  const PatternRef* list = invocation.services.patterns->find(invocation.argument(0));
  if (!list) return invocation.refuse(unknown(kind));
  for (const PatternRef::Lookup& one : list->lookup(invocation.argument(1))) {
    std::string line = fmt::format("type={}, case={}, {}={}", expr::row_of(one.match).name,
                                   one.ignore_case ? "insensitive" : "sensitive", kind == Kind::map ? "found" : "match",
                                   one.found ? "yes" : "no");
    if (one.found) {
      line += fmt::format(", idx={}, {}=\"{}\"", one.in_list ? "list" : "tree", kind == Kind::map ? "key" : "pattern",
                          one.key);
      if (kind == Kind::map)
        line += list->is_map() ? fmt::format(", value=\"{}\", type=\"{}\"", one.value, type_name(one.type))
                               : std::string(", value=none");
    }
    invocation.say(line);
  }
}

// A line of a payload into its first word and the rest.
std::pair<std::string_view, std::string_view> split_line(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  const size_t end = std::min(line.find_first_of(" \t"), line.size());
  std::string_view value = line.substr(end);
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  return {line.substr(0, end), value};
}

std::string add_one(PatternRef& list, std::optional<uint32_t> version, std::string_view key, std::string_view value) {
  return version ? list.add(key, value, *version) : list.add(key, value);
}

// The lines before one that is wrong are taken.
void add_payload(Invocation& invocation, PatternRef& list, Kind kind, std::optional<uint32_t> version) {
  std::string_view rest = invocation.payload;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto [key, value] = split_line(line);
    if (key.empty()) continue;
    if (kind == Kind::map && value.empty()) return invocation.refuse(fmt::format("Missing value for key '{}'.", key));
    // A pattern may have blanks in it.
    std::string error = add_one(list, version, kind == Kind::map ? key : line.substr(line.find(key)), value);
    if (!error.empty()) return say_error(invocation, std::move(error));
  }
}

template <Kind kind>
void add(Invocation& invocation) {
  auto version = take_version(invocation);
  const bool complete = kind == Kind::map ? !invocation.argument(2).empty() : !invocation.argument(1).empty();
  if (invocation.argument(0).empty() || (invocation.payload.empty() && !complete))
    return invocation.refuse(kind == Kind::map
                                 ? "'add map' expects three parameters (map identifier, key and value) or "
                                   "one parameter (map identifier) and a payload"
                                 : "'add acl' expects two parameters: ACL identifier and pattern.");
  PatternRef* list = invocation.services.patterns->find(invocation.argument(0));
  if (!list) return invocation.refuse(unknown(kind));
  if (kind == Kind::acl && list->is_map())
    return invocation.refuse(
        "This ACL is shared with a map containing samples. You must use the command 'add map' to add values.");
  if (version && *version > list->next_version())
    return invocation.refuse(
        fmt::format("Version number in the future, please use 'prepare {}' before.", word_of(kind)));
  if (!invocation.payload.empty()) return add_payload(invocation, *list, kind, version);
  say_error(invocation, add_one(*list, version, invocation.argument(1), invocation.argument(2)));
}

// "#0x…", an entry as `show` names it.
std::optional<uint64_t> entry_ref(std::string_view word) {
  if (!word.starts_with("#0x")) return std::nullopt;
  return base::parse_int<uint64_t>(word.substr(3), 16);
}

void set_map(Invocation& invocation) {
  if (invocation.argument(2).empty())
    return invocation.refuse("'set map' expects three parameters: map identifier, key and value.");
  PatternRef* list = invocation.services.patterns->find(invocation.argument(0));
  if (!list) return invocation.refuse(unknown(Kind::map));
  const std::string_view key = invocation.argument(1), value = invocation.argument(2);
  const auto ref = entry_ref(key);
  say_error(invocation, ref ? list->set_entry(*ref, value) : list->set(key, value));
}

template <Kind kind>
void del(Invocation& invocation) {
  if (invocation.argument(1).empty())
    return invocation.refuse(
        fmt::format("This command expects two parameters: {} identifier and key.", title_of(kind)));
  PatternRef* list = find_list(invocation, invocation.argument(0), kind);
  if (!list) return invocation.refuse(unknown(Kind::map));
  const auto ref = entry_ref(invocation.argument(1));
  say_error(invocation, ref ? list->remove_entry(*ref) : list->remove(invocation.argument(1)));
}

template <Kind kind>
void clear(Invocation& invocation) {
  const auto version = take_version(invocation);
  if (invocation.argument(0).empty()) return invocation.refuse(fmt::format("Missing {} identifier.", title_of(kind)));
  PatternRef* list = find_list(invocation, invocation.argument(0), kind);
  if (!list) return invocation.refuse(unknown(kind));
  // Nothing is in a version that is not there.
  (void)(version ? list->clear(*version) : list->clear());
}

template <Kind kind>
void prepare(Invocation& invocation) {
  PatternRef* list = find_list(invocation, invocation.argument(0), kind);
  if (!list) return invocation.refuse(unknown(kind));
  invocation.say(fmt::format("New version created: {}", list->prepare()));
}

template <Kind kind>
void commit(Invocation& invocation) {
  const auto version = take_version(invocation);
  if (!version) return invocation.refuse("Missing version number.");
  if (invocation.argument(0).empty()) return invocation.refuse(fmt::format("Missing {} identifier.", title_of(kind)));
  PatternRef* list = find_list(invocation, invocation.argument(0), kind);
  if (!list) return invocation.refuse(unknown(kind));
  say_error(invocation, list->commit(*version));
}

// Any client may change lists, as with HAProxy: a socket is as much as the rights to its path.
constexpr CommandRow kRows[] = {
    {.name = "show map",
     .usage = "[@ver] [map]",
     .doc = "report available maps or dump a map's contents",
     .run = show<Kind::map>},
    {.name = "show acl",
     .usage = "[@<ver>] <acl>]",
     .doc = "report available acls or dump an acl's contents",
     .run = show<Kind::acl>},
    {.name = "get map",
     .usage = "<acl> <value>",
     .doc = "report the keys and values matching a sample for a map",
     .run = get<Kind::map>},
    {.name = "get acl",
     .usage = "<acl> <value>",
     .doc = "report the patterns matching a sample for an ACL",
     .run = get<Kind::acl>},
    {.name = "add map",
     .usage = "[@<ver>] <map> <key> <val>",
     .doc = "add a map entry (payload supported instead of key/val)",
     .run = add<Kind::map>},
    {.name = "add acl", .usage = "[@<ver>] <acl> <pattern>", .doc = "add an acl entry", .run = add<Kind::acl>},
    {.name = "set map", .usage = "<map> [<key>|#<ref>] <value>", .doc = "modify a map entry", .run = set_map},
    {.name = "del map",
     .usage = "<map> [<key>|#<ref>]",
     .doc = "delete map entries matching <key>",
     .run = del<Kind::map>},
    {.name = "del acl",
     .usage = "<acl> [<key>|#<ref>]",
     .doc = "delete acl entries matching <key>",
     .run = del<Kind::acl>},
    {.name = "clear map", .usage = "[@<ver>] <map>", .doc = "clear the contents of this map", .run = clear<Kind::map>},
    {.name = "clear acl", .usage = "[@<ver>] <acl>", .doc = "clear the contents of this acl", .run = clear<Kind::acl>},
    {.name = "prepare map",
     .usage = "<acl>",
     .doc = "prepare a new version for atomic map replacement",
     .run = prepare<Kind::map>},
    {.name = "prepare acl",
     .usage = "<acl>",
     .doc = "prepare a new version for atomic ACL replacement",
     .run = prepare<Kind::acl>},
    {.name = "commit map", .usage = "@<ver> <map>", .doc = "commit the map at this version", .run = commit<Kind::map>},
    {.name = "commit acl", .usage = "@<ver> <acl>", .doc = "commit the ACL at this version", .run = commit<Kind::acl>},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
