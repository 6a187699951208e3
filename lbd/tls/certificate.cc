#include "lbd/tls/certificate.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <ctime>

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

}  // namespace

const Stapling* Stapling::of(const X509* leaf) {
  auto* held = leaf ? static_cast<std::shared_ptr<Stapling>*>(X509_get_ex_data(leaf, stapling_index())) : nullptr;
  return held ? held->get() : nullptr;
}

base::Result<std::shared_ptr<Certificate>> Certificate::parse(std::string path, CertificateFiles files,
                                                              const ChainRules& rules) {
  std::shared_ptr<Certificate> out(new Certificate);
  out->path_ = std::move(path);
  PemBlock key;
  for (PemBlock& block : TRY(read_pem(files.pem))) {
    if (block.is_certificate())
      out->chain_der_.push_back(std::move(block.der));
    else if (block.is_private_key() && key.der.empty())
      key = std::move(block);
    else if (block.name == "DH PARAMETERS")
      out->dh_der_ = std::move(block.der);
  }
  if (out->chain_der_.empty()) return base::Err("there is no certificate in it");
  if (key.der.empty() && files.key)
    for (PemBlock& block : TRY(read_pem(*files.key)))
      if (block.is_private_key() && key.der.empty()) key = std::move(block);
  if (key.der.empty()) return base::Err("there is no private key in it, nor beside it");
  if (key.is_encrypted()) return base::Err("its private key is encrypted");
  auto facts = read_certificate(out->chain_der_.front());
  if (!facts) return base::Err("its certificate is damaged");
  if (out->chain_der_.size() == 1 && rules.chains)
    if (const IssuerChains::Chain* chain = rules.chains->find(facts->issuer))
      out->chain_der_.insert(out->chain_der_.end(), chain->begin(), chain->end());
  out->skip_self_issued_ = rules.skip_self_issued;
  facts = read_certificate(out->chain_der_.front());  // the bytes moved
  out->key_type_ = facts->key_type;
  out->names_ = std::move(facts->names);
  const KeyMatch match = match_key(key.der, *facts);
  if (match == KeyMatch::no) return base::Err("its private key is not that of its certificate");
  out->key_name_ = std::move(key.name);
  out->key_der_ = std::move(key.der);
  if (match == KeyMatch::unknown && !out->parts()) return base::Err(out->error());
  if (files.sctl) {
    if (auto right = check_sctl(*files.sctl); !right) return base::Err(right.error());
    out->stapling_->sctl = std::move(*files.sctl);
  }
  if (files.ocsp)
    if (auto added = out->add_ocsp(files); !added) return base::Err(added.error());
  return out;
}

// The issuer is the next one of the chain, or in a file of its own.
base::Status Certificate::add_ocsp(const CertificateFiles& files) {
  const Parts* own = parts();
  if (!own) return base::Err(error());
  CertificatePtr issuer;
  const X509* found = own->issuer.get();
  if (!found && files.issuer)
    for (const PemBlock& block : TRY(read_pem(*files.issuer)))
      if (block.is_certificate() && !issuer) issuer = decode_certificate(block.der);
  if (issuer) found = issuer.get();
  if (!found) return base::Err("the issuer, which its OCSP answer needs, is neither in it nor beside it");
  stapling_->ocsp_id = ocsp_id(own->leaf.get(), found);
  if (files.ocsp->empty()) return {};
  auto answer = read_ocsp_answer(*files.ocsp, stapling_->ocsp_id, std::time(nullptr));
  if (answer)
    stapling_->ocsp.set(std::make_shared<const OcspAnswer>(std::move(*answer)));
  else
    warning_ = answer.error().text;
  return {};
}

Certificate::~Certificate() {
  OPENSSL_cleanse(key_der_.data(), key_der_.size());
}

base::Result<std::unique_ptr<Certificate::Parts>> Certificate::make_parts() const {
  ERR_clear_error();
  auto parts = std::make_unique<Parts>();
  parts->leaf = decode_certificate(chain_der_.front());
  if (!parts->leaf) return base::Err("its certificate is damaged: " + take_error());
  parts->chain = ChainPtr(sk_X509_new_null());
  for (size_t i = 1; i < chain_der_.size(); ++i) {
    CertificatePtr above = decode_certificate(chain_der_[i]);
    if (!above) return base::Err("a certificate of its chain is damaged: " + take_error());
    if (i == 1 && X509_up_ref(above.get())) parts->issuer.reset(above.get());
    if (skip_self_issued_ && X509_NAME_cmp(X509_get_subject_name(above.get()), X509_get_issuer_name(above.get())) == 0)
      continue;
    sk_X509_push(parts->chain.get(), above.release());
  }
  parts->key = decode_key(key_der_, key_name_);
  if (!parts->key) return base::Err("its private key is damaged: " + take_error());
  if (!X509_check_private_key(parts->leaf.get(), parts->key.get())) {
    ERR_clear_error();
    return base::Err("its private key is not that of its certificate");
  }
  if (!dh_der_.empty()) {
    parts->dh_parameters = decode_dh(dh_der_);
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
