// The lines of virtual_routes and static_routes, written as for `ip route`.
#include <linux/rtnetlink.h>

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "vrrpd/words/line_parser.h"
#include "vrrpd/words/route_names.h"

namespace vrrpd {
namespace {

struct Type {
  std::string_view name;
  uint8_t type;
};
constexpr Type kTypes[] = {{"unicast", RTN_UNICAST},         {"local", RTN_LOCAL},         {"broadcast", RTN_BROADCAST},
                           {"anycast", RTN_ANYCAST},         {"multicast", RTN_MULTICAST}, {"blackhole", RTN_BLACKHOLE},
                           {"unreachable", RTN_UNREACHABLE}, {"prohibit", RTN_PROHIBIT},   {"throw", RTN_THROW}};

// Preferences of routers in RFC 4191 2.1.
constexpr uint8_t kHigh = 1, kMedium = 0, kLow = 3;

struct Metric {
  std::string_view name;
  uint16_t number;
  unsigned scale;  // ip's unit in the kernel's
};
constexpr Metric kMetrics[] = {{"mtu", RTAX_MTU, 1},           {"advmss", RTAX_ADVMSS, 1},
                               {"window", RTAX_WINDOW, 1},     {"rtt", RTAX_RTT, 8},
                               {"rttvar", RTAX_RTTVAR, 4},     {"ssthresh", RTAX_SSTHRESH, 1},
                               {"cwnd", RTAX_CWND, 1},         {"reordering", RTAX_REORDERING, 1},
                               {"hoplimit", RTAX_HOPLIMIT, 1}, {"initcwnd", RTAX_INITCWND, 1},
                               {"initrwnd", RTAX_INITRWND, 1}, {"rto_min", RTAX_RTO_MIN, 1},
                               {"quickack", RTAX_QUICKACK, 1}, {"fastopen_no_cookie", RTAX_FASTOPEN_NO_COOKIE, 1}};

// With a value that has no effect here.
constexpr std::string_view kSkipped[] = {"realms", "realm",       "congctl",       "expires", "vrf",
                                         "as",     "track_group", "ttl-propagate", "nhid"};

class RouteParser : private LineParser {
 public:
  explicit RouteParser(Args& args) : LineParser(args, "the route is left out") {}

  std::optional<Route> run() {
    route_.text = text();
    while (good_ && args_.more()) {
      const cfg::Word word = *args_.next("an option");
      if (!take_type(word) && !take_hop(word) && !take_metric(word) && !take_option(word)) take_destination(word);
    }
    if (good_ && !has_destination_) fail(args_.block().words[0], "a route without destination");
    if (good_) settle_family();
    if (!good_) return std::nullopt;
    return std::move(route_);
  }

 private:
  NextHop& hop() {
    if (route_.hops.empty()) route_.hops.emplace_back();
    return route_.hops.back();
  }

  bool take_type(const cfg::Word& word) {
    if (has_destination_) return false;
    for (const Type& type : kTypes) {
      if (type.name != word.text) continue;
      route_.type = type.type;
      return true;
    }
    return false;
  }

  bool take_hop(const cfg::Word& word) {
    const std::string_view option = word.text;
    if (option == "nexthop") {
      route_.hops.emplace_back();
    } else if (option == "via" || option == "gw" || option == "or") {
      if (option == "or") route_.hops.emplace_back();
      if (!args_.take_if("inet")) args_.take_if("inet6");
      const auto ip = args_.ip();
      if (!ip) return good_ = false, true;
      hop().via = *ip;
    } else if (option == "dev" || option == "oif") {
      // One interface behind several gateways is that of all.
      std::string device;
      args_.text(device, "an interface");
      for (NextHop& each : route_.hops)
        if (each.device.empty()) each.device = device;
      hop().device = device;
    } else if (option == "weight") {
      args_.number(hop().weight, 1, 256);
    } else if (option == "onlink") {
      hop().on_link = true;
    } else {
      return false;
    }
    return true;
  }

