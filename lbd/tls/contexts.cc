#include "lbd/tls/contexts.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <ctime>

#include "lbd/tls/paths.h"
#include "lbd/tls/settings.h"

namespace lbd::tls {
namespace {

// How long a ticket key is in use: short enough for forward secrecy, long enough for the peer to know the next one.
constexpr int64_t kTicketKeyPeriod = 3600;

bool is_folder(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

}  // namespace

const Contexts::CrtList* Contexts::crt_list(const cfg::Word& file, cfg::Diagnostics& diagnostics) {
  auto [known, added] = crt_lists_.try_emplace(file.text);
  if (added) {
    auto source = sources_.read(file.text);
    if (!source) {
      diagnostics.error(file.loc, "cannot open the crt-list " + source.error().text);
      return nullptr;
    }
    known->second = std::make_unique<CrtList>(parse_crt_list(**source, diagnostics));
  }
  return known->second.get();
}

bool Contexts::want_file(WantedCertificate wanted, const config::Global& global, std::vector<WantedCertificate>& out,
                         cfg::Diagnostics& diagnostics) {
  if (stores_.find(wanted.word.text)) {
    wanted.paths = {wanted.word.text};
    out.push_back(std::move(wanted));
    return true;
  }
  if (wanted.word.text.starts_with('@')) {
    diagnostics.error(wanted.word.loc, fmt::format("no crt-store has the certificate '{}'", wanted.word.text));
    return false;
  }
  const std::string path = in_base(wanted.word, global.crt_base);
  auto paths = certificate_paths(path, global.tls_files);
  if (!paths) {
    diagnostics.error(wanted.word.loc, "cannot open the certificate " + paths.error().text);
    return false;
  }
  wanted.paths = std::move(*paths);
  wanted.is_folder = is_folder(path);
  if (wanted.is_folder && wanted.line) {
    diagnostics.error(wanted.word.loc, fmt::format("'{}' is a folder: a line of a crt-list names a file", path));
    return false;
  }
  out.push_back(std::move(wanted));
  return true;
}

bool Contexts::want(const config::Bind& bind, const config::Global& global, std::vector<WantedCertificate>& out,
                    cfg::Diagnostics& diagnostics) {
  using Kind = config::BindCertificate::Kind;
  bool ok = true;
  for (const config::BindCertificate& each : bind.tls.certificates) {
    if (each.kind != Kind::crt_list) {
      ok &= want_file({.paths = {}, .word = each.file, .is_default = each.kind == Kind::default_crt}, global, out,
                      diagnostics);
      continue;
    }
    const size_t errors = diagnostics.errors();
    const CrtList* list = crt_list(each.file, diagnostics);
    ok &= list && diagnostics.errors() == errors;
    if (list)
      for (const CrtListLine& line : *list)
        ok &= want_file({.paths = {}, .word = line.file, .line = &line}, global, out, diagnostics);
  }
  return ok;
}

void Contexts::load_binds(const config::Config& config, cfg::Diagnostics& diagnostics) {
  const config::Global& global = config.global;
  std::vector<const config::Bind*> binds;
  for (const config::Bind& bind : global.stats_sockets)
    if (bind.ssl) binds.push_back(&bind);
  for (const auto& proxy : config.proxies)
    for (const auto& bind : proxy->binds)
      if (bind->ssl && !proxy->disabled) binds.push_back(bind.get());

  std::vector<std::vector<WantedCertificate>> wanted(binds.size());
  std::vector<std::string> paths;
  std::vector<bool> complete;
  for (size_t i = 0; i < binds.size(); ++i) {
    complete.push_back(want(*binds[i], global, wanted[i], diagnostics));
    for (const WantedCertificate& each : wanted[i]) paths.insert(paths.end(), each.paths.begin(), each.paths.end());
  }
  certificates_.load(paths, global.tls_files, chains_);
  for (size_t i = 0; i < binds.size(); ++i) {
    if (!complete[i]) continue;
    auto context = BindContext::make(*binds[i], wanted[i], certificates_, global, authorities_,
                                     {*cache_, *ticket_keys_}, diagnostics);
    if (context) binds_.emplace(binds[i], std::move(context));
  }
}

void Contexts::load_servers(const config::Config& config, uint32_t workers, cfg::Diagnostics& diagnostics) {
  const config::Global& global = config.global;
  std::vector<const config::Server*> servers;
  std::vector<std::string> paths;
  for (const auto& proxy : config.proxies)
    for (const auto& server : proxy->servers)
      if ((server->ssl || server->check.ssl) && !proxy->disabled) {
        servers.push_back(server.get());
        if (server->tls.certificate) paths.push_back(in_base(server->tls.certificate, global.crt_base));
      }
  certificates_.load(paths, global.tls_files, chains_);
  for (const config::Server* server : servers) {
    const config::ServerTls settings = inherit(server->tls, global.server_tls);
    auto [known, added] = server_contexts_.try_emplace(likeness(settings));
    if (added) known->second = make_server_context(settings, *server, certificates_, global, authorities_, diagnostics);
    if (known->second)
      servers_.emplace(server, std::make_unique<ServerSessions>(known->second.get(), *server, workers + 1));
  }
}

void Contexts::load(const config::Config& config, uint32_t workers, cfg::Diagnostics& diagnostics) {
  const config::Tune& tune = config.global.tune;
  workers_ = workers;
  cache_ = std::make_unique<SessionCache>(tune.ssl_cachesize, tune.ssl_lifetime_s);
  // A ticket is good for as long as its session, so it must be opened by the key before the one in use.
  ticket_keys_ =
      std::make_unique<TicketKeys>(std::max<int64_t>(kTicketKeyPeriod, tune.ssl_lifetime_s), std::time(nullptr));
  if (const config::TlsWord& folder = config.global.tls_files.issuers_chain_path)
    if (auto loaded = chains_.load(folder->text); !loaded)
      diagnostics.error(folder->loc, fmt::format("'issuers-chain-path': {}", loaded.error().text));
  stores_.load(config, diagnostics);
  certificates_.set_stores(&stores_);
  load_binds(config, diagnostics);
  load_servers(config, workers, diagnostics);
}

SSL_CTX* Contexts::of(const config::Bind& bind) const {
  auto found = binds_.find(&bind);
  return found == binds_.end() ? nullptr : found->second->context();
}

SSL_CTX* Contexts::of(const config::Server& server) const {
  auto found = servers_.find(&server);
  return found == servers_.end() ? nullptr : found->second->context();
}

void Contexts::prepare(SSL* ssl, const config::Server& server, uint32_t worker, std::string_view sni) const {
  auto found = servers_.find(&server);
  CHECK(found != servers_.end());
  found->second->prepare(ssl, worker, sni);
}

base::Status Contexts::set_ocsp_answer(std::string_view der) {
  const std::string id = TRY(ocsp_id_of(der));
  bool known = false;
  base::Status status;
  certificates_.for_each([&](const Certificate& certificate) {
    if (certificate.stapling()->ocsp_id != id) return;
    known = true;
    auto answer = read_ocsp_answer(der, id, std::time(nullptr));
    if (answer)
      certificate.stapling()->ocsp.set(std::make_shared<const OcspAnswer>(std::move(*answer)));
    else
      status = base::Err(answer.error());
  });
  if (!known) return base::Err("the OCSP answer speaks of no certificate that is loaded");
  return status;
}

}  // namespace lbd::tls
