// The words of syncd's configuration.
#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"
#include "cfg/address.h"
#include "cfg/keyword.h"
#include "syncd/config.h"

namespace syncd {
namespace {

using cfg::Args;

std::optional<Config::Place> take_address(Args& args) {
  auto word = args.take<cfg::Word>();
  if (!word) return std::nullopt;
  auto address = cfg::parse_address(word->text, args.environment());
  if (!address) {
    args.error(fmt::format("'{}' {}", args.name(), address.error().text));
    return std::nullopt;
  }
  if (address->kind != cfg::Address::Kind::ip || address->ports != cfg::Address::Ports::fixed || address->port == 0) {
    args.error(fmt::format("'{}' expects an IP address and a port", args.name()));
    return std::nullopt;
  }
  return Config::Place{.address = base::SockAddr(base::IpPort{address->ip, address->port}), .location = word->loc};
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return base::is_digit(c) || (base::to_lower(c) >= 'a' && base::to_lower(c) <= 'z') || c == '-' || c == '_' ||
           c == '.';
  });
}

std::optional<std::string> take_name(Args& args) {
  auto name = args.take<std::string>();
  if (name && is_name(*name)) return name;
  if (name) args.error(fmt::format("'{}' expects a name of letters, digits, '-', '_' and '.'", args.name()));
  return std::nullopt;
}

void set_node(Args& args, Config& config) {
  if (auto name = take_name(args)) config.node = std::move(*name);
  config.node_given = true;
}

void add_listen(Args& args, Config& config) {
  if (args.peek() && args.peek()->text.starts_with("fd@")) {
    cfg::Word word = *args.next();
    auto address = cfg::parse_address(word.text, args.environment());
    if (!address) return args.error(fmt::format("'listen' {}", address.error().text));
    config.listen.push_back(
        {.address = base::SockAddr::local_of(address->fd), .fd = address->fd, .location = word.loc});
    return;
  }
  if (auto place = take_address(args)) config.listen.push_back(*place);
}

void add_peer(Args& args, Config& config) {
  auto name = take_name(args);
  if (!name) return;
  auto same =
      std::find_if(config.peers.begin(), config.peers.end(), [&](const auto& peer) { return peer.name == *name; });
  if (same != config.peers.end()) return args.error(fmt::format("peer '{}' stands twice", *name));
  if (auto place = take_address(args)) config.peers.push_back({std::move(*name), *place});
}

void set_socket(Args& args, Config& config) {
  auto path = args.take<std::string>();
  if (!path) return;
  if (!path->starts_with('/')) return args.error("'socket' expects an absolute path");
  config.socket = std::move(*path);
  while (!args.at_end()) {
    cfg::Word word = *args.next();
    args.begin(word);
    auto value = args.take<std::string>();
    if (!value) return;
    if (word == "mode") {
      auto mode = base::parse_int<mode_t>(*value, 8);
      if (!mode || *mode > 0777) return args.error("'mode' expects an octal number up to 777");
      config.socket_mode = *mode;
    } else if (word == "user") {
      config.socket_user = std::move(*value);
    } else if (word == "group") {
      config.socket_group = std::move(*value);
    } else {
      return args.error_at(word.loc, fmt::format("unknown word '{}' behind 'socket'", word.text),
                           "'mode', 'user' and 'group' may stand here");
    }
  }
}

void set_secret_file(Args& args, Config& config) {
  if (auto path = args.take<cfg::Word>()) {
    config.secret_file = path->text;
    config.secret_location = path->loc;
  }
}

template <std::string Config::*Field>
void set_tls_file(Args& args, Config& config) {
  if (auto path = args.take<cfg::Word>()) {
    config.*Field = path->text;
    config.certificate_location = path->loc;
  }
}

void set_snapshot(Args& args, Config& config) {
  auto path = args.take<std::string>();
  if (!path) return;
  config.snapshot = std::move(*path);
  if (!args.accept("every")) return;
  if (auto every = args.take<base::Millis>({100, 86'400'000})) config.snapshot_every = *every;
}

