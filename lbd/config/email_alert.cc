#include "lbd/config/email_alert.h"

#include <fmt/format.h>
#include <netdb.h>

#include <algorithm>
#include <memory>

#include "base/registry.h"
#include "cfg/address.h"
#include "cfg/suggest.h"
#include "cfg/value.h"
#include "lbd/config/check.h"

namespace lbd::config {
namespace {

constexpr base::Millis kTimeout{10000};  // manual: timeout mail

std::optional<base::SockAddr> look_up(const cfg::Address& at) {
  if (at.kind == cfg::Address::Kind::ip) return base::SockAddr(base::IpPort{at.ip, at.port});
  if (at.kind != cfg::Address::Kind::name) return std::nullopt;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_family = at.family == base::Family::v4 ? AF_INET : at.family == base::Family::v6 ? AF_INET6 : AF_UNSPEC;
  addrinfo* found = nullptr;
  if (getaddrinfo(at.name.c_str(), nullptr, &hints, &found) != 0) return std::nullopt;
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> list(found, freeaddrinfo);
  base::SockAddr address = base::SockAddr::from_raw(list->ai_addr, list->ai_addrlen);
  address.set_port(at.port);
  return address;
}

const Config::OtherSection* find_mailers(const Config& config, std::string_view name) {
  for (const Config::OtherSection& section : config.other_sections)
    if (section.kind == "mailers" && section.name == name) return &section;
  return nullptr;
}

void check_alerts(const Config& config, cfg::Diagnostics& diagnostics) {
  for (const Config::OtherSection& section : config.other_sections)
    if (section.kind == "mailers") read_mailers(section, config, diagnostics);
  for (const auto& proxy : config.proxies)
    if (!proxy->is_defaults) read_email_alert(*proxy, config, diagnostics);
}

constexpr CheckRow kRows[] = {
    {"mail: alerts", "Mailers are there, and so is what mail needs.", check_alerts},
};
const base::Registered<CheckRow> kEnrol(kRows);

}  // namespace

std::vector<Mailer> read_mailers(const Config::OtherSection& section, const Config& config,
                                 cfg::Diagnostics& diagnostics) {
  std::vector<Mailer> mailers;
  base::Nanos timeout = kTimeout;
  for (const cfg::Statement& line : section.statements) {
    if (line[0] == "timeout") {
      const auto time = cfg::parse_time(line[2]);
      if (line[1] != "mail" || line.size() != 3)
        diagnostics.error(line.at(1), "'timeout' of mailers is written: timeout mail TIME");
      else if (!time || time->count() <= 0)
        diagnostics.error(line.at(2), "'timeout mail' needs a time above 0");
      else
        timeout = *time;
      continue;
    }
    if (line.size() != 3) {
      diagnostics.error(line.at(std::min<size_t>(line.size(), 3)), "'mailer' expects a name and an address",
                        "mailer NAME ADDRESS:PORT");
      continue;
    }
    const auto at = cfg::parse_address(line[2], config.environment);
    const auto address = at && at->ports == cfg::Address::Ports::fixed ? look_up(*at) : std::nullopt;
    if (!address) {
      diagnostics.error(line.at(2), fmt::format("'mailer' cannot use the address '{}'", line[2]),
                        "an address or a name that the system knows, with a port");
      continue;
    }
    mailers.push_back({section.name, std::string(line[1]), *address, {}});
  }
  for (Mailer& mailer : mailers) mailer.timeout = timeout;
  return mailers;
}

std::optional<EmailAlert> read_email_alert(const Proxy& proxy, const Config& config, cfg::Diagnostics& diagnostics) {
  EmailAlert alert;
  const cfg::Statement *any = nullptr, *mailers = nullptr;
  for (const cfg::Statement& line : proxy.other_lines) {
    if (line[0] != "email-alert") continue;
    any = &line;
    const std::string value(line[2]);
    if (line.size() != 3) {
      diagnostics.error(line.at(std::min<size_t>(line.size(), 3)), "'email-alert' is followed by a word and its value",
                        "email-alert from|level|mailers|myhostname|to VALUE");
    } else if (line[1] == "from") {
      alert.from = value;
    } else if (line[1] == "to") {
      alert.to = value;
    } else if (line[1] == "myhostname") {
      alert.host = value;
    } else if (line[1] == "mailers") {
      mailers = &line;
    } else if (line[1] == "level") {
      if (const auto level = base::parse_level(value))
        alert.level = *level;
      else
        diagnostics.error(line.at(2), fmt::format("unknown log level '{}' after 'email-alert level'", value));
    } else {
      diagnostics.error(line.at(1), fmt::format("'email-alert' knows no '{}'", line[1]),
                        cfg::did_you_mean(line[1], {"from", "level", "mailers", "myhostname", "to"}));
    }
  }
  if (!any) return std::nullopt;
  if (alert.from.empty() || alert.to.empty() || !mailers) {
    diagnostics.warning(any->loc, fmt::format("'email-alert' is ignored for {} '{}': it needs 'email-alert from', "
                                              "'email-alert mailers' and 'email-alert to'",
                                              proxy.kind(), proxy.name));
    return std::nullopt;
  }
  const Config::OtherSection* section = find_mailers(config, (*mailers)[2]);
  if (!section) {
    diagnostics.error(mailers->at(2), fmt::format("unable to find the mailers section '{}'", (*mailers)[2]));
    return std::nullopt;
  }
  // What is wrong in the section is said once, when it is checked.
  cfg::Diagnostics of_section;
  alert.mailers = read_mailers(*section, config, of_section);
  return alert;
}

}  // namespace lbd::config
