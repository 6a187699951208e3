#include "lbd/config/bind_line.h"

#include <fmt/format.h>

#include "cfg/address.h"
#include "cfg/suggest.h"

namespace lbd::config {
namespace {

using Kind = cfg::Address::Kind;

BindAddress::Kind kind_of(Kind kind) {
  switch (kind) {
    case Kind::ip:
    case Kind::name:
      return BindAddress::Kind::ip;
    case Kind::unix:
      return BindAddress::Kind::unix;
    case Kind::abstract:
      return BindAddress::Kind::abstract;
    case Kind::abstract_short:
      return BindAddress::Kind::abstract_short;
    case Kind::fd:
      return BindAddress::Kind::fd;
    case Kind::sockpair:
      return BindAddress::Kind::sockpair;
  }
  return BindAddress::Kind::ip;
}

// "" when it can be bound.
std::string objection(const cfg::Address& from, BindUse use) {
  if (from.socket == cfg::Address::Socket::quic) return "QUIC listeners are not supported";
  if (from.socket == cfg::Address::Socket::datagram && use != BindUse::datagrams)
    return "datagram sockets cannot be bound here";
  if (use == BindUse::datagrams && from.socket == cfg::Address::Socket::stream)
    return "stream sockets cannot be bound here";
  if (use == BindUse::datagrams && (from.kind == Kind::fd || from.kind == Kind::sockpair))
    return "datagrams come to an IP address or a Unix socket";
  if (from.kind != Kind::ip && from.kind != Kind::name) return {};
  if (from.ports == cfg::Address::Ports::none) return fmt::format("missing port specification in '{}'", from.text);
  if (from.ports == cfg::Address::Ports::offset)
    return fmt::format("a port offset is not permitted in '{}'", from.text);
  if (use == BindUse::runtime_api && from.port != from.last_port) return "one port only is permitted here";
  return {};
}

void append(const cfg::Address& from, Bind& bind) {
  BindAddress out;
  out.kind = kind_of(from.kind);
  out.fd = from.fd;
  out.wildcard = from.wildcard;
  out.text = from.text;
  switch (from.kind) {
    case Kind::unix:
      out.address = base::SockAddr::unix_path(from.name);
      break;
    case Kind::abstract:
      out.address = base::SockAddr::abstract(from.name, true);
      break;
    case Kind::abstract_short:
      out.address = base::SockAddr::abstract(from.name);
      break;
    case Kind::fd:
    case Kind::sockpair:
      break;
    case Kind::ip:
    case Kind::name:
      out.host = from.kind == Kind::name ? from.name : "";
      out.family = from.family;
      for (uint32_t port = from.port; port <= from.last_port; ++port) {
        out.port = static_cast<uint16_t>(port);
        if (from.kind == Kind::ip) out.address = base::SockAddr(base::IpPort{from.ip, out.port});
        bind.addresses.push_back(out);
      }
      return;
  }
  bind.addresses.push_back(std::move(out));
}

bool read_addresses(cfg::Args& args, Bind& bind, BindUse use) {
  auto word = args.take<cfg::Word>();
  if (!word) return false;
  auto addresses = cfg::parse_addresses(word->text, args.environment());
  if (!addresses) {
    args.error(fmt::format("'{}' {}", args.name(), addresses.error().text));
    return false;
  }
  for (const cfg::Address& address : *addresses) {
    if (std::string wrong = objection(address, use); !wrong.empty()) {
      args.error(fmt::format("'{}': {}", args.name(), wrong));
      return false;
    }
    append(address, bind);
  }
  return true;
}

}  // namespace

bool parse_bind_line(cfg::Args& args, Bind& bind, BindUse use, std::string_view scope) {
  bind.location = args.statement().loc;
  const bool ok = read_addresses(args, bind, use);
  while (const cfg::Word* word = args.peek()) {
    auto match = cfg::Keywords<Bind>::match(args.statement(), args.position());
    if (!match.row) {
      size_t which = 0;
      auto known = cfg::Keywords<Bind>::candidates(args.statement(), args.position(), which);
      args.next();
      args.error(fmt::format("unknown bind option '{}'", word->text), cfg::did_you_mean(word->text, known));
      return false;
    }
    args.next();
    args.begin(*word);
    match.row->set(args, bind);
    if (args.failed()) return false;
    if (!match.row->pending.empty())
      advise_pending(word->text, match.row->pending, word->loc, args.diagnostics(), scope);
  }
  return ok;
}

}  // namespace lbd::config
