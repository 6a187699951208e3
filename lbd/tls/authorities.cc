#include "lbd/tls/authorities.h"

#include <dirent.h>
#include <openssl/err.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "base/fd.h"
#include "lbd/tls/pem.h"

namespace lbd::tls {
namespace {

constexpr std::string_view kSystem = "@system-ca";

struct CloseDir {
  void operator()(DIR* dir) const { closedir(dir); }
};

std::string system_folder() {
  const char* named = std::getenv(X509_get_default_cert_dir_env());
  return named && *named ? named : X509_get_default_cert_dir();
}

// The file itself, or those of the folder that can be ours.
base::Result<std::vector<std::string>> files_of(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return base::Err(base::Error::from_errno(path));
  if (!S_ISDIR(info.st_mode)) return std::vector{path};
  std::unique_ptr<DIR, CloseDir> dir(opendir(path.c_str()));
  if (!dir) return base::Err(base::Error::from_errno(path));
  std::vector<std::string> files;
  while (const dirent* entry = readdir(dir.get())) {
    const std::string_view name = entry->d_name;
    if (name.starts_with('.')) continue;
    for (std::string_view ending : {".pem", ".crt", ".cer", ".crl"})
      if (name.ends_with(ending)) files.push_back(path + "/" + entry->d_name);
  }
  std::sort(files.begin(), files.end());
  return files;
}

const unsigned char* bytes_of(const std::string& der) {
  return reinterpret_cast<const unsigned char*>(der.data());
}

}  // namespace

base::Result<const Authorities::File*> Authorities::load(const std::string& path) {
  if (auto found = files_.find(path); found != files_.end()) return &found->second;
  const bool system = path == kSystem;
  File out;
  std::set<std::string> seen;  // folders of a system hold everything twice
  for (const std::string& file : TRY(files_of(system ? system_folder() : path))) {
    auto text = base::read_file(file);
    if (!text && system) continue;  // a link to what was removed
    if (!text) return base::Err(text.error());
    auto blocks = read_pem(*text);
    if (!blocks) return base::Err(file + ": " + blocks.error().text);
    for (const PemBlock& block : *blocks) {
      const bool list = block.name == "X509 CRL";
      if ((!list && !block.is_certificate()) || !seen.insert(block.der).second) continue;
      const unsigned char* at = bytes_of(block.der);
      const long size = static_cast<long>(block.der.size());
      if (list) {
        out.lists.emplace_back(d2i_X509_CRL(nullptr, &at, size));
        if (!out.lists.back()) return base::Err(file + ": a damaged revocation list: " + take_error());
      } else {
        out.certificates.emplace_back(d2i_X509_AUX(nullptr, &at, size));
        if (!out.certificates.back()) return base::Err(file + ": a damaged certificate: " + take_error());
      }
    }
  }
  if (out.certificates.empty() && out.lists.empty())
    return base::Err(path + ": there is neither a certificate nor a revocation list in it");
  return &files_.emplace(path, std::move(out)).first->second;
}

base::Result<X509_STORE*> Authorities::store(const std::string& ca, const std::string& ca_verify,
                                             const std::string& crl) {
  auto key = std::tuple(ca, ca_verify, crl);
  if (auto found = stores_.find(key); found != stores_.end()) return found->second.get();
  StorePtr store(X509_STORE_new());
  bool lists = false;
  for (const std::string* path : {&ca, &ca_verify, &crl}) {
    if (path->empty()) continue;
    const File* file = TRY(load(*path));
    for (const CertificatePtr& certificate : file->certificates) X509_STORE_add_cert(store.get(), certificate.get());
    for (const CrlPtr& list : file->lists) X509_STORE_add_crl(store.get(), list.get());
    lists |= path == &crl;
  }
  ERR_clear_error();  // of certificates that were there already
  if (lists) X509_STORE_set_flags(store.get(), X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
  return stores_.emplace(std::move(key), std::move(store)).first->second.get();
}

base::Result<STACK_OF(X509_NAME) *> Authorities::names(const std::string& ca) {
  const File* file = TRY(load(ca));
  STACK_OF(X509_NAME)* names = sk_X509_NAME_new_null();
  std::set<std::string> seen;
  for (const CertificatePtr& certificate : file->certificates) {
    X509_NAME* name = X509_get_subject_name(certificate.get());
    unsigned char* der = nullptr;
    const int size = i2d_X509_NAME(name, &der);
    if (size > 0 && seen.emplace(reinterpret_cast<char*>(der), static_cast<size_t>(size)).second)
      sk_X509_NAME_push(names, X509_NAME_dup(name));
    OPENSSL_free(der);
  }
  return names;
}

}  // namespace lbd::tls
