// CertificateStore: the certificates of a configuration by the path of their file, each read once however many lines
// name it, and all of them read at once by several threads.
//
// Owner: Contexts. Life: as the configuration's. Thread: load() by one; what was loaded never changes.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "lbd/tls/certificate.h"
#include "lbd/tls/certificate_files.h"
#include "lbd/tls/crt_store.h"

namespace lbd::tls {

class CertificateStore {
 public:
  // Certificates that crt-store sections name; before load().
  void set_stores(const CrtStores* stores) { stores_ = stores; }

  // Reads the files that were not read yet. With few of them OpenSSL's objects are made at once, so that all that is
  // wrong with them is found and no handshake has to wait.
  void load(const std::vector<std::string>& paths, const config::TlsFiles& rules, const IssuerChains& chains);

  // Of a path that was loaded: the certificate, or what is wrong with it.
  const base::Result<std::shared_ptr<Certificate>>& at(const std::string& path) const;

  template <typename Visit>
  void for_each(Visit visit) const {
    for (const auto& [path, certificate] : by_path_)
      if (certificate) visit(**certificate);
  }

 private:
  const CrtStores* stores_ = nullptr;
  std::unordered_map<std::string, base::Result<std::shared_ptr<Certificate>>> by_path_;
};

}  // namespace lbd::tls
