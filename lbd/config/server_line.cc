#include "lbd/config/server_line.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"
#include "cfg/address.h"
#include "cfg/suggest.h"

namespace lbd::config {
namespace {

using Kind = cfg::Address::Kind;

// More than anybody runs, less than what would exhaust the memory by a slip of the finger.
constexpr uint32_t kMaxTemplate = 10000;

// All words of the line are rows by name; some carry an argument in parentheses.
bool read_words(cfg::Args& args, Server& server, const Proxy& proxy) {
  while (const cfg::Word* word = args.peek()) {
    const std::string_view name = std::string_view(word->text).substr(0, word->text.find('('));
    const ServerWord* row = cfg::Keywords<Server>::find(name);
    if (row && name.size() != word->text.size() && !(row->flags & kParenthesis)) row = nullptr;
    if (!row) {
      size_t which = 0;
      auto known = cfg::Keywords<Server>::candidates(args.statement(), args.position(), which);
      args.next();
      args.error(fmt::format("unknown server option '{}'", word->text), cfg::did_you_mean(word->text, known));
      return false;
    }
    args.next();
    args.begin(*word);
    row->set(args, server);
    if (args.failed()) return false;
    if (!row->pending.empty())
      advise_pending(word->text, row->pending, word->loc, args.diagnostics(),
                     fmt::format("{} {}", proxy.kind(), proxy.name));
  }
  return true;
}

// Of the first character that may not stand there; npos: all may.
size_t wrong_in_name(std::string_view name) {
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i], l = base::to_lower(c);
    if ((l < 'a' || l > 'z') && !base::is_digit(c) && c != '-' && c != '_' && c != '.' && c != ':') return i;
  }
  return std::string_view::npos;
}
std::string complaint_of_name(std::string_view name, size_t at) {
  return fmt::format("character '{}' is not permitted in server name '{}'", name[at], name);
}

bool check_name(cfg::Args& args, const std::string& name) {
  const size_t wrong = wrong_in_name(name);
  if (wrong == std::string_view::npos) return true;
  args.error_at(args.statement().words[args.position() - 1].at(wrong), complaint_of_name(name, wrong));
  return false;
}

// Words that may not stand in `add server`: what haproxy says of the first.
std::string complaint_of_word(const std::string& word) {
  if (cfg::Keywords<Server>::find(word)) return fmt::format("'{}' option is not accepted for dynamic server", word);
  std::vector<std::string_view> known;
  base::Registered<ServerWord>::for_each([&](const ServerWord& row) {
    if (row.flags & kRuntime) known.push_back(row.name);
  });
  const auto near = std::min_element(known.begin(), known.end(), [&](std::string_view a, std::string_view b) {
    return base::edit_distance(a, word, 8) < base::edit_distance(b, word, 8);
  });
  return fmt::format("unknown keyword '{}'; did you mean '{}' maybe ?", word, *near);
}

}  // namespace

bool read_server_address(cfg::Args& args, Server& server) {
  auto word = args.take<cfg::Word>();
  if (!word) return false;
  auto address = cfg::parse_address(word->text, args.environment());
  if (!address) {
    args.error(fmt::format("'{}' {}", args.name(), address.error().text));
    return false;
  }
  server.address_text = address->text;
  server.address_location = word->loc;
  server.port = address->port;
  server.port_map = Server::PortMap::fixed;
  if (address->ports == cfg::Address::Ports::range || address->socket == cfg::Address::Socket::datagram ||
      address->socket == cfg::Address::Socket::quic) {
    args.error(fmt::format("'{}' cannot use the address '{}'", args.name(), address->text),
               "a server has one stream address");
    return false;
  }
  switch (address->kind) {
    case Kind::unix:
      server.address = base::SockAddr::unix_path(address->name);
      return true;
    case Kind::abstract:
      server.address = base::SockAddr::abstract(address->name, true);
      return true;
    case Kind::abstract_short:
      server.address = base::SockAddr::abstract(address->name);
      return true;
    case Kind::fd:
    case Kind::sockpair: {
      args.error(fmt::format("'{}' cannot connect to the descriptor '{}'", args.name(), address->text));
      return false;
    }
    case Kind::ip:
      server.address = base::SockAddr(base::IpPort{address->ip, address->port});
      break;
    case Kind::name:
      server.host = address->name;
      server.host_family = address->family;
      break;
  }
  if (address->ports == cfg::Address::Ports::none) server.port_map = Server::PortMap::same;
  if (address->ports == cfg::Address::Ports::offset) {
    server.port_map = Server::PortMap::offset;
    server.port_offset = address->port_offset;
  }
  return true;
}

