#include "lbd/tls/certificate.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <ctime>
#include <span>

#include "lbd/tls/pem.h"

namespace lbd::tls {
namespace {

void free_stapling(void*, void* stapling, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<std::shared_ptr<Stapling>*>(stapling);
}

int stapling_index() {
  static const int index = CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_X509, 0, nullptr, nullptr, nullptr, free_stapling);
  return index;
}

KeyPtr decode_key(const std::string& der, const std::string& name) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const long size = static_cast<long>(der.size());
  // With the kind known OpenSSL need not try them all.
  if (name == "RSA PRIVATE KEY") return KeyPtr(d2i_PrivateKey(EVP_PKEY_RSA, nullptr, &bytes, size));
  if (name == "EC PRIVATE KEY") return KeyPtr(d2i_PrivateKey(EVP_PKEY_EC, nullptr, &bytes, size));
  return KeyPtr(d2i_AutoPrivateKey(nullptr, &bytes, size));
}

KeyPtr decode_dh(const std::string& der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  return KeyPtr(d2i_KeyParams(EVP_PKEY_DH, nullptr, &bytes, static_cast<long>(der.size())));
}

CertificatePtr decode_certificate(const std::string& der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  return CertificatePtr(d2i_X509_AUX(nullptr, &bytes, static_cast<long>(der.size())));
}

}  // namespace

base::Status check_sctl(std::string_view list) {
  auto length = [](std::string_view at) {
    return static_cast<size_t>(static_cast<uint8_t>(at[0]) << 8 | static_cast<uint8_t>(at[1]));
  };
  if (list.size() < 4 || length(list) != list.size() - 2)
    return base::Err("not a list of signed certificate timestamps");
  for (list.remove_prefix(2); !list.empty();) {
    if (list.size() < 2 || length(list) == 0 || length(list) > list.size() - 2)
      return base::Err("a damaged list of signed certificate timestamps");
    list.remove_prefix(2 + length(list));
  }
  return {};
}

CertificateContents::~CertificateContents() {
  OPENSSL_cleanse(key.data(), key.size());
}

base::Status CertificateContents::read_pem_file(std::string_view text) {
  CertificateContents read;
  for (PemBlock& block : TRY(read_pem(text))) {
    if (block.is_certificate()) {
      read.chain.push_back(std::move(block.der));
    } else if (block.is_private_key() && read.key.empty()) {
      if (block.is_encrypted()) return base::Err("its private key is encrypted");
      read.key_name = std::move(block.name);
      read.key = std::move(block.der);
    } else if (block.name == "DH PARAMETERS") {
      read.dh_parameters = std::move(block.der);
    }
  }
  if (read.chain.empty()) return base::Err("there is no certificate in it");
  *this = std::move(read);
  return {};
}

base::Status CertificateContents::read_key(std::string_view text) {
  for (PemBlock& block : TRY(read_pem(text))) {
    if (!block.is_private_key()) continue;
    if (block.is_encrypted()) return base::Err("its private key is encrypted");
    key_name = std::move(block.name);
    key = std::move(block.der);
    return {};
  }
  return base::Err("there is no private key in it");
}

base::Status CertificateContents::read_issuer(std::string_view text) {
  for (PemBlock& block : TRY(read_pem(text))) {
    if (!block.is_certificate()) continue;
    issuer = std::move(block.der);
    return {};
  }
  return base::Err("there is no certificate in it");
}

ChainPtr CertificateContents::certificates() const {
  ChainPtr out(sk_X509_new_null());
  for (const std::string& der : chain) {
    CertificatePtr each = decode_certificate(der);
    if (!each) return nullptr;
    sk_X509_push(out.get(), each.release());
  }
  return out;
}

bool CertificateContents::has_own_key() const {
  CertificatePtr leaf = chain.empty() ? nullptr : decode_certificate(chain.front());
  KeyPtr own = leaf ? decode_key(key, key_name) : nullptr;
  const bool matches = own && X509_check_private_key(leaf.get(), own.get()) == 1;
  ERR_clear_error();
  return matches;
}

std::string CertificateContents::ocsp_id() const {
  CertificatePtr leaf = chain.empty() ? nullptr : decode_certificate(chain.front());
  CertificatePtr above = chain.size() > 1 ? decode_certificate(chain[1])
                         : issuer         ? decode_certificate(*issuer)
                                          : nullptr;
  return leaf && above ? tls::ocsp_id(leaf.get(), above.get()) : std::string();
}

const Stapling* Stapling::of(const X509* leaf) {
  auto* held = leaf ? static_cast<std::shared_ptr<Stapling>*>(X509_get_ex_data(leaf, stapling_index())) : nullptr;
  return held ? held->get() : nullptr;
}

base::Result<std::shared_ptr<Certificate>> Certificate::parse(std::string path, CertificateFiles files,
                                                              const ChainRules& rules) {
  CertificateContents contents;
  if (auto read = contents.read_pem_file(files.pem); !read) return base::Err(read.error());
  if (contents.key.empty()) {
    if (!files.key || !contents.read_key(*files.key)) return base::Err("there is no private key in it, nor beside it");
  }
  if (files.issuer) (void)contents.read_issuer(*files.issuer);
  contents.ocsp = std::move(files.ocsp);
  contents.sctl = std::move(files.sctl);
  return make(std::move(path), std::move(contents), rules);
}

