#include "lbd/tls/pem.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include "lbd/tls/openssl.h"

namespace lbd::tls {

bool PemBlock::is_certificate() const {
  return name == "CERTIFICATE" || name == "X509 CERTIFICATE" || name == "TRUSTED CERTIFICATE";
}

base::Result<std::vector<PemBlock>> read_pem(std::string_view text) {
  std::vector<PemBlock> out;
  BioPtr bio = read_bio(text);
  ERR_clear_error();
  for (;;) {
    char *name = nullptr, *header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    if (!PEM_read_bio(bio.get(), &name, &header, &data, &size)) break;
    out.push_back({name, header, std::string(reinterpret_cast<char*>(data), static_cast<size_t>(size))});
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(data, static_cast<size_t>(size));
  }
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  if (code && ERR_GET_REASON(code) != PEM_R_NO_START_LINE)
    return base::Err(std::string("a damaged PEM block: ") + ERR_reason_error_string(code));
  return out;
}

}  // namespace lbd::tls
