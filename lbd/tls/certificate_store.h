// CertificateStore: the certificates of a configuration by the path of their file, each read once however many lines
// name it, and all of them read at once by several threads.
//
// At run time a path may get another certificate, or an empty place for one that is still to come.
// Owner: Contexts. Life: as the configuration's. Thread: load() by one, then the control thread.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "lbd/tls/certificate.h"
#include "lbd/tls/certificate_files.h"
#include "lbd/tls/crt_store.h"
#include "lbd/tls/passphrases.h"

namespace lbd::tls {

class CertificateStore {
 public:
  // Certificates that crt-store sections name; before load().
  void set_stores(const CrtStores* stores) { stores_ = stores; }
  Passphrases& passphrases() { return passphrases_; }

  // Reads the files that were not read yet. With few of them OpenSSL's objects are made at once, so that all that is
  // wrong with them is found and no handshake has to wait. `with_ocsp`: those for which OCSP answers will come.
  using Paths = std::unordered_set<std::string>;
  void load(const std::vector<std::string>& paths, const config::TlsFiles& rules, const IssuerChains& chains,
            const Paths& with_ocsp = {});

  // Of a path that was loaded: the certificate, or what is wrong with it.
  const base::Result<std::shared_ptr<Certificate>>& at(const std::string& path) const;

  // --- run time ---
  bool has(const std::string& path) const { return by_path_.contains(path); }
  // Null: there is none, or its place is empty.
  std::shared_ptr<Certificate> find(const std::string& path) const;
  // Null: an empty place.
  void put(const std::string& path, std::shared_ptr<Certificate> certificate);
  void remove(const std::string& path) { by_path_.erase(path); }
  std::vector<std::string> paths() const;  // in the order of their bytes

  template <typename Visit>
  void for_each(Visit visit) const {
    for (const auto& [path, certificate] : by_path_)
      if (certificate && *certificate) visit(**certificate);
  }

 private:
  const CrtStores* stores_ = nullptr;
  Passphrases passphrases_;
  std::unordered_map<std::string, base::Result<std::shared_ptr<Certificate>>> by_path_;
};

}  // namespace lbd::tls
