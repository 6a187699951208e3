#include "lbd/tls/contexts.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include "lbd/tls/settings.h"

namespace lbd::tls {
namespace {

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

bool Contexts::want_file(WantedCertificate wanted, const std::string& base, std::vector<WantedCertificate>& out,
                         cfg::Diagnostics& diagnostics) {
  const std::string& text = wanted.word.text;
  const std::string path = text.starts_with('/') || base.empty() ? text : base + "/" + text;
  auto paths = certificate_paths(path, extra_);
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
      ok &= want_file({.paths = {}, .word = each.file, .is_default = each.kind == Kind::default_crt}, global.crt_base,
                      out, diagnostics);
      continue;
    }
    const size_t errors = diagnostics.errors();
    const CrtList* list = crt_list(each.file, diagnostics);
    ok &= list && diagnostics.errors() == errors;
    if (list)
      for (const CrtListLine& line : *list)
        ok &= want_file({.paths = {}, .word = line.file, .line = &line}, global.crt_base, out, diagnostics);
  }
  return ok;
}

void Contexts::load(const config::Config& config, uint32_t, cfg::Diagnostics& diagnostics) {
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
  certificates_.load(paths, extra_);
  for (size_t i = 0; i < binds.size(); ++i) {
    if (!complete[i]) continue;
    auto context = BindContext::make(*binds[i], wanted[i], certificates_, global, authorities_, diagnostics);
    if (context) binds_.emplace(binds[i], std::move(context));
  }

  for (const auto& proxy : config.proxies)
    for (const auto& server : proxy->servers)
      if (server->ssl && !proxy->disabled)
        if (auto context = make_context(inherit(server->tls, global.server_tls), server->location, diagnostics))
          servers_.emplace(server.get(), std::move(context));
}

SSL_CTX* Contexts::of(const config::Bind& bind) const {
  auto found = binds_.find(&bind);
  return found == binds_.end() ? nullptr : found->second->context();
}

SSL_CTX* Contexts::of(const config::Server& server) const {
  auto found = servers_.find(&server);
  return found == servers_.end() ? nullptr : found->second.get();
}

}  // namespace lbd::tls