// log <address> [len <length>] [format <format>] [sample <ranges>:<size>] <facility> [<level> [<minimum level>]]
void add_log(Args& args, Config& config) {
  base::SyslogOptions options;
  auto address = args.take<std::string>();
  if (!address) return;
  options.address = std::move(*address);
  if (args.accept("len")) {
    auto length = args.take<uint32_t>({80, 65535});
    if (!length) return;
    options.length = *length;
  }
  if (args.accept("format")) {
    auto name = args.take<std::string>();
    if (!name) return;
    auto format = base::parse_log_format(*name);
    if (!format) return args.error(fmt::format("unknown log format '{}'", *name));
    options.format = *format;
  }
  if (args.accept("sample")) {
    auto text = args.take<std::string>();
    if (!text) return;
    auto sample = base::LogSample::parse(*text);
    if (!sample) return args.error(fmt::format("'sample' {}", sample.error().text));
    options.sample = std::move(*sample);
  }
  auto name = args.take<std::string>();
  if (!name) return;
  auto facility = base::parse_facility(*name);
  if (!facility) return args.error(fmt::format("unknown log facility '{}'", *name));
  options.facility = *facility;
  for (base::Level* to : {&options.level, &options.min_level}) {
    if (args.at_end()) break;
    auto word = args.take<std::string>();
    auto level = base::parse_level(*word);
    if (!level) return args.error(fmt::format("unknown log level '{}'", *word));
    *to = *level;
  }
  config.logs.push_back(std::move(options));
}

constexpr cfg::Keyword<Config> kRows[] = {
    {.name = "node", .doc = "NAME: the name of this node", .set = set_node},
    {.name = "listen", .doc = "ADDRESS:PORT, or fd@N: where other nodes may connect", .set = add_listen},
    {.name = "peer", .doc = "NAME ADDRESS:PORT: another node, or this one", .set = add_peer},
    {.name = "socket", .doc = "PATH [mode M] [user U] [group G]: for the daemons of this node", .set = set_socket},
    {.name = "secret-file", .doc = "PATH: the secret that the nodes share", .set = set_secret_file},
    {.name = "certificate",
     .doc = "PATH: our certificate for the nodes (PEM, intermediates behind it), which is for the name of this node",
     .set = set_tls_file<&Config::certificate_file>},
    {.name = "key", .doc = "PATH: its key, where it is not in the same file", .set = set_tls_file<&Config::key_file>},
    {.name = "ca-file", .doc = "PATH: the authorities that certify the nodes", .set = set_tls_file<&Config::ca_file>},
    {.name = "allow-unauthenticated-peers",
     .doc = "without a secret, accept whoever reaches the port and names a peer",
     .set = cfg::field<&Config::allow_unauthenticated>()},
    {.name = "heartbeat",
     .doc = "TIME: how often a quiet link says that it lives; three of them missing end it",
     .set = cfg::field<&Config::heartbeat>({10, 60000})},
    {.name = "entries",
     .doc = "NUMBER: how many objects are kept at most",
     .set = cfg::field<&Config::entries>({1, 100'000'000})},
    {.name = "table-entries",
     .doc = "NUMBER: how many entries of stick tables are kept at most, each node's part for itself",
     .set = cfg::field<&Config::table_entries>({1, 1'000'000'000})},
    {.name = "snapshot",
     .doc = "PATH [every TIME]: what is known is written there at the stop, and now and then, and read at the start",
     .set = set_snapshot},
    {.name = "log", .doc = "as in haproxy.cfg: where messages go beside standard error", .set = add_log},
    {.name = "pidfile", .doc = "PATH: where the process id is written", .set = cfg::field<&Config::pidfile>()},
    {.name = "user", .doc = "NAME: who the process becomes after start", .set = cfg::field<&Config::user>()},
    {.name = "group", .doc = "NAME: likewise", .set = cfg::field<&Config::group>()},
};
const base::Registered<cfg::Keyword<Config>> kEnrol(kRows);

}  // namespace

std::string word_list() {
  std::string text;
  for (const auto& row : kRows) text += fmt::format("{}\t{}\n", row.name, row.doc);
  return text;
}

}  // namespace syncd
