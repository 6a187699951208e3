#include "lbd/tls/contexts.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <ctime>

#include "lbd/config/check.h"
#include "lbd/tls/paths.h"
#include "lbd/tls/providers.h"
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

CrtList* Contexts::crt_list(const cfg::Word& file, cfg::Diagnostics& diagnostics) {
  auto [known, added] = crt_lists_.try_emplace(file.text);
  CrtList& list = known->second;
  if (added) {
    auto source = sources_.read(file.text);
    if (!source) {
      crt_lists_.erase(known);
      diagnostics.error(file.loc, "cannot open the crt-list " + source.error().text);
      return nullptr;
    }
    for (CrtListLine& line : parse_crt_list(**source, diagnostics)) {
      line.path = stores_.find(line.file.text) ? line.file.text : in_base(line.file, config_->global.crt_base);
      list.lines.push_back(std::make_shared<const CrtListLine>(std::move(line)));
    }
    list.last_number = (*source)->line_count();
    if ((*source)->line(list.last_number).empty() && list.last_number) --list.last_number;
  }
  return &list;
}

void Contexts::want_folder(const WantedCertificate& wanted, const std::string& folder, const config::Bind& bind,
                           const std::vector<std::string>& paths, std::vector<WantedCertificate>& out) {
  std::string name = folder;
  while (name.size() > 1 && name.ends_with('/')) name.pop_back();
  auto [known, added] = crt_lists_.try_emplace(name);
  CrtList& list = known->second;
  list.is_folder = true;
  if (added)
    for (const std::string& path : paths) {
      auto line = std::make_shared<CrtListLine>();
      line->file = wanted.word;
      line->path = path;
      list.lines.push_back(std::move(line));
    }
  if (std::find(list.binds.begin(), list.binds.end(), &bind) == list.binds.end()) list.binds.push_back(&bind);
  for (const auto& line : list.lines) {
    WantedCertificate each = wanted;
    each.paths = {line->path};
    each.line = line;
    each.is_folder = true;
    out.push_back(std::move(each));
  }
}

bool Contexts::want_file(WantedCertificate wanted, const config::Bind& bind, const config::Global& global,
                         std::vector<WantedCertificate>& out, cfg::Diagnostics& diagnostics) {
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
  if (is_folder(path)) {
    if (wanted.line) {
      diagnostics.error(wanted.word.loc, fmt::format("'{}' is a folder: a line of a crt-list names a file", path));
      return false;
    }
    want_folder(wanted, path, bind, *paths, out);
    return true;
  }
  wanted.paths = std::move(*paths);
  out.push_back(std::move(wanted));
  return true;
}

bool Contexts::want(const config::Bind& bind, const config::Global& global, std::vector<WantedCertificate>& out,
                    cfg::Diagnostics& diagnostics) {
  using Kind = config::BindCertificate::Kind;
  bool ok = true;
  for (const config::BindCertificate& each : bind.tls.certificates) {
    if (each.kind != Kind::crt_list) {
      ok &= want_file({.paths = {}, .word = each.file, .is_default = each.kind == Kind::default_crt}, bind, global, out,
                      diagnostics);
      continue;
    }
    const size_t errors = diagnostics.errors();
    CrtList* list = crt_list(each.file, diagnostics);
    ok &= list && diagnostics.errors() == errors;
    if (!list) continue;
    if (std::find(list->binds.begin(), list->binds.end(), &bind) == list->binds.end()) list->binds.push_back(&bind);
    for (const auto& line : list->lines)
      ok &= want_file({.paths = {}, .word = line->file, .line = line}, bind, global, out, diagnostics);
  }
  return ok;
}

