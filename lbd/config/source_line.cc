#include "lbd/config/source_line.h"

#include <fmt/format.h>

#include "base/strings.h"
#include "cfg/address.h"

namespace lbd::config {
namespace {

// hdr_ip(NAME[,N])
bool read_header(std::string_view text, Source& source) {
  if (!text.starts_with("hdr_ip(") || !text.ends_with(')')) return false;
  text = text.substr(7, text.size() - 8);
  const size_t comma = text.find(',');
  source.shown = Source::Shown::header;
  source.header = base::lower(base::trim(text.substr(0, comma)));
  if (comma == std::string_view::npos) return !source.header.empty();
  auto occurrence = base::parse_int<int32_t>(base::trim(text.substr(comma + 1)));
  source.occurrence = occurrence.value_or(0);
  return occurrence && !source.header.empty();
}

bool read_shown(cfg::Args& args, Source& source) {
  auto word = args.take<cfg::Word>();
  if (!word) return false;
  if (word->text == "client") {
    source.shown = Source::Shown::client;
  } else if (word->text == "clientip") {
    source.shown = Source::Shown::client_ip;
  } else if (!read_header(word->text, source)) {
    auto address = cfg::parse_address(word->text, args.environment());
    if (!address || address->kind != cfg::Address::Kind::ip) {
      args.error(fmt::format("'usesrc' expects client, clientip, hdr_ip(NAME) or an IP address, not '{}'", word->text));
      return false;
    }
    source.shown = Source::Shown::address;
    source.shown_address = base::IpPort{address->ip, address->port};
  }
  return true;
}

}  // namespace

std::optional<Source> read_source(cfg::Args& args) {
  auto word = args.take<cfg::Word>();
  if (!word) return std::nullopt;
  auto address = cfg::parse_address(word->text, args.environment());
  if (!address) {
    args.error(fmt::format("'source' {}", address.error().text));
    return std::nullopt;
  }
  if (address->kind != cfg::Address::Kind::ip || address->ports == cfg::Address::Ports::offset) {
    args.error(fmt::format("'source' expects an IP address, not '{}'", word->text));
    return std::nullopt;
  }
  Source source;
  source.address = base::IpPort{address->ip, address->port};
  if (address->ports == cfg::Address::Ports::range) source.last_port = address->last_port;
  while (true) {
    if (args.accept("usesrc")) {
      if (!read_shown(args, source)) return std::nullopt;
    } else if (args.accept("interface")) {
      auto name = args.take<std::string>();
      if (!name) return std::nullopt;
      source.interface = *name;
    } else {
      return source;
    }
  }
}

}  // namespace lbd::config
