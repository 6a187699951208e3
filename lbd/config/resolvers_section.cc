// resolvers sections (manual 5.3.2).
#include <fmt/format.h>

#include <algorithm>

#include "base/fd.h"
#include "base/strings.h"
#include "cfg/address.h"
#include "cfg/field.h"
#include "lbd/config/section.h"

namespace lbd::config {
namespace {

// Words of a server line behind a name server that is spoken to over TCP.
void read_stream_words(cfg::Args& args) {
  while (!args.at_end() && !args.failed()) {
    if (args.accept("maxconn")) {
      args.take<uint32_t>({0, 1'000'000});  // there is one connection, which is within any limit
      continue;
    }
    args.next();
    return args.error("a name server over TCP knows only 'maxconn'");
  }
}

void add_name_server(cfg::Args& args, Resolvers& section) {
  auto name = args.take<cfg::Word>();
  if (!name) return;
  auto same = [&](const NameServer& other) { return other.name == name->text; };
  if (std::any_of(section.name_servers.begin(), section.name_servers.end(), same))
    return args.error(fmt::format("there is a name server '{}' already", name->text));
  auto word = args.take<cfg::Word>();
  if (!word) return;
  auto address = cfg::parse_address(word->text, args.environment());
  if (!address) return args.error(fmt::format("'{}' {}", args.name(), address.error().text));
  if (address->kind != cfg::Address::Kind::ip || address->socket == cfg::Address::Socket::quic)
    return args.error(fmt::format("'nameserver {}' needs an IP address and a port", name->text));
  if (address->ports != cfg::Address::Ports::fixed || address->port == 0)
    return args.error(fmt::format("'nameserver {}' : missing port specification in '{}'", name->text, address->text));
  NameServer server{.name = name->text, .address = {address->ip, address->port}, .location = name->loc};
  server.stream = address->socket == cfg::Address::Socket::stream;
  if (server.stream) read_stream_words(args);
  section.name_servers.push_back(std::move(server));
}

void add_system_servers(cfg::Args& args, Resolvers& section) {
  auto text = base::read_file(kResolvConf);
  if (!text) return args.error(fmt::format("'parse-resolv-conf' : {}", text.error().text));
  for (NameServer& server : parse_resolv_conf(*text)) {
    auto same = [&](const NameServer& other) { return other.name == server.name; };
    if (std::any_of(section.name_servers.begin(), section.name_servers.end(), same)) continue;
    server.location = args.statement().loc;
    section.name_servers.push_back(std::move(server));
  }
}

void set_hold(cfg::Args& args, Resolvers& section) {
  auto which = args.take_choice({"nx", "timeout", "refused", "other", "valid", "obsolete"});
  if (!which) return;
  constexpr base::Millis Resolvers::*kHolds[] = {&Resolvers::hold_nx,      &Resolvers::hold_timeout,
                                                 &Resolvers::hold_refused, &Resolvers::hold_other,
                                                 &Resolvers::hold_valid,   &Resolvers::hold_obsolete};
  if (auto time = args.take<base::Millis>()) section.*kHolds[*which] = *time;
}

void set_timeout(cfg::Args& args, Resolvers& section) {
  auto which = args.take_choice({"resolve", "retry"});
  if (!which) return;
  auto time = args.take<base::Millis>({1, cfg::kMaxMillis});
  if (time) (*which ? section.timeout_retry : section.timeout_resolve) = *time;
}

constexpr cfg::Keyword<Resolvers> kWords[] = {
    {.name = "accepted_payload_size",
     .doc = "Largest answer over UDP that name servers may send.",
     .set = cfg::field<&Resolvers::payload>({12, 65535})},
    {.name = "hold",
     .doc = "valid, nx, timeout, refused, other, obsolete TIME: for how long an earlier answer counts more.",
     .set = set_hold},
    {.name = "nameserver",
     .doc = "NAME ADDRESS:PORT: a name server on UDP, or with tcp@ on TCP.",
     .set = add_name_server},
    {.name = "parse-resolv-conf", .doc = "The name servers of /etc/resolv.conf.", .set = add_system_servers},
    {.name = "resolve_retries",
     .doc = "How often a question is asked when no answer comes.",
     .set = cfg::field<&Resolvers::retries>({1, 1000})},
    {.name = "timeout",
     .doc = "resolve, retry TIME: between two resolutions, and until a question is asked again.",
     .set = set_timeout},
};
const base::Registered<cfg::Keyword<Resolvers>> kEnrolWords(kWords);

class ResolversReader : public Section {
 public:
  ResolversReader(std::string name, const cfg::Location& where, Loading& loading) : loading_(loading) {
    section_.name = std::move(name);
    section_.location = where;
  }
  void line(const cfg::Statement& statement) override { run_word(statement, section_, "resolvers", loading_); }
  void close() override { loading_.config.resolvers.push_back(std::move(section_)); }

 private:
  Loading& loading_;
  Resolvers section_;
};

std::unique_ptr<Section> open(const cfg::Statement& header, Loading& loading) {
  std::string name = section_name(header, loading);
  if (name.empty()) return nullptr;
  for (const Resolvers& other : loading.config.resolvers)
    if (other.name == name) {
      loading.diagnostics.error(
          header.loc, fmt::format("resolvers '{}' has same name as another resolvers (declared at {}:{})", name,
                                  other.location.file(), other.location.line));
      return nullptr;
    }
  return std::make_unique<ResolversReader>(std::move(name), header.loc, loading);
}

constexpr SectionRow kRows[] = {{"resolvers", "Name servers for names that are resolved at run time.", open}};
const base::Registered<SectionRow> kEnrol(kRows);

}  // namespace

std::vector<NameServer> parse_resolv_conf(std::string_view text) {
  constexpr uint16_t kPort = 53;
  std::vector<NameServer> found;
  for (std::string_view line : base::split(text, '\n')) {
    line = base::trim(line);
    constexpr std::string_view kWord = "nameserver";
    if (!line.starts_with(kWord) || line.size() == kWord.size()) continue;
    std::string_view rest = line.substr(kWord.size());
    if (rest.front() != ' ' && rest.front() != '\t') continue;
    rest = base::trim(rest);
    rest = rest.substr(0, rest.find_first_of(" \t;#"));
    // A zone (fe80::1%eth0) names an interface, which a socket address of ours has not.
    auto ip = base::IpAddr::parse(rest);
    if (!ip) continue;
    NameServer& server = found.emplace_back();
    server.name = rest;
    server.address = {*ip, kPort};
  }
  return found;
}

}  // namespace lbd::config