// What ssl-f-use says, for lines of the frontend that name no certificate: a list with the frontend's name.
bool Contexts::want_of_frontend(const config::Proxy& proxy, const config::Bind& bind, const config::Global& global,
                                std::vector<WantedCertificate>& out, cfg::Diagnostics& diagnostics) {
  const bool any = std::any_of(proxy.other_lines.begin(), proxy.other_lines.end(),
                               [](const cfg::Statement& line) { return line[0] == "ssl-f-use"; });
  if (!any) return true;
  auto [known, added] = crt_lists_.try_emplace("@" + proxy.name);
  CrtList& list = known->second;
  bool ok = true;
  for (const cfg::Statement& statement : proxy.other_lines) {
    if (!added || statement[0] != "ssl-f-use") continue;
    StoredCertificate files;
    auto line = parse_use_line(statement, files, diagnostics);
    ok &= line.has_value();
    if (!line) continue;
    line->number = ++list.last_number;
    line->path = in_base(line->file, global.crt_base);
    if (files.has_own_files()) {
      files.name = line->file.text;
      files.crt = line->path;
      for (auto* file : {&files.key, &files.ocsp, &files.issuer, &files.sctl})
        if (*file) *file = in_base(cfg::Word{**file, line->file.loc}, global.crt_base);
      line->path = line->file.text;
      stores_.add(std::move(files));
    } else if (stores_.find(line->file.text)) {
      line->path = line->file.text;
    }
    list.lines.push_back(std::make_shared<const CrtListLine>(std::move(*line)));
  }
  list.binds.push_back(&bind);
  for (const auto& line : list.lines)
    ok &= want_file({.paths = {}, .word = line->file, .line = line}, bind, global, out, diagnostics);
  return ok;
}

bool Contexts::open_ticket_keys(const config::TlsWord& file, TicketKeys*& keys, cfg::Diagnostics& diagnostics) {
  keys = nullptr;
  if (!file) return true;
  for (const TicketKeyFile& known : ticket_key_files_)
    if (known.path == file->text) keys = known.keys.get();
  if (keys) return true;
  auto made = TicketKeys::from_file(file->text);
  if (!made) {
    diagnostics.error(file->loc, fmt::format("'tls-ticket-keys': {}", made.error().text));
    return false;
  }
  keys = ticket_key_files_.emplace_back(file->text, std::move(*made)).keys.get();
  return true;
}

SharedState Contexts::shared_state() {
  return {config_->global, certificates_, authorities_, *cache_, replay_guard_, *ticket_keys_, meter_, *grace_};
}

void Contexts::load_binds(const config::Config& config, cfg::Diagnostics& diagnostics) {
  const config::Global& global = config.global;
  std::vector<const config::Bind*> binds;
  std::vector<const config::Proxy*> owners;
  for (const config::Bind& bind : global.stats_sockets)
    if (bind.ssl) {
      binds.push_back(&bind);
      owners.push_back(nullptr);
    }
  for (const auto& proxy : config.proxies)
    for (const auto& bind : proxy->binds)
      if (bind->ssl && !proxy->disabled) {
        binds.push_back(bind.get());
        owners.push_back(proxy.get());
      }
  for (const config::LogForward& section : config.log_forwards)
    for (const auto& bind : section.streams)
      if (bind->ssl) {
        binds.push_back(bind.get());
        owners.push_back(nullptr);
      }

  std::vector<std::vector<WantedCertificate>> wanted(binds.size());
  std::vector<std::string> paths;
  std::vector<bool> complete;
  for (size_t i = 0; i < binds.size(); ++i) {
    complete.push_back(want(*binds[i], global, wanted[i], diagnostics));
    if (owners[i] && binds[i]->tls.certificates.empty())
      complete.back() = want_of_frontend(*owners[i], *binds[i], global, wanted[i], diagnostics) && complete.back();
    for (const WantedCertificate& each : wanted[i]) paths.insert(paths.end(), each.paths.begin(), each.paths.end());
  }
  certificates_.load(paths, global.tls_files, chains_, paths_with_ocsp(binds, wanted));
  for (size_t i = 0; i < binds.size(); ++i) {
    if (!complete[i]) continue;
    TicketKeys* keys = nullptr;
    if (!open_ticket_keys(inherit(binds[i]->tls, global.bind_tls).ticket_keys, keys, diagnostics)) continue;
    auto context = BindContext::make(*binds[i], wanted[i], keys, shared_state(), diagnostics);
    if (context) binds_.emplace(binds[i], std::move(context));
  }
}

void Contexts::load_servers(const config::Config& config, cfg::Diagnostics& diagnostics) {
  const config::Global& global = config.global;
  std::vector<const config::Server*> servers;
  std::vector<std::string> paths;
  const auto add = [&](const config::Proxy& proxy) {
    for (const auto& server : proxy.servers)
      if ((server->ssl || config::may_be_checked_by_tls(proxy, *server)) && !proxy.disabled) {
        servers.push_back(server.get());
        if (server->tls.certificate) paths.push_back(in_base(server->tls.certificate, global.crt_base));
      }
  };
  for (const auto& proxy : config.proxies) add(*proxy);
  for (const config::Ring& ring : config.rings) add(*ring.proxy);
  certificates_.load(paths, global.tls_files, chains_);
  for (const config::Server* server : servers) take_server(*server, diagnostics);
  publish_servers();
}

