// The lines of virtual_rules and static_rules, written as for `ip rule`.
#include <linux/fib_rules.h>

#include <algorithm>

#include "base/strings.h"
#include "vrrpd/words/line_parser.h"
#include "vrrpd/words/route_names.h"

namespace vrrpd {
namespace {

constexpr std::string_view kSkipped[] = {"realms",    "realm",       "tun_id",  "suppress_ifgroup",
                                         "sup_group", "track_group", "protocol"};

std::optional<uint32_t> number(std::string_view text) {
  return text.starts_with("0x") ? base::parse_int<uint32_t>(text.substr(2), 16) : base::parse_int<uint32_t>(text);
}

// "10", "10-20".
std::optional<std::pair<uint32_t, uint32_t>> range(std::string_view text) {
  const size_t dash = text.find('-');
  const auto first = number(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : number(text.substr(dash + 1));
  if (!first || !last || *first > *last) return std::nullopt;
  return std::make_pair(*first, *last);
}

std::optional<PortRange> ports(std::string_view text) {
  const auto found = range(text);
  if (!found || found->second > UINT16_MAX) return std::nullopt;
  return PortRange{static_cast<uint16_t>(found->first), static_cast<uint16_t>(found->second)};
}

class RuleParser : private LineParser {
 public:
  explicit RuleParser(Args& args) : LineParser(args, "the rule is left out") {}

  std::optional<Rule> run() {
    rule_.text = text();
    while (good_ && args_.more()) {
      const cfg::Word word = *args_.next("an option");
      if (take_selector(word.text) || take_action(word.text)) continue;
      if (std::find(std::begin(kSkipped), std::end(kSkipped), word.text) != std::end(kSkipped)) {
        args_.next("a value");
        args_.diagnostics().warning(word.loc, fmt::format("'{}' of a rule has no effect", word.text));
      } else if (word.text != "no_track" && word.text != "type" && word.text != "unicast") {
        fail(word, fmt::format("unknown option '{}' of a rule", word.text));
      }
    }
    if (!good_) return std::nullopt;
    return std::move(rule_);
  }

 private:
  void take_prefix(std::optional<base::IpPrefix>& to) {
    const auto word = args_.next("a network");
    if (!word) return void(good_ = false);
    if (word->text == "all" || word->text == "any" || word->text == "default") return;
    const auto prefix = base::IpPrefix::parse(word->text);
    if (!prefix) return fail(*word, fmt::format("'{}' is not a network", word->text));
    rule_.family = prefix->ip.family;
    if (prefix->length) to = *prefix;
  }

  void take_mark() {
    const auto word = args_.next("a mark");
    if (!word) return void(good_ = false);
    const size_t slash = word->text.find('/');
    rule_.mark = number(std::string_view(word->text).substr(0, slash));
    if (slash != std::string::npos) rule_.mark_mask = number(std::string_view(word->text).substr(slash + 1));
    if (!rule_.mark || (slash != std::string::npos && !rule_.mark_mask))
      fail(*word, fmt::format("'{}' is not a mark", word->text));
  }

  bool take_selector(std::string_view option) {
    if (option == "not") {
      rule_.inverted = true;
    } else if (option == "from") {
      take_prefix(rule_.from);
    } else if (option == "to") {
      take_prefix(rule_.to);
    } else if (option == "iif" || option == "dev") {
      args_.text(rule_.in, "an interface");
    } else if (option == "oif") {
      args_.text(rule_.out, "an interface");
    } else if (option == "fwmark") {
      take_mark();
    } else if (option == "tos" || option == "dsfield") {
      set(rule_.tos, service_type, "a type of service");
    } else if (option == "uidrange") {
      set(rule_.users, range, "a range of users");
    } else if (option == "ipproto" || option == "ip_proto") {
      set(rule_.ip_protocol, ip_protocol, "a protocol");
    } else if (option == "sport") {
      set(rule_.source_ports, ports, "a range of ports");
    } else if (option == "dport") {
      set(rule_.destination_ports, ports, "a range of ports");
    } else if (option == "l3mdev") {
      rule_.l3mdev = true;
    } else if (option == "inet6") {
      rule_.family = base::Family::v6;
    } else if (option == "inet") {
      rule_.family = base::Family::v4;
    } else {
      return false;
    }
    return true;
  }

  bool take_action(std::string_view option) {
    if (option == "table" || option == "lookup") {
      set(rule_.table, table_number, "a table");
    } else if (option == "preference" || option == "pref" || option == "priority" || option == "order") {
      set(rule_.preference, number, "a number");
    } else if (option == "goto") {
      rule_.action = FR_ACT_GOTO;
      set(rule_.target, number, "a number");
    } else if (option == "suppress_prefixlength" || option == "suppress_prefixlen" || option == "sup_pl") {
      set(rule_.suppress_prefix, number, "a length");
    } else if (option == "blackhole") {
      rule_.action = FR_ACT_BLACKHOLE;
    } else if (option == "unreachable") {
      rule_.action = FR_ACT_UNREACHABLE;
    } else if (option == "prohibit") {
      rule_.action = FR_ACT_PROHIBIT;
    } else if (option == "nop") {
      rule_.action = FR_ACT_NOP;
    } else {
      return false;
    }
    return true;
  }

  Rule rule_;
};

}  // namespace

void parse_rules(std::vector<Rule>& to, Args& outer) {
  outer.expect_end();
  for (const cfg::Block& line : outer.block().body) {
    if (line.words.empty()) continue;
    Args args(line, outer.diagnostics(), 0);
    if (auto rule = RuleParser(args).run()) to.push_back(std::move(*rule));
  }
}

}  // namespace vrrpd
