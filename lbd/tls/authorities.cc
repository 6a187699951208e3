#include "lbd/tls/authorities.h"

#include <dirent.h>
#include <openssl/err.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "base/fd.h"
#include "lbd/tls/certificate_text.h"
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

base::Status AuthorityFile::add_pem(std::string_view text, std::set<std::string>& seen) {
  for (const PemBlock& block : TRY(read_pem(text))) {
    const bool list = block.name == "X509 CRL";
    if ((!list && !block.is_certificate()) || !seen.insert(block.der).second) continue;
    const unsigned char* at = bytes_of(block.der);
    const long size = static_cast<long>(block.der.size());
    if (list) {
      lists.emplace_back(d2i_X509_CRL(nullptr, &at, size));
      if (!lists.back()) return base::Err("a damaged revocation list: " + take_error());
    } else {
      certificates.emplace_back(d2i_X509_AUX(nullptr, &at, size));
      if (!certificates.back()) return base::Err("a damaged certificate: " + take_error());
    }
  }
  return {};
}

void AuthorityFile::add(const AuthorityFile& other, std::set<std::string>& seen) {
  for (const CertificatePtr& each : other.certificates)
    if (seen.insert(certificate_der(each.get())).second && X509_up_ref(each.get()))
      certificates.emplace_back(each.get());
  for (const CrlPtr& each : other.lists)
    if (X509_CRL_up_ref(each.get())) lists.emplace_back(each.get());
}

base::Result<const AuthorityFile*> Authorities::load(const std::string& path, Kind kind) {
  if (auto found = files_.find(path); found != files_.end()) return found->second.contents.get();
  const bool system = path == kSystem;
  auto out = std::make_shared<AuthorityFile>();
  std::set<std::string> seen;  // folders of a system hold everything twice
  for (const std::string& file : TRY(files_of(system ? system_folder() : path))) {
    auto text = base::read_file(file);
    if (!text && system) continue;  // a link to what was removed
    if (!text) return base::Err(text.error());
    if (auto added = out->add_pem(*text, seen); !added) return base::Err(file + ": " + added.error().text);
  }
  if (out->certificates.empty() && out->lists.empty())
    return base::Err(path + ": there is neither a certificate nor a revocation list in it");
  return files_.emplace(path, File{std::move(out), kind, 0}).first->second.contents.get();
}

const Authorities::File* Authorities::find(const std::string& path) const {
  auto found = files_.find(path);
  return found == files_.end() ? nullptr : &found->second;
}

void Authorities::put(const std::string& path, Kind kind, Contents contents) {
  auto [file, added] = files_.try_emplace(path, File{nullptr, kind, 0});
  file->second.contents = std::move(contents);
  if (!added) ++file->second.replaced;
  std::erase_if(stores_, [&](const auto& store) {
    return std::get<0>(store.first) == path || std::get<1>(store.first) == path || std::get<2>(store.first) == path;
  });
}

std::string Authorities::mark(const std::string& path) const {
  const File* file = find(path);
  if (!file || !file->replaced) return {};
  std::string text;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  auto add = [&](int done) {
    if (done == 1) text.append(reinterpret_cast<char*>(digest), size);
  };
  for (const CertificatePtr& each : file->contents->certificates)
    add(X509_digest(each.get(), EVP_sha256(), digest, &size));
  for (const CrlPtr& each : file->contents->lists) add(X509_CRL_digest(each.get(), EVP_sha256(), digest, &size));
  return text;
}

base::Result<X509_STORE*> Authorities::store(const std::string& ca, const std::string& ca_verify,
                                             const std::string& crl) {
  auto key = std::tuple(ca, ca_verify, crl);
  if (auto found = stores_.find(key); found != stores_.end()) return found->second.get();
  StorePtr store(X509_STORE_new());
  bool lists = false;
  for (const std::string* path : {&ca, &ca_verify, &crl}) {
    if (path->empty()) continue;
    const AuthorityFile* file = TRY(load(*path, path == &crl ? Kind::crl : Kind::ca));
    for (const CertificatePtr& certificate : file->certificates) X509_STORE_add_cert(store.get(), certificate.get());
    for (const CrlPtr& list : file->lists) X509_STORE_add_crl(store.get(), list.get());
    lists |= path == &crl;
  }
  ERR_clear_error();  // of certificates that were there already
  if (lists) X509_STORE_set_flags(store.get(), X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
  return stores_.emplace(std::move(key), std::move(store)).first->second.get();
}

base::Result<STACK_OF(X509_NAME) *> Authorities::names(const std::string& ca) {
  const AuthorityFile* file = TRY(load(ca, Kind::ca));
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
