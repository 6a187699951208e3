// CrtStores: what crt-store sections say: certificates whose files stand in different places, under names that bind
// lines and crt-lists use as "@store/name"; the name is the alias, or the file as it is written. The certificates of
// the store without a name are also found by their bare file.
// Owner: Contexts. Life: as the configuration's. Thread: one load. Errors: Diagnostics, at the word.
// Manual: HAProxy 3.0, section 11.5 (crt-store).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "cfg/diag.h"
#include "lbd/config/config.h"
#include "lbd/tls/certificate.h"

namespace lbd::tls {

struct StoredCertificate {
  std::string name;  // "@store/name": what messages call it
  std::string crt;
  std::optional<std::string> key = {}, ocsp = {}, issuer = {}, sctl = {};
  bool ocsp_update = false;

  // Something is said of it beyond its own file.
  bool has_own_files() const { return key || ocsp || issuer || sctl; }
  base::Result<CertificateFiles> read() const;
};

class CrtStores {
 public:
  void load(const config::Config& config, cfg::Diagnostics& diagnostics);
  // Null: the word names no certificate of a store. Words that begin with '@' can name nothing else.
  const StoredCertificate* find(const std::string& word) const;
  // One that a line outside of crt-store describes, under its name.
  void add(StoredCertificate certificate);

 private:
  void load_line(const cfg::Statement& line, const std::string& store, const std::string& crt_base,
                 const std::string& key_base, cfg::Diagnostics& diagnostics);

  std::unordered_map<std::string, StoredCertificate> by_word_;
};

}  // namespace lbd::tls
