#include "vrrpd/words/words.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/strings.h"
#include "vrrpd/track/tracker.h"

namespace vrrpd {
namespace {

std::optional<int64_t> parse_integer(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  const auto value = hex ? base::parse_int<int64_t>(text.substr(2), 16) : base::parse_int<int64_t>(text);
  if (!value || *value < 0) return std::nullopt;
  return negative ? -*value : *value;
}

std::optional<uint8_t> parse_scope(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, uint8_t>, 5> kScopes{
      {{"global", 0}, {"site", 200}, {"link", 253}, {"host", 254}, {"nowhere", 255}}};
  for (const auto& [name, value] : kScopes)
    if (name == text) return value;
  const auto value = parse_integer(text);
  if (!value || *value < 0 || *value > 255) return std::nullopt;
  return static_cast<uint8_t>(*value);
}

// The options behind an address; returns false after an error.
bool parse_address_option(VirtualAddress& address, std::string_view option, Args& args) {
  if (option == "dev") {
    args.text(address.device, "an interface");
  } else if (option == "label") {
    args.text(address.label, "a label");
  } else if (option == "brd" || option == "broadcast") {
    if (args.take_if("+")) {
      address.broadcast_from_prefix = true;
    } else if (!args.take_if("-")) {
      args.address(address.broadcast);
    }
  } else if (option == "scope") {
    const auto word = args.next("a scope");
    if (!word) return false;
    const auto scope = parse_scope(word->text);
    if (!scope) {
      args.error(word->loc, fmt::format("unknown scope '{}'", word->text), "global, site, link, host or nowhere");
      return false;
    }
    address.scope = *scope;
  } else if (option == "peer") {
    args.address(address.peer);
  } else if (option == "preferred_lft") {
    if (args.take_if("forever") || args.take_if("infinity"))
      address.preferred_lft = UINT32_MAX;
    else
      args.number(address.preferred_lft, 0, INT32_MAX);
  } else if (option == "home") {
    address.home = true;
  } else if (option == "-nodad") {
    address.duplicate_detection = true;
  } else if (option == "mngtmpaddr") {
    address.manage_temporary = true;
  } else if (option == "noprefixroute") {
    address.no_prefix_route = true;
  } else if (option == "autojoin") {
    address.auto_join = true;
  } else if (option == "no_track") {
    address.tracked = false;
  } else {
    return false;
  }
  return true;
}

}  // namespace

bool Args::take_if(std::string_view word) {
  if (peek() != word) return false;
  ++next_;
  return true;
}

std::optional<cfg::Word> Args::next(std::string_view what) {
  if (more()) return block_.words[next_++];
  error(block_.at(next_), fmt::format("'{}' needs {}", block_[0], what));
  return std::nullopt;
}

void Args::expect_end() {
  if (!more()) return;
  diagnostics_.warning(block_.at(next_), fmt::format("'{}' has no effect here", block_[next_]),
                       "every word of a block stands on a line of its own");
}

void Args::text(std::string& to, std::string_view what) {
  if (const auto word = next(what)) to = word->text;
}

std::optional<int64_t> Args::integer(int64_t least, int64_t most) {
  const auto word = next(fmt::format("a number from {} to {}", least, most));
  if (!word) return std::nullopt;
  const auto value = parse_integer(word->text);
  if (value && *value >= least && *value <= most) return value;
  error(word->loc, fmt::format("'{}' is not a number from {} to {}", word->text, least, most));
  return std::nullopt;
}

std::optional<base::Nanos> Args::duration(double least, double most) {
  const auto word = next("a time in seconds");
  if (!word) return std::nullopt;
  double value = 0;
  const char* end = word->text.data() + word->text.size();
  const auto [stop, error_code] = std::from_chars(word->text.data(), end, value, std::chars_format::fixed);
  if (error_code == std::errc() && stop == end && value >= least && value <= most)
    return base::Micros(std::llround(value * 1e6));
  error(word->loc, fmt::format("'{}' is not a time from {} to {} seconds", word->text, least, most));
  return std::nullopt;
}

std::optional<bool> Args::flag() {
  if (!more()) return true;
  const cfg::Word word = *next("on or off");
  for (const std::string_view yes : {"on", "true", "yes"})
    if (base::iequals(word.text, yes)) return true;
  for (const std::string_view no : {"off", "false", "no"})
    if (base::iequals(word.text, no)) return false;
  error(word.loc, fmt::format("'{}' is neither on nor off", word.text));
  return std::nullopt;
}

std::optional<base::IpAddr> Args::ip() {
  const auto word = next("an IP address");
  if (!word) return std::nullopt;
  auto value = base::IpAddr::parse(word->text);
  if (value) return std::move(value).value();
  error(word->loc, fmt::format("'{}' is not an IP address", word->text));
  return std::nullopt;
}

void Args::command(Command& to) {
  const auto word = next("a script");
  if (!word) return;
  Command command;
  command.where = word->loc;
  command.argv = split_command(word->text);
  if (command.argv.empty()) return error(word->loc, "an empty script");
  if (more()) text(command.user, "a user");
  if (more()) text(command.group, "a group");
  expect_end();
  to = std::move(command);
}

std::vector<cfg::Word> Args::list() const {
  std::vector<cfg::Word> words;
  for (const cfg::Block& line : block_.body) words.insert(words.end(), line.words.begin(), line.words.end());
  return words;
}

void Args::error(const cfg::Location& where, std::string text, std::string hint) {
  diagnostics_.error(where, std::move(text), std::move(hint));
}

void Args::no_effect(std::string_view why) {
  diagnostics_.warning(block_.words[0].loc, fmt::format("'{}' has no effect: {}", block_[0], why));
  next_ = block_.words.size();
}

std::vector<std::string> split_command(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;
  bool quoted = false;
  for (const char c : text) {
    if (c == '\'') {
      quoted = !quoted;
      if (!inside) words.emplace_back();
      inside = true;
    } else if (!quoted && base::is_space(c)) {
      inside = false;
    } else {
      if (!inside) words.emplace_back();
      inside = true;
      words.back() += c;
    }
  }
  return words;
}

void parse_addresses(std::vector<VirtualAddress>& to, Args& outer) {
  outer.expect_end();
  for (const cfg::Block& line : outer.block().body) {
    if (line.words.empty()) continue;
    Args args(line, outer.diagnostics(), 0);
    const cfg::Word word = *args.next("an IP address");
    const auto prefix = base::IpPrefix::parse(word.text);
    if (!prefix) {
      args.error(word.loc, fmt::format("'{}' is not an IP address", word.text));
      continue;
    }
    VirtualAddress address;
    address.ip = prefix->ip;
    address.prefix = prefix->length;
    while (args.more()) {
      const cfg::Word option = *args.next("an option");
      if (parse_address_option(address, option.text, args)) continue;
      if (option.text == "use_vmac") {
        args.diagnostics().warning(
            option.loc, "'use_vmac' has no effect: only the interface of the instance gets a virtual MAC address");
        continue;
      }
      args.error(option.loc, fmt::format("unknown option '{}' of an address", option.text),
                 cfg::did_you_mean(option.text, {"dev", "label", "brd", "scope", "peer", "home", "-nodad", "mngtmpaddr",
                                                 "noprefixroute", "autojoin", "no_track", "preferred_lft"}));
      break;  // what follows belongs to it
    }
    to.push_back(std::move(address));
  }
}

void no_mail(Args& args) {
  args.diagnostics().report(cfg::Severity::diag, args.block().words[0].loc, "no mail is sent; use notify scripts");
}

void parse_trackers(std::vector<TrackerUse>& to, Args& outer) {
  outer.expect_end();
  for (const cfg::Block& line : outer.block().body) {
    if (line.words.empty()) continue;
    Args args(line, outer.diagnostics(), 0);
    TrackerUse use;
    use.kind = base::Registered<TrackerRow>::find(outer.block()[0])->name;
    use.where = line.words[0].loc;
    use.name = args.next("a name")->text;
    if (args.take_if("weight")) {
      args.number(use.weight, -254, 254);
      use.reverse = args.take_if("reverse");
      if (!use.reverse && !args.take_if("noreverse")) args.take_if("no_reverse");
    }
    args.expect_end();
    to.push_back(std::move(use));
  }
}

}  // namespace vrrpd