void Contexts::take_server(const config::Server& server, cfg::Diagnostics& diagnostics) {
  config::ServerTls settings = inherit(server.tls, config_->global.server_tls);
  auto [known, added] = server_groups_.try_emplace(likeness(settings));
  ServerGroup& group = known->second;
  if (added) {
    group.settings = std::move(settings);
    group.first = &server;
    group.context = make_context_of(group, diagnostics);
  }
  if (!group.context) return;
  auto sessions = std::make_unique<ServerSessions>(group.context.get(), server, workers_ + 1);
  group.members.push_back(sessions.get());
  servers_.emplace(&server, std::move(sessions));
}

std::string Contexts::certificate_of(const config::Server& server) const {
  const config::Global& global = config_->global;
  return in_base(server.tls.certificate ? server.tls.certificate : global.server_tls.certificate, global.crt_base);
}

void Contexts::publish_servers() {
  auto index = std::make_unique<ServerIndex>();
  for (const auto& [server, sessions] : servers_) index->emplace(server, sessions.get());
  index_.store(index.get(), std::memory_order_release);
  grace_->retire(std::exchange(own_index_, std::move(index)));
}

ContextPtr Contexts::make_context_of(const ServerGroup& group, cfg::Diagnostics& diagnostics) {
  ContextPtr context =
      make_server_context(group.settings, *group.first, certificates_, config_->global, authorities_, diagnostics);
  if (context) meter_.serve(context.get());
  return context;
}

void Contexts::load(const config::Config& config, uint32_t workers, cfg::Diagnostics& diagnostics) {
  const config::Tune& tune = config.global.tune;
  config_ = &config;
  if (!load_providers(config.global, diagnostics)) return;
  workers_ = workers;
  meter_.most_connections = config.global.maxsslconn;
  meter_.most_accepted = config.global.maxsslrate;
  meter_.young_record = tune.ssl_maxrecord;
  meter_.hard_record = tune.ssl_hard_maxrecord;
  meter_.idle = base::Millis(tune.idletimer_ms);
  cache_ = std::make_unique<SessionCache>(tune.ssl_cachesize, tune.ssl_lifetime_s);
  // A ticket is good for as long as its session, so it must be opened by the key before the one in use.
  ticket_keys_ =
      std::make_unique<TicketKeys>(std::max<int64_t>(kTicketKeyPeriod, tune.ssl_lifetime_s), std::time(nullptr));
  if (const config::TlsWord& folder = config.global.tls_files.issuers_chain_path)
    if (auto loaded = chains_.load(folder->text); !loaded)
      diagnostics.error(folder->loc, fmt::format("'issuers-chain-path': {}", loaded.error().text));
  stores_.load(config, diagnostics);
  certificates_.set_stores(&stores_);
  for (const cfg::Statement& line : config.global.other_lines)
    if (line[0] == "ssl-passphrase-cmd") certificates_.passphrases().set_command(line);
  load_binds(config, diagnostics);
  load_servers(config, diagnostics);
  check_ocsp_update(diagnostics);
}

SSL_CTX* Contexts::of(const config::Bind& bind) const {
  auto found = binds_.find(&bind);
  return found == binds_.end() ? nullptr : found->second->context();
}

bool Contexts::takes_early_data(const config::Bind& bind) const {
  auto found = binds_.find(&bind);
  return found != binds_.end() && found->second->takes_early_data();
}

SSL_CTX* Contexts::of(const config::Server& server) const {
  const ServerIndex& index = *index_.load(std::memory_order_acquire);
  auto found = index.find(&server);
  return found == index.end() ? nullptr : found->second->context();
}

void Contexts::prepare(SSL* ssl, const config::Server& server, uint32_t worker, std::string_view sni) const {
  const ServerIndex& index = *index_.load(std::memory_order_acquire);
  auto found = index.find(&server);
  CHECK(found != index.end());
  found->second->prepare(ssl, worker, sni);
}

}  // namespace lbd::tls
