// The blocks of a PEM file (RFC 7468): certificates, keys, parameters, in the order of the file; text between them is
// passed over. Pure. Thread: any. Errors: a block that is damaged ends the file with an error.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lbd::tls {

struct PemBlock {
  std::string name;    // "CERTIFICATE", "EC PRIVATE KEY"
  std::string header;  // of an encrypted key
  std::string der;

  bool is_certificate() const;
  bool is_private_key() const { return name.ends_with("PRIVATE KEY"); }
  bool is_encrypted() const { return name == "ENCRYPTED PRIVATE KEY" || header.find("ENCRYPTED") != std::string::npos; }
};

base::Result<std::vector<PemBlock>> read_pem(std::string_view text);

}  // namespace lbd::tls
