// Owners of OpenSSL's objects, and its errors as text. Thread: as each object; the error queue is the thread's own.
#pragma once

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace lbd::tls {

template <auto Free>
struct FreeBy {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
inline void free_chain(STACK_OF(X509) * chain) {
  sk_X509_pop_free(chain, X509_free);
}

using BioPtr = std::unique_ptr<BIO, FreeBy<BIO_free_all>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeBy<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, FreeBy<X509_free>>;
using ChainPtr = std::unique_ptr<STACK_OF(X509), FreeBy<free_chain>>;
using ContextPtr = std::unique_ptr<SSL_CTX, FreeBy<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, FreeBy<SSL_free>>;

// The reason of the oldest error in the queue, which is emptied; "" when there is none.
std::string take_error();

// A BIO that reads the text, which it does not copy.
BioPtr read_bio(std::string_view text);

}  // namespace lbd::tls
