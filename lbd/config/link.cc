#include "lbd/config/link.h"

#include <fmt/format.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <sys/socket.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/addr.h"
#include "base/fd.h"
#include "base/strings.h"
#include "cfg/suggest.h"

namespace lbd::config {
namespace {

// Whether packets to the internet would find a way out; none is sent.
bool has_route_for_v6() {
  const base::SockAddr anywhere(base::IpPort{*base::IpAddr::parse("2000::1"), 9});
  const base::Fd fd(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  return fd && ::connect(fd.get(), anywhere.sa(), anywhere.length()) == 0;
}

class Linker {
 public:
  Linker(Config& config, cfg::Diagnostics& diagnostics) : config_(config), diagnostics_(diagnostics) {}

  void run() {
    index();
    number();
    read_case_file();
    resolve_owner(config_.global.user, config_.global.group, config_.global.uid, config_.global.gid, {});
    for (Bind& bind : config_.global.stats_sockets) link_bind(bind);
    for (LogForward& section : config_.log_forwards) {
      for (const auto& bind : section.streams) link_bind(*bind);
      for (const auto& bind : section.datagrams) link_bind(*bind);
    }
    for (const auto& proxy : config_.proxies) {
      link_default_backend(*proxy);
      link_errors(*proxy);
      make_direct(*proxy);
      for (const auto& server : proxy->servers) link_server(*server);
      for (const auto& bind : proxy->binds) link_bind(*bind);
    }
    link_tables();
    add_default_resolvers();
    accept_families();
  }

 private:
  // The first of a name counts; a second one is an error that the checks report.
  void index() {
    size_t next = 0;
    for (const auto& proxy : config_.proxies) {
      proxy->index = next++;
      if (proxy->frontend) config_.frontend_by_name.emplace(proxy->name, proxy.get());
      if (proxy->backend) config_.backend_by_name.emplace(proxy->name, proxy.get());
    }
  }

  // Those without an id of their own get the next free one, in the order of the file. As with HAProxy the runtime
  // socket is a proxy, the first, and one with an id of its own passes the next number over.
  void number() {
    std::set<uint32_t> taken;
    for (const auto& proxy : config_.proxies) taken.insert(proxy->id);
    uint32_t next = config_.global.stats_sockets.empty() ? 1 : 2;
    for (const auto& proxy : config_.proxies) {
      proxy->own_id = proxy->id != 0;
      give_id(proxy->id, next, taken);
      number_servers(*proxy);
      number_listeners(*proxy);
    }
  }
  static void number_servers(Proxy& proxy) {
    std::set<uint32_t> taken;
    for (const auto& server : proxy.servers) taken.insert(server->id);
    uint32_t next = 1;
    for (const auto& server : proxy.servers) {
      server->own_id = server->id != 0;
      give_id(server->id, next, taken);
    }
  }
  // Each address of a line is a listener of its own.
  static void number_listeners(Proxy& proxy) {
    std::set<uint32_t> taken;
    for (const auto& bind : proxy.binds) taken.insert(bind->id);
    uint32_t next = 1;
    for (const auto& bind : proxy.binds)
      for (BindAddress& address : bind->addresses) {
        address.number = bind->id;
        give_id(address.number, next, taken);
      }
  }
  static void give_id(uint32_t& id, uint32_t& next, const std::set<uint32_t>& taken) {
    if (id == 0) {
      while (taken.contains(next)) ++next;
      id = next;
    }
    ++next;
  }

  void link_default_backend(Proxy& proxy) {
    if (!proxy.frontend || proxy.default_backend_name.empty()) return;
    proxy.default_backend = config_.find_backend(proxy.default_backend_name);
    if (!proxy.default_backend) {
      std::vector<std::string_view> known;
      for (const auto& each : config_.proxies)
        if (each->backend) known.push_back(each->name);
      diagnostics_.error(proxy.default_backend_location,
                         fmt::format("{} '{}': unable to find the default_backend '{}'", proxy.kind(), proxy.name,
                                     proxy.default_backend_name),
                         cfg::did_you_mean(proxy.default_backend_name, known));
    } else if (proxy.default_backend == &proxy) {
      diagnostics_.error(proxy.default_backend_location,
                         fmt::format("{} '{}': loop in default_backend", proxy.kind(), proxy.name));
    } else if (proxy.mode == Mode::http && proxy.default_backend->mode == Mode::tcp) {
      diagnostics_.error(proxy.default_backend_location,
                         fmt::format("http {} '{}' cannot use the tcp backend '{}'", proxy.kind(), proxy.name,
                                     proxy.default_backend_name),
                         "give both the same 'mode'");
    }
  }

  // Without a file to read it from there is none.
  void add_default_resolvers() {
    if (config_.find_resolvers("default")) return;
    auto text = base::read_file(kResolvConf);
    if (!text) return;
    Resolvers section;
    section.name = "default";
    section.name_servers = parse_resolv_conf(*text);
    if (!section.name_servers.empty()) config_.resolvers.push_back(std::move(section));
  }

  void accept_families() {
    Families& accepted = config_.global.accepted_families;
    if (accepted.automatic) accepted.v6 |= has_route_for_v6();
    for (Resolvers& section : config_.resolvers) section.accepted = accepted;
  }

  static void make_direct(Proxy& proxy) {
    const bool transparent = proxy.has(Option::transparent);
    // A `balance` line is stronger than both, and both are stronger than server lines.
    if (!proxy.backend || proxy.balance.location.source || (!transparent && !proxy.dispatch)) return;
    proxy.direct = std::make_unique<Server>(proxy.default_server);
    proxy.direct->name = "<NOSRV>";  // as log lines call it
    proxy.direct->location = proxy.location;
    if (proxy.dispatch) proxy.direct->address = *proxy.dispatch;
  }

  void link_health_check(Server& server) {
    if (server.check.section.empty()) return;
    std::vector<std::string_view> known;
    for (const auto& each : config_.health_checks) {
      if (each->name == server.check.section) server.check.spec = &each->spec;
      known.push_back(each->name);
    }
    if (!server.check.spec)
      diagnostics_.error(
          server.location,
          fmt::format("server '{}': unable to find the healthcheck section '{}'", server.name, server.check.section),
          cfg::did_you_mean(server.check.section, known));
  }

  void link_errors(Proxy& proxy) {
    for (const ErrorWord& word : proxy.error_words) {
      if (word.set.empty()) {
        for (int code : word.codes) proxy.errors.insert_or_assign(code, word.answer);
        continue;
      }
      auto set = std::find_if(config_.http_errors.begin(), config_.http_errors.end(),
                              [&](const HttpErrors& each) { return each.name == word.set; });
      if (set == config_.http_errors.end()) {
        diagnostics_.error(word.location, fmt::format("unable to find the http-errors section '{}'", word.set));
        continue;
      }
      for (const auto& [code, answer] : set->answers)
        if (word.codes.empty() || std::find(word.codes.begin(), word.codes.end(), code) != word.codes.end())
          proxy.errors.insert_or_assign(code, answer);
      for (int code : word.codes)
        if (!set->answers.contains(code))
          diagnostics_.warning(word.location,
                               fmt::format("the http-errors section '{}' has no page for status {}", word.set, code));
    }
  }

  // stick-table … write-to NAME.
  void link_target(StickTable& table) {
    if (table.write_to.empty()) return;
    const StickTable* target = config_.find_table(table.write_to);
    const auto refuse = [&](std::string_view why) {
      diagnostics_.error(table.location, fmt::format("write-to: '{}' {}", table.write_to, why));
    };
    if (!target) return refuse("is no stick table");
    if (target == &table) return refuse("is the table itself");
    if (target->key != table.key || target->key_length != table.key_length)
      return refuse("has keys of another type or length");
    if (!table.shared())
      diagnostics_.warning(table.location, "write-to takes no effect: no peers tell this table anything",
                           "add 'peers <name>'");
    table.written_to = target;
  }

  void link_tables() {
    std::vector<StickTable*>& all = config_.stick_tables;
    for (const auto& table : config_.peer_tables) all.push_back(table.get());
    for (const auto& proxy : config_.proxies)
      if (proxy->stick_table) {
        if (const StickTable* other = config_.find_table(proxy->name))
          diagnostics_.error(proxy->stick_table->location,
                             fmt::format("there is a stick table '{}' already", other->name));
        all.push_back(proxy->stick_table.get());
      }
    for (size_t i = 0; i < all.size(); ++i) all[i]->index = i;
    for (const StickTable* table : all) {
      const bool found =
          table->peers.empty() || std::any_of(config_.peers.begin(), config_.peers.end(),
                                              [&](const Peers& section) { return section.name == table->peers; });
      if (!found)
        diagnostics_.error(table->location,
                           fmt::format("stick-table: unable to find the peers section '{}'", table->peers));
    }
    for (StickTable* table : all) link_target(*table);
    // What `stick` rules need is stored without being asked for.
    for (const auto& proxy : config_.proxies)
      for (const RuleLine& line : proxy->rules) {
        if (line.statement[0] != "stick") continue;
        const std::string_view name = line.statement[3] == "table" ? line.statement[4] : std::string_view(proxy->name);
        for (StickTable* table : all) {
          if (table->name != name) continue;
          table->add({.type = data_type("server_id")});
          table->add({.type = data_type("server_key")});
        }
      }
  }

  void resolve_owner(const std::string& user, const std::string& group, std::optional<uint32_t>& uid,
                     std::optional<uint32_t>& gid, const cfg::Location& where) {
    if (!user.empty() && !uid) {
      const passwd* entry = getpwnam(user.c_str());
      if (entry) {
        uid = entry->pw_uid;
      } else {
        diagnostics_.error(where, fmt::format("unknown user '{}'", user));
      }
    }
    if (!group.empty() && !gid) {
      const struct group* entry = getgrnam(group.c_str());
      if (entry)
        gid = entry->gr_gid;
      else
        diagnostics_.error(where, fmt::format("unknown group '{}'", group));
    }
  }

  // Two names a line: in lower case, and as a bogus peer wants it.
  void read_case_file() {
    Global& global = config_.global;
    if (global.h1_case_adjust_file.empty()) return;
    auto text = base::read_file(global.h1_case_adjust_file);
    if (!text) return diagnostics_.error({}, fmt::format("h1-case-adjust-file: {}", text.error().text));
    uint32_t number = 0;
    for (std::string_view line : base::split(*text, '\n')) {
      ++number;
      line = base::trim(line);
      if (line.empty() || line.front() == '#') continue;
      const size_t blank = std::min(line.find_first_of(" \t"), line.size());
      std::string_view from = line.substr(0, blank), to = base::trim(line.substr(blank));
      if (!base::iequals(from, to) || from != base::lower(from))
        diagnostics_.error({}, fmt::format("{}:{}: expected a name in lower case, and the same name in another case",
                                           global.h1_case_adjust_file, number));
      else if (!global.h1_case_adjust.emplace(from, to).second)
        diagnostics_.error(
            {}, fmt::format("{}:{}: '{}' has an adjusted case already", global.h1_case_adjust_file, number, from));
    }
  }

  void link_bind(Bind& bind) {
    const UnixBind& base = config_.global.unix_bind;
    const bool is_unix = std::any_of(bind.addresses.begin(), bind.addresses.end(),
                                     [](const BindAddress& each) { return each.kind == BindAddress::Kind::unix; });
    if (is_unix) {
      if (!bind.mode) bind.mode = base.mode;
      if (bind.user.empty() && !bind.uid) bind.user = base.user, bind.uid = base.uid;
      if (bind.group.empty() && !bind.gid) bind.group = base.group, bind.gid = base.gid;
    }
    resolve_owner(bind.user, bind.group, bind.uid, bind.gid, bind.location);
    for (BindAddress& address : bind.addresses) {
      if (address.kind == BindAddress::Kind::unix && !base.prefix.empty())
        address.address = base::SockAddr::unix_path(base.prefix + address.address.path());
      if (address.host.empty()) continue;
      if (auto found = look_up(address.host, address.family, bind.location)) {
        address.address = *found;
        address.address.set_port(address.port);
      }
    }
  }

  void link_server(Server& server) {
    link_health_check(server);
    if (!server.socks4 || server.socks4->host.empty()) return;
    Server::Socks4& proxy = *server.socks4;
    // Once for all servers that have it of their default-server line.
    auto [known, is_new] = socks4_proxies_.try_emplace({proxy.host, proxy.family});
    if (is_new) known->second = look_up(proxy.host, proxy.family, server.location);
    if (known->second) proxy.address.ip = known->second->ip_port().ip;
  }

  std::optional<base::SockAddr> look_up(const std::string& host, base::Family family, const cfg::Location& where) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_family = family == base::Family::v4 ? AF_INET : family == base::Family::v6 ? AF_INET6 : AF_UNSPEC;
    addrinfo* found = nullptr;
    const int failure = getaddrinfo(host.c_str(), nullptr, &hints, &found);
    std::unique_ptr<addrinfo, void (*)(addrinfo*)> list(found, [](addrinfo* each) {
      if (each) freeaddrinfo(each);
    });
    if (failure != 0) {
      diagnostics_.error(where, fmt::format("cannot resolve '{}': {}", host, gai_strerror(failure)));
      return {};
    }
    return base::SockAddr::from_raw(list->ai_addr, list->ai_addrlen);
  }

  Config& config_;
  cfg::Diagnostics& diagnostics_;
  std::map<std::pair<std::string, base::Family>, std::optional<base::SockAddr>> socks4_proxies_;
};

}  // namespace

void link(Config& config, cfg::Diagnostics& diagnostics) {
  if (config.global.default_path_by_file) {
    auto folder_of = [](const std::string& path) { return path.substr(0, path.rfind('/') + 1); };
    const std::string folder = folder_of(config.sources.all().front()->name());
    for (const auto& source : config.sources.all())
      if (folder_of(source->name()) != folder)
        diagnostics.warning({}, fmt::format("'default-path': the configuration has files in several folders, such as "
                                            "'{}'; all relative paths begin at '{}'",
                                            source->name(), *config.global.default_path));
  }
  Linker(config, diagnostics).run();
}

}  // namespace lbd::config
