// Certificate: what a PEM file gives to show to a peer: the leaf, its key, the chain above it, and the names that the
// leaf is for. Immutable, shared by the contexts that show it. Thread: any. Errors: Result, text without the path.
// Manual: 5.1 (crt).
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "lbd/tls/openssl.h"

namespace lbd::tls {

struct Certificate {
  std::string path;
  CertificatePtr leaf;
  ChainPtr chain;  // without the leaf; may be empty, never null
  KeyPtr key;
  std::vector<std::string> names;  // lower case: DNS names, or the common name where there are none; may be wildcards
};

// From the text of a PEM file: the first certificate is the leaf, the others its chain, in the order of the file.
base::Result<Certificate> parse_certificate(std::string path, std::string_view pem);

base::Result<Certificate> load_certificate(const std::string& path);

}  // namespace lbd::tls