  bool take_metric(const cfg::Word& word) {
    const Metric* metric = std::find_if(std::begin(kMetrics), std::end(kMetrics),
                                        [&](const Metric& each) { return each.name == word.text; });
    if (metric == std::end(kMetrics)) return false;
    const bool locked = args_.take_if("lock");
    const auto value = args_.next("a number");
    if (!value) return good_ = false, true;
    // "102", "102ms", "1s".
    std::string_view text = value->text;
    unsigned unit = 1;
    if (text.ends_with("ms"))
      text.remove_suffix(2);
    else if (text.ends_with("s") && metric->scale != 1)
      text.remove_suffix(1), unit = 1000;
    const auto number = base::parse_int<uint32_t>(text);
    if (!number) return fail(*value, fmt::format("'{}' is not a number", value->text)), true;
    route_.metrics.emplace_back(metric->number, *number * unit * metric->scale);
    if (locked) lock(metric->number);
    return true;
  }

  void lock(uint16_t number) {
    for (auto& [metric, value] : route_.metrics)
      if (metric == RTAX_LOCK) return void(value |= 1u << number);
    route_.metrics.emplace_back(uint16_t{RTAX_LOCK}, 1u << number);
  }

  bool take_option(const cfg::Word& word) {
    const std::string_view option = word.text;
    if (option == "table") {
      set(route_.table, table_number, "a table");
    } else if (option == "src" || option == "from") {
      const auto ip = args_.ip();
      if (!ip) return good_ = false, true;
      route_.source = *ip;
    } else if (option == "metric" || option == "priority" || option == "preference") {
      args_.number(route_.metric, 0, UINT32_MAX);
    } else if (option == "scope") {
      set(route_.scope, scope_number, "a scope");
    } else if (option == "proto" || option == "protocol") {
      set(route_.protocol, route_protocol, "a protocol");
    } else if (option == "tos" || option == "dsfield") {
      set(route_.tos, service_type, "a type of service");
    } else if (option == "pref") {
      set(route_.preference, router_preference, "low, medium or high");
    } else if (option == "features") {
      args_.take_if("ecn");
      route_.metrics.emplace_back(uint16_t{RTAX_FEATURES}, uint32_t{RTAX_FEATURE_ECN});
    } else if (option == "no_track" || option == "add" || option == "append" || option == "replace" ||
               option == "unicast") {
      return true;
    } else if (std::find(std::begin(kSkipped), std::end(kSkipped), option) != std::end(kSkipped)) {
      args_.next("a value");
      args_.diagnostics().warning(word.loc, fmt::format("'{}' of a route has no effect", option));
    } else {
      return false;
    }
    return true;
  }

  static std::optional<uint8_t> router_preference(std::string_view text) {
    if (text == "low") return kLow;
    if (text == "medium") return kMedium;
    if (text == "high") return kHigh;
    return std::nullopt;
  }

  void take_destination(const cfg::Word& first) {
    cfg::Word word = first;
    if (word.text == "to" && args_.more()) word = *args_.next("a destination");
    if (has_destination_) return fail(word, fmt::format("unknown option '{}' of a route", word.text));
    has_destination_ = true;
    if (word.text == "default" || word.text == "any") return;
    const auto prefix = base::IpPrefix::parse(word.text);
    if (!prefix) return fail(word, fmt::format("'{}' is neither a destination nor an option of a route", word.text));
    route_.family = prefix->ip.family;
    family_known_ = true;
    if (prefix->length) route_.to = *prefix;
  }

  // A default route is of the family of its gateway or source.
  void settle_family() {
    if (family_known_) return;
    if (route_.source) route_.family = route_.source->family;
    for (const NextHop& each : route_.hops)
      if (each.via) route_.family = each.via->family;
  }

  Route route_;
  bool has_destination_ = false, family_known_ = false;
};

}  // namespace

void parse_routes(std::vector<Route>& to, Args& outer) {
  outer.expect_end();
  for (const cfg::Block& line : outer.block().body) {
    if (line.words.empty()) continue;
    Args args(line, outer.diagnostics(), 0);
    if (auto route = RouteParser(args).run()) to.push_back(std::move(*route));
  }
}

}  // namespace vrrpd
