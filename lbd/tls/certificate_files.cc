#include "lbd/tls/certificate_files.h"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>

#include "base/fd.h"

namespace lbd::tls {
namespace {

struct CloseDir {
  void operator()(DIR* dir) const { closedir(dir); }
};

// Files that stand beside certificates.
bool is_extra(std::string_view name) {
  for (std::string_view ending : {".key", ".issuer", ".ocsp", ".sctl"})
    if (name.ends_with(ending)) return true;
  return false;
}

base::Result<std::vector<std::string>> list_folder(const std::string& path) {
  std::unique_ptr<DIR, CloseDir> dir(opendir(path.c_str()));
  if (!dir) return base::Err(base::Error::from_errno(path));
  std::vector<std::string> files;
  while (const dirent* entry = readdir(dir.get())) {
    const std::string_view name = entry->d_name;
    if (name.starts_with('.') || is_extra(name)) continue;
    std::string file = fmt::format("{}{}{}", path, path.ends_with('/') ? "" : "/", name);
    struct stat info;
    if (stat(file.c_str(), &info) == 0 && S_ISREG(info.st_mode)) files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Nothing: there is no such file.
base::Result<std::optional<std::string>> read_extra(const std::string& path) {
  auto content = base::read_file(path);
  if (content) return std::optional(std::move(*content));
  if (content.error().sys == ENOENT) return std::optional<std::string>();
  return base::Err(content.error());
}

}  // namespace

base::Result<std::vector<std::string>> certificate_paths(const std::string& path, const config::TlsFiles& extra) {
  struct stat info;
  if (stat(path.c_str(), &info) == 0) {
    if (S_ISDIR(info.st_mode)) return list_folder(path);
    return std::vector{path};
  }
  const base::Error missing = base::Error::from_errno(path);
  std::vector<std::string> bundle;
  if (extra.bundle)
    for (const char* type : {".dsa", ".ecdsa", ".rsa"})
      if (stat((path + type).c_str(), &info) == 0) bundle.push_back(path + type);
  if (bundle.empty()) return base::Err(missing);
  return bundle;
}

base::Result<CertificateFiles> read_certificate_files(const std::string& path, const config::TlsFiles& extra,
                                                      bool wants_ocsp) {
  CertificateFiles out;
  out.pem = TRY(base::read_file(path));
  const std::string stem = extra.replace_extension && path.ends_with(".crt") ? path.substr(0, path.size() - 4) : path;
  if (extra.key && out.pem.find("PRIVATE KEY-----") == std::string::npos) out.key = TRY(read_extra(stem + ".key"));
  if (extra.ocsp) out.ocsp = TRY(read_extra(stem + ".ocsp"));
  if (extra.issuer && (out.ocsp || wants_ocsp)) out.issuer = TRY(read_extra(stem + ".issuer"));
  if (extra.sctl) out.sctl = TRY(read_extra(stem + ".sctl"));
  return out;
}

}  // namespace lbd::tls
