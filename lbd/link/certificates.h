// CertificateShare: a certificate that `commit ssl cert` has put to use on one node is used on all, and by an lbd that
// starts anew. They have private keys: syncd gives them to other nodes only over links that nobody else can read.
//
// The later one wins. It is tied to the file: when the file was written since and has another certificate than the one
// that was replaced, the file wins. What is prepared and not committed is told to nobody; paths that this configuration
// does not name are left. Owner: PartsLink. Thread: see Share. Errors: a certificate that cannot be used is logged.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "lbd/link/share.h"
#include "lbd/tls/contexts.h"

namespace lbd::link {

struct CertificateChange {
  tls::CertificateContents contents;
  uint64_t base = 0;  // a digest of what the file had
};
std::string encode(const CertificateChange& change);
std::optional<CertificateChange> decode_certificate(std::string_view value);
uint64_t digest_of(const tls::CertificateContents& contents);
// Of what clients see of all certificates, with their paths, 8 bytes; "": there are none.
std::string certificates_digest(const tls::CertificateStore& store);

class CertificateShare final : public Share {
 public:
  explicit CertificateShare(tls::Contexts& contexts);

  bool owns(std::string_view list) const override { return list == kCertificates; }
  bool inherited() const override { return true; }
  void mark_all() override;
  void collect(Teller& teller) override;
  void accept(const replica::PartStore::News& news) override;

 private:
  static constexpr std::string_view kCertificates = "secret/certificates";
  struct Known {
    uint64_t version = 0, base = 0;
    std::shared_ptr<const tls::Certificate> shown;
    bool waiting = false;
  };
  void look_for_changes();
  // Microseconds of wall time; that of our start where it cannot be seen.
  uint64_t file_time(const std::string& path) const;

  tls::Contexts& contexts_;
  const uint64_t started_;
  uint64_t seen_;  // of Contexts::changes()
  std::map<std::string, Known, std::less<>> known_;
  size_t waiting_ = 0;
};

}  // namespace lbd::link
