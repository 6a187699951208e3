#include "lbd/tls/crt_store.h"

#include <fmt/format.h>

#include "base/fd.h"
#include "cfg/args.h"
#include "lbd/config/section.h"

namespace lbd::tls {
namespace {

std::string in_folder(const std::string& file, const std::string& folder) {
  return folder.empty() || file.starts_with('/') ? file : folder + "/" + file;
}

}  // namespace

base::Result<CertificateFiles> StoredCertificate::read() const {
  CertificateFiles out;
  out.pem = TRY(base::read_file(crt));
  auto read_into = [](const std::optional<std::string>& path, std::optional<std::string>& to) -> base::Status {
    if (path) to = TRY(base::read_file(*path));
    return {};
  };
  for (auto [path, to] : {std::pair(&key, &out.key), std::pair(&ocsp, &out.ocsp), std::pair(&issuer, &out.issuer),
                          std::pair(&sctl, &out.sctl)})
    if (auto done = read_into(*path, *to); !done) return base::Err(done.error());
  return out;
}

// load crt FILE [alias A] [key K] [ocsp O] [issuer I] [sctl S] [ocsp-update on|off]
void CrtStores::load_line(const cfg::Statement& line, const std::string& store, const std::string& crt_base,
                          const std::string& key_base, cfg::Diagnostics& diagnostics) {
  cfg::Environment none;
  cfg::Args args(line, 1, diagnostics, none);
  StoredCertificate out;
  std::string crt, alias;
  while (!args.at_end()) {
    const auto kind = args.take_choice({"crt", "alias", "key", "ocsp", "issuer", "sctl", "ocsp-update"});
    if (!kind) return;
    const cfg::Word& word = line.words[args.position() - 1];
    args.begin(word);
    const auto value = args.take<std::string>();
    if (!value) return;
    std::optional<std::string>* const files[] = {&out.key, &out.ocsp, &out.issuer, &out.sctl};
    if (*kind == 0)
      crt = *value;
    else if (*kind == 1)
      alias = *value;
    else if (*kind == 2)
      out.key = in_folder(*value, key_base);
    else if (*kind < 6)
      *files[*kind - 2] = in_folder(*value, crt_base);
    else
      out.ocsp_update = *value == "on";
  }
  if (crt.empty()) return diagnostics.error(line.loc, "'load' needs 'crt' and a file");
  out.crt = in_folder(crt, crt_base);
  out.name = fmt::format("@{}/{}", store, alias.empty() ? crt : alias);
  if (store.empty() && alias.empty()) by_word_.emplace(crt, out);
  const std::string name = out.name;
  if (!by_word_.emplace(name, std::move(out)).second)
    diagnostics.error(line.loc, fmt::format("'{}' is loaded twice", name));
}

void CrtStores::load(const config::Config& config, cfg::Diagnostics& diagnostics) {
  for (const config::Config::OtherSection& section : config.other_sections) {
    if (section.kind != "crt-store") continue;
    std::string crt_base = config.global.crt_base, key_base = crt_base;
    for (const cfg::Statement& line : section.statements) {
      if (line[0] == "load") {
        load_line(line, section.name, crt_base, key_base, diagnostics);
      } else if (line.size() != 2) {
        diagnostics.error(line.loc, fmt::format("'{}' expects a folder", line[0]));
      } else {
        (line[0] == "crt-base" ? crt_base : key_base) = line[1];
      }
    }
  }
}

void CrtStores::add(StoredCertificate certificate) {
  const std::string name = certificate.name;
  by_word_.insert_or_assign(name, std::move(certificate));
}

const StoredCertificate* CrtStores::find(const std::string& word) const {
  auto found = by_word_.find(word);
  return found == by_word_.end() ? nullptr : &found->second;
}

}  // namespace lbd::tls