base::Result<std::shared_ptr<Certificate>> Certificate::make(std::string path, CertificateContents contents,
                                                             const ChainRules& rules) {
  std::shared_ptr<Certificate> out(new Certificate);
  out->path_ = std::move(path);
  out->contents_ = std::move(contents);
  const CertificateContents& own = out->contents_;
  auto facts = read_certificate(own.chain.front());
  if (!facts) return base::Err("its certificate is damaged");
  if (own.chain.size() == 1 && rules.chains) out->chain_elsewhere_ = rules.chains->find(facts->issuer);
  out->skip_self_issued_ = rules.skip_self_issued;
  out->key_type_ = facts->key_type;
  out->names_ = std::move(facts->names);
  const KeyMatch match = match_key(own.key, *facts);
  if (match == KeyMatch::no) return base::Err("its private key is not that of its certificate");
  if (match == KeyMatch::unknown && !out->parts()) return base::Err(out->error());
  if (own.sctl) {
    if (auto right = check_sctl(*own.sctl); !right) return base::Err(right.error());
    out->stapling_->sctl = *own.sctl;
  }
  if (rules.wants_ocsp && !own.ocsp && (out->chain_elsewhere_ || own.chain.size() > 1 || own.issuer))
    out->contents_.ocsp = "";
  if (own.ocsp)
    if (auto added = out->add_ocsp(); !added) return base::Err(added.error());
  return out;
}

// The next one of the chain, or in a file of its own.
CertificatePtr Certificate::issuer() const {
  const Parts* own = parts();
  if (own && own->issuer && X509_up_ref(own->issuer.get())) return CertificatePtr(own->issuer.get());
  return contents_.issuer ? decode_certificate(*contents_.issuer) : nullptr;
}

base::Status Certificate::add_ocsp() {
  const Parts* own = parts();
  if (!own) return base::Err(error());
  const CertificatePtr found = issuer();
  if (!found) return base::Err("the issuer, which its OCSP answer needs, is neither in it nor beside it");
  stapling_->ocsp_id = tls::ocsp_id(own->leaf.get(), found.get());
  if (contents_.ocsp->empty()) return {};
  auto answer = read_ocsp_answer(*contents_.ocsp, stapling_->ocsp_id, std::time(nullptr));
  if (answer)
    stapling_->ocsp.set(std::make_shared<const OcspAnswer>(std::move(*answer)));
  else
    warning_ = answer.error().text;
  return {};
}

base::Result<std::unique_ptr<Certificate::Parts>> Certificate::make_parts() const {
  ERR_clear_error();
  auto parts = std::make_unique<Parts>();
  parts->leaf = decode_certificate(contents_.chain.front());
  if (!parts->leaf) return base::Err("its certificate is damaged: " + take_error());
  parts->chain = ChainPtr(sk_X509_new_null());
  const std::span<const std::string> above = chain_elsewhere_
                                                 ? std::span<const std::string>(*chain_elsewhere_)
                                                 : std::span<const std::string>(contents_.chain).subspan(1);
  for (const std::string& der : above) {
    CertificatePtr each = decode_certificate(der);
    if (!each) return base::Err("a certificate of its chain is damaged: " + take_error());
    if (!parts->issuer && X509_up_ref(each.get())) parts->issuer.reset(each.get());
    if (skip_self_issued_ && X509_NAME_cmp(X509_get_subject_name(each.get()), X509_get_issuer_name(each.get())) == 0)
      continue;
    sk_X509_push(parts->chain.get(), each.release());
  }
  parts->key = decode_key(contents_.key, contents_.key_name);
  if (!parts->key) return base::Err("its private key is damaged: " + take_error());
  if (!X509_check_private_key(parts->leaf.get(), parts->key.get())) {
    ERR_clear_error();
    return base::Err("its private key is not that of its certificate");
  }
  if (!contents_.dh_parameters.empty()) {
    parts->dh_parameters = decode_dh(contents_.dh_parameters);
    if (!parts->dh_parameters) return base::Err("its Diffie-Hellman parameters are damaged: " + take_error());
  }
  X509_set_ex_data(parts->leaf.get(), stapling_index(), new std::shared_ptr<Stapling>(stapling_));
  return parts;
}

const Certificate::Parts* Certificate::parts() const {
  std::call_once(made_, [this] {
    if (auto parts = make_parts())
      parts_ = std::move(*parts);
    else
      error_ = parts.error().text;
  });
  return parts_.get();
}

std::string Certificate::error() const {
  parts();
  return error_;
}

bool Certificate::use(SSL* ssl) const {
  const Parts* own = parts();
  // Of several kinds of keys OpenSSL would choose itself: none of the context's own may be left beside this one.
  SSL_certs_clear(ssl);
  if (!own || !SSL_use_cert_and_key(ssl, own->leaf.get(), own->key.get(), own->chain.get(), 1)) return false;
  if (own->dh_parameters && EVP_PKEY_up_ref(own->dh_parameters.get()) &&
      !SSL_set0_tmp_dh_pkey(ssl, own->dh_parameters.get()))
    EVP_PKEY_free(own->dh_parameters.get());
  return true;
}

bool Certificate::use(SSL_CTX* context) const {
  const Parts* own = parts();
  if (!own || !SSL_CTX_use_cert_and_key(context, own->leaf.get(), own->key.get(), own->chain.get(), 1)) return false;
  if (own->dh_parameters && EVP_PKEY_up_ref(own->dh_parameters.get()) &&
      !SSL_CTX_set0_tmp_dh_pkey(context, own->dh_parameters.get()))
    EVP_PKEY_free(own->dh_parameters.get());
  return true;
}

}  // namespace lbd::tls
