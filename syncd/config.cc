#include "syncd/config.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/version.h"
#include "cfg/keyword.h"
#include "cfg/reader.h"
#include "cfg/suggest.h"

namespace syncd {
namespace {

using Keywords = cfg::Keywords<Config>;

void read_statements(const cfg::Source& source, cfg::Diagnostics& diagnostics, Config& config) {
  cfg::Environment environment = cfg::Environment::of_process();
  cfg::Platform platform{
      .version = std::string(base::kVersion), .features = {}, .enabled = {}, .ssl_library = {}, .ssl_version = {}};
  cfg::Reader reader(source, environment, platform, diagnostics);
  while (auto statement = reader.next("")) {
    Keywords::Match match = Keywords::match(*statement, 0);
    if (!match.row) {
      size_t wrong = 0;
      auto known = Keywords::candidates(*statement, 0, wrong);
      diagnostics.error(statement->at(wrong), fmt::format("unknown word '{}'", (*statement)[wrong]),
                        cfg::did_you_mean((*statement)[wrong], known));
      continue;
    }
    cfg::Args args(*statement, match.words, diagnostics, environment);
    match.row->set(args, config);
    if (!args.failed()) args.expect_end();
  }
}

std::string host_name() {
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  return name;
}

// The line with our own name says where we listen, so that both nodes may have the same file.
void find_ourselves(Config& config) {
  auto us = std::find_if(config.peers.begin(), config.peers.end(),
                         [&](const Config::Peer& peer) { return peer.name == config.node; });
  if (us == config.peers.end()) return;
  if (config.listen.empty()) config.listen.push_back(us->place);
  config.peers.erase(us);
}

void read_secret(Config& config, cfg::Diagnostics& diagnostics) {
  struct stat info {};
  auto content = base::read_file(config.secret_file, 4096);
  if (!content) return diagnostics.error(config.secret_location, content.error().text);
  if (stat(config.secret_file.c_str(), &info) == 0 && (info.st_mode & 0007))
    diagnostics.error(config.secret_location, fmt::format("{} may be read by anyone", config.secret_file),
                      fmt::format("chmod 600 {}", config.secret_file));
  while (!content->empty() && (content->back() == '\n' || content->back() == '\r')) content->pop_back();
  if (content->size() < kShortestSecret)
    return diagnostics.error(
        config.secret_location,
        fmt::format("the secret has {} bytes, at least {} are needed", content->size(), kShortestSecret),
        "for example: openssl rand -hex 32");
  config.secret = std::move(*content);
}

void open_tls(Config& config, cfg::Diagnostics& diagnostics) {
  if (config.certificate_file.empty() || config.ca_file.empty())
    return diagnostics.error(config.certificate_location, "'certificate' and 'ca-file' belong together");
  const std::string& key = config.key_file.empty() ? config.certificate_file : config.key_file;
  auto opened = TlsContext::open(config.certificate_file, key, config.ca_file);
  if (!opened) return diagnostics.error(config.certificate_location, opened.error().text);
  config.tls = std::move(*opened);
}

void check_addresses(const Config& config, cfg::Diagnostics& diagnostics) {
  if (!config.secret_file.empty() || config.tls || config.allow_unauthenticated) return;
  auto check = [&](const Config::Place& place) {
    if (is_loopback(place.address)) return;
    diagnostics.error(
        place.location,
        fmt::format("without a secret anyone who reaches {} could change the servers", place.address.to_string()),
        "add 'secret-file PATH' or 'certificate' and 'ca-file', or say 'allow-unauthenticated-peers'");
  };
  for (const auto& place : config.listen) check(place);
  for (const auto& peer : config.peers) check(peer.place);
}

}  // namespace

bool is_loopback(const base::SockAddr& address) {
  base::IpAddr ip = address.ip_port().ip;
  if (ip.is_v4()) return ip.v4_host_order() >> 24 == 127;
  return ip == *base::IpAddr::parse("::1");
}

std::optional<Config> load(cfg::SourceSet& sources, const std::string& path, cfg::Diagnostics& diagnostics) {
  Config config;
  auto source = sources.read(path);
  if (!source) {
    diagnostics.error({}, source.error().text);
    return std::nullopt;
  }
  read_statements(**source, diagnostics, config);
  if (config.node.empty()) config.node = host_name();
  find_ourselves(config);
  if (!config.secret_file.empty()) read_secret(config, diagnostics);
  if (!config.certificate_file.empty() || !config.key_file.empty() || !config.ca_file.empty())
    open_tls(config, diagnostics);
  check_addresses(config, diagnostics);
  if (diagnostics.has_errors()) return std::nullopt;
  return config;
}

}  // namespace syncd
