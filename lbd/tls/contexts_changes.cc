// What the runtime API changes of Contexts.
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "base/strings.h"
#include "lbd/config/check.h"
#include "lbd/tls/contexts.h"
#include "lbd/tls/paths.h"

namespace lbd::tls {
namespace {

// The first error, for an answer of one line.
base::Err first_error(const cfg::Diagnostics& diagnostics) {
  const cfg::Diagnostic* error = config::first_error(diagnostics);
  return base::Err(error ? error->text : "unknown error");
}

bool is_on(const CrtListLine& line, const ShownCertificate& entry) {
  return entry.line.get() == &line;
}

}  // namespace

bool Contexts::names(const config::TlsSettings& settings, const std::string& path, const config::Global& global) {
  for (const config::TlsWord* word : {&settings.ca_file, &settings.ca_verify_file, &settings.crl_file})
    if (*word && in_base(*word, global.ca_base) == path) return true;
  return false;
}

size_t Contexts::uses_of_certificate(const std::string& path) const {
  size_t uses = 0;
  for (const auto& [bind, context] : binds_)
    for (const ShownCertificate& entry : context->selection().entries) uses += entry.certificate->path() == path;
  for (const auto& [likeness, group] : server_groups_)
    if (group.settings.certificate && in_base(group.settings.certificate, config_->global.crt_base) == path)
      uses += group.members.size();
  return uses;
}

size_t Contexts::uses_of_authorities(const std::string& path) const {
  size_t uses = 0;
  for (const auto& [bind, context] : binds_)
    for (const ShownCertificate& entry : context->selection().entries)
      uses += names(entry.profile->settings(), path, config_->global);
  for (const auto& [likeness, group] : server_groups_)
    if (names(group.settings, path, config_->global)) uses += group.members.size();
  return uses;
}

void Contexts::put_in_place(Replacement replacement) {
  ++changes_;
  for (auto& [context, selection] : replacement.binds) context->select(std::move(selection));
  for (auto& [group, context] : replacement.servers) {
    for (ServerSessions* sessions : group->members) sessions->set_context(context.get());
    group->context.swap(context);
    grace_->retire([before = context.release()] { SSL_CTX_free(before); });
  }
}

base::Status Contexts::replace(std::shared_ptr<Certificate> certificate) {
  const std::string& path = certificate->path();
  if (!certificate->parts()) return base::Err(certificate->error());
  const std::shared_ptr<Certificate> before = certificates_.find(path);
  Replacement replacement;
  cfg::Diagnostics diagnostics;
  certificates_.put(path, certificate);
  bool ok = true;
  for (const auto& [bind, context] : binds_) {
    const auto& entries = context->selection().entries;
    if (std::none_of(entries.begin(), entries.end(),
                     [&](const ShownCertificate& entry) { return entry.certificate->path() == path; }))
      continue;
    SelectionPtr selection = context->with(certificate, diagnostics);
    ok &= selection != nullptr;
    replacement.binds.emplace_back(context.get(), std::move(selection));
  }
  for (auto& [likeness, group] : server_groups_) {
    if (!group.settings.certificate || in_base(group.settings.certificate, config_->global.crt_base) != path) continue;
    ContextPtr context = make_context_of(group, diagnostics);
    ok &= context != nullptr;
    replacement.servers.emplace_back(&group, std::move(context));
  }
  if (!ok) {
    certificates_.put(path, before);
    return first_error(diagnostics);
  }
  put_in_place(std::move(replacement));
  Replaced& replaced = replaced_.try_emplace(path, Replaced{{}, before}).first->second;
  replaced.when = base::wall_now();
  return {};
}

base::Status Contexts::replace(const std::string& path, Authorities::Kind kind, Authorities::Contents contents) {
  const Authorities::File* known = authorities_.find(path);
  const Authorities::Contents before = known ? known->contents : nullptr;
  Replacement replacement;
  cfg::Diagnostics diagnostics;
  authorities_.put(path, kind, std::move(contents));
  bool ok = true;
  for (const auto& [bind, context] : binds_) {
    const auto& profiles = context->selection().profiles;
    if (std::none_of(profiles.begin(), profiles.end(),
                     [&](const auto& profile) { return names(profile->settings(), path, config_->global); }))
      continue;
    SelectionPtr selection = context->renewed(diagnostics);
    ok &= selection != nullptr;
    replacement.binds.emplace_back(context.get(), std::move(selection));
  }
  for (auto& [likeness, group] : server_groups_) {
    if (!names(group.settings, path, config_->global)) continue;
    ContextPtr context = make_context_of(group, diagnostics);
    ok &= context != nullptr;
    replacement.servers.emplace_back(&group, std::move(context));
  }
  if (!ok) {
    authorities_.put(path, kind, before);
    return first_error(diagnostics);
  }
  put_in_place(std::move(replacement));
  return {};
}

base::Result<std::shared_ptr<const CrtListLine>> Contexts::read_line(const std::string& list, const std::string& text) {
  const cfg::Source* source = sources_.add(list, text);
  cfg::Diagnostics diagnostics;
  std::vector<CrtListLine> lines = parse_crt_list(*source, diagnostics);
  if (diagnostics.has_errors()) return first_error(diagnostics);
  if (lines.size() != 1) return base::Err("only one line of payload is supported!");
  CrtListLine& line = lines.front();
  line.path = in_base(line.file, config_->global.crt_base);
  if (certificates_.has(line.file.text)) line.path = line.file.text;
  for (const config::TlsWord* word : {&line.settings.ca_file, &line.settings.ca_verify_file, &line.settings.crl_file})
    if (*word && !authorities_.find(in_base(*word, config_->global.ca_base)))
      return base::Err(fmt::format("'{}' : unable to load {}", word == &line.settings.crl_file ? "crl-file" : "ca-file",
                                   (*word)->text));
  return std::make_shared<const CrtListLine>(std::move(line));
}

base::Status Contexts::add_line(const std::string& list, std::shared_ptr<const CrtListLine> line) {
  CrtList& to = crt_lists_.at(list);
  auto numbered = std::make_shared<CrtListLine>(*line);
  numbered->number = to.last_number + 1;
  if (line->settings.ocsp_update.value_or(config_->global.ocsp_update.mode))
    if (auto done = expect_ocsp(line->path); !done) return done;
  Replacement replacement;
  cfg::Diagnostics diagnostics;
  for (const config::Bind* bind : to.binds) {
    BindContext& context = *binds_.at(bind);
    SelectionPtr selection = context.with(std::shared_ptr<const CrtListLine>(numbered), diagnostics);
    if (!selection) return first_error(diagnostics);
    replacement.binds.emplace_back(&context, std::move(selection));
  }
  ++to.last_number;
  to.lines.push_back(std::move(numbered));
  put_in_place(std::move(replacement));
  return {};
}

void Contexts::add_server(const config::Proxy& proxy, const config::Server& server, cfg::Diagnostics& diagnostics) {
  if (!server.ssl && !config::may_be_checked_by_tls(proxy, server)) return;
  if (server.tls.certificate) {
    const std::string path = in_base(server.tls.certificate, config_->global.crt_base);
    if (!certificates_.has(path)) certificates_.load({path}, config_->global.tls_files, chains_);
  }
  take_server(server, diagnostics);
  // A group that could not be made is tried again with the next of its kind.
  std::erase_if(server_groups_, [](const auto& each) { return !each.second.context; });
  publish_servers();
}

void Contexts::remove_server(const config::Server& server) {
  auto found = servers_.find(&server);
  if (found == servers_.end()) return;
  const std::unique_ptr<ServerSessions> sessions = std::move(found->second);
  servers_.erase(found);
  publish_servers();
  auto group = std::find_if(server_groups_.begin(), server_groups_.end(), [&](const auto& each) {
    return std::count(each.second.members.begin(), each.second.members.end(), sessions.get()) > 0;
  });
  std::vector<ServerSessions*>& members = group->second.members;
  std::erase(members, sessions.get());
  if (members.empty()) {
    server_groups_.erase(group);
    return;
  }
  if (group->second.first != &server) return;
  for (const auto& [other, its] : servers_)
    if (its.get() == members.front()) group->second.first = other;
}

std::vector<const config::Bind*> Contexts::defaults_of(const CrtListLine& line) const {
  std::vector<const config::Bind*> out;
  for (const auto& [bind, context] : binds_)
    for (const ShownCertificate& entry : context->selection().entries)
      if (is_on(line, entry) && entry.is_default) {
        out.push_back(bind);
        break;
      }
  std::sort(out.begin(), out.end(), [](const config::Bind* a, const config::Bind* b) {
    return std::pair(a->location.file(), a->location.line) < std::pair(b->location.file(), b->location.line);
  });
  return out;
}

void Contexts::remove_line(const std::string& list, const CrtListLine& line) {
  CrtList& from = crt_lists_.at(list);
  Replacement replacement;
  for (const config::Bind* bind : from.binds) {
    BindContext& context = *binds_.at(bind);
    replacement.binds.emplace_back(&context, context.without(line));
  }
  put_in_place(std::move(replacement));
  std::erase_if(from.lines, [&](const auto& each) { return each.get() == &line; });
}

}  // namespace lbd::tls
