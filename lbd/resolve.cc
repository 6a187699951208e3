#include "lbd/resolve.h"

#include <fmt/format.h>
#include <netdb.h>

#include <map>
#include <memory>

#include "base/strings.h"

namespace lbd {
namespace {

// Each name is asked for once.
class Resolver {
 public:
  explicit Resolver(const config::Families& accepted) : accepted_(accepted) {}
  // Family none: it does not resolve.
  base::IpAddr resolve(const std::string& host) {
    auto [known, is_new] = known_.try_emplace(host);
    if (is_new) known->second = ask(host);
    return known->second;
  }

 private:
  base::IpAddr ask(const std::string& host) const {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return {};
    std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
    // IPv4 first when there is one: what a server without IPv6 can be reached by.
    for (int family : {AF_INET, AF_INET6}) {
      if (!(family == AF_INET ? accepted_.v4 : accepted_.v6)) continue;
      for (const addrinfo* one = found; one; one = one->ai_next)
        if (one->ai_family == family) return base::SockAddr::from_raw(one->ai_addr, one->ai_addrlen).ip_port().ip;
    }
    return {};
  }
  const config::Families& accepted_;
  std::map<std::string, base::IpAddr> known_;
};

// What init-addr says: last, libc, an address, none, in order. False: nothing of it gave an address and none was not
// said.
bool find_address(config::Server& server, std::string_view last, Resolver& resolver, bool ignore_failures) {
  std::string_view methods = server.init_addr.empty() ? std::string_view("last,libc") : server.init_addr;
  for (std::string_view method : base::split(methods, ',')) {
    base::IpAddr ip;
    if (method == "libc") ip = resolver.resolve(server.host);
    if (auto saved = base::IpAddr::parse(last); method == "last" && saved) ip = *saved;
    if (auto literal = base::IpAddr::parse(method)) ip = *literal;
    if (ip.length() > 0) {
      server.address = base::SockAddr(base::IpPort{ip, server.port});
      return true;
    }
    if (method == "none") return true;
  }
  return ignore_failures;
}

}  // namespace

bool resolve_servers(config::Config& config, const ServerStates& states, bool ignore_failures,
                     cfg::Diagnostics& diagnostics) {
  Resolver resolver(config.global.accepted_families);
  bool all = true;
  const auto resolve = [&](const config::Proxy& proxy) {
    for (const auto& server : proxy.servers) {
      // Of SRV records nobody knows anything before they are asked for.
      if (server->host.empty() || server->address.is_ip() || server->srv()) continue;
      std::string text =
          fmt::format("'server {}/{}' : could not resolve address '{}'", proxy.name, server->name, server->host);
      const server::StateFile::Fields* saved = states.find(proxy, server->name);
      const std::string_view last = saved ? server::saved_address(*saved) : std::string_view();
      if (!find_address(*server, last, resolver, ignore_failures)) {
        diagnostics.error(server->address_location, text + ".");
        all = false;
      } else if (!server->address.is_ip() && server->init_addr.empty()) {
        diagnostics.warning(server->address_location, text + ", disabling server.");
      }
    }
  };
  for (const auto& proxy : config.proxies) resolve(*proxy);
  for (const config::Ring& ring : config.rings) resolve(*ring.proxy);
  return all;
}

}  // namespace lbd