void parse_server_line(cfg::Args& args, Proxy& proxy) {
  auto server = std::make_unique<Server>(proxy.default_server);
  server->location = args.statement().loc;
  auto name = args.take<std::string>();
  if (!name || !check_name(args, *name)) return;
  server->name = *name;
  if (args.at_end()) {
    args.error_at(args.statement().at(args.position()), "'server' expects a name and an address",
                  "server NAME ADDRESS[:PORT] …");
    return;
  }
  if (!read_server_address(args, *server)) return;
  if (!read_words(args, *server, proxy)) return;
  // The records of a service give the port.
  if (server->srv()) server->port_map = Server::PortMap::fixed;
  proxy.servers.push_back(std::move(server));
}

base::Result<AddedServer> parse_added_server(const std::string& name, std::span<const std::string> words,
                                             cfg::Environment environment, cfg::Diagnostics& diagnostics) {
  if (words.empty()) return base::Err("'server' expects <name> and <addr>[:<port>] as arguments.");
  if (const size_t wrong = wrong_in_name(name); wrong != std::string_view::npos)
    return base::Err(complaint_of_name(name, wrong) + ".");
  cfg::Statement statement;
  const auto keep = [&](const std::string& text) { statement.words.push_back({.text = text, .loc = {}}); };
  keep("server");
  for (const std::string& word : words) keep(word);
  cfg::Diagnostics found;
  cfg::Args args(statement, 1, found, environment);
  AddedServer added{std::make_unique<Server>()};
  Server* const server = added.line.get();
  server->name = name;
  bool good = read_server_address(args, *server);
  while (good && !args.at_end()) {
    const cfg::Word& word = *args.next();
    const ServerWord* row = cfg::Keywords<Server>::find(word.text);
    if (!row || !(row->flags & kRuntime)) return base::Err(complaint_of_word(word.text));
    args.begin(word);
    row->set(args, *server);
    if (word == "enabled" || word == "disabled") added.enabled = word == "enabled";
    good = !args.failed();
    if (good && !row->pending.empty()) advise_pending(word.text, row->pending, {}, diagnostics, name);
  }
  if (good) return added;
  const cfg::Diagnostic& first = found.all().front();
  return base::Err(first.hint.empty() ? first.text : fmt::format("{} ({})", first.text, first.hint));
}

void parse_default_server(cfg::Args& args, Proxy& proxy) {
  read_words(args, proxy.default_server, proxy);
}

void parse_server_template(cfg::Args& args, Proxy& proxy) {
  auto prefix = args.take<std::string>();
  if (!prefix || !check_name(args, *prefix)) return;
  auto count = args.take<std::string>();
  if (!count) return;
  const size_t dash = count->find('-');
  uint32_t first = 1;
  std::optional<uint32_t> last;
  if (dash == std::string::npos) {
    last = base::parse_int<uint32_t>(*count);
  } else {
    auto low = base::parse_int<uint32_t>(std::string_view(*count).substr(0, dash));
    first = low.value_or(0);
    if (low) last = base::parse_int<uint32_t>(std::string_view(*count).substr(dash + 1));
  }
  if (!last || first > *last || *last - first >= kMaxTemplate)
    return args.error(fmt::format("'server-template' expects a number or a range such as 1-10, not '{}'", *count));
  Server model = proxy.default_server;
  model.location = args.statement().loc;
  model.from_template = true;
  if (!read_server_address(args, model)) return;
  if (!read_words(args, model, proxy)) return;
  if (model.srv()) model.port_map = Server::PortMap::fixed;
  for (uint32_t i = first; i <= *last; ++i) {
    auto server = std::make_unique<Server>(model);
    server->name = *prefix + std::to_string(i);
    proxy.servers.push_back(std::move(server));
  }
}

}  // namespace lbd::config
