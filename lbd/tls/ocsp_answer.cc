#include "lbd/tls/ocsp_answer.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>

#include <ctime>
#include <memory>

namespace lbd::tls {
namespace {

// What clocks may differ by.
constexpr long kSkew = 300;

using ResponsePtr = std::unique_ptr<OCSP_RESPONSE, FreeBy<OCSP_RESPONSE_free>>;
using BasicPtr = std::unique_ptr<OCSP_BASICRESP, FreeBy<OCSP_BASICRESP_free>>;
using IdPtr = std::unique_ptr<OCSP_CERTID, FreeBy<OCSP_CERTID_free>>;

std::string bytes_of(const OCSP_CERTID* id) {
  unsigned char* bytes = nullptr;
  const int size = i2d_OCSP_CERTID(id, &bytes);
  std::string out(reinterpret_cast<char*>(bytes), static_cast<size_t>(size > 0 ? size : 0));
  OPENSSL_free(bytes);
  return out;
}

base::Result<BasicPtr> open(std::string_view der) {
  ERR_clear_error();
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  ResponsePtr response(d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(der.size())));
  if (!response) {
    ERR_clear_error();
    return base::Err("Unable to parse OCSP response.");
  }
  const int status = OCSP_response_status(response.get());
  if (status != OCSP_RESPONSE_STATUS_SUCCESSFUL)
    return base::Err(fmt::format("the OCSP answer is an error: {}", OCSP_response_status_str(status)));
  BasicPtr basic(OCSP_response_get1_basic(response.get()));
  const int count = basic ? OCSP_resp_count(basic.get()) : 0;
  if (count != 1) {
    ERR_clear_error();
    return base::Err(count > 1
                         ? fmt::format("OCSP response ignored because contains multiple single responses ({}).", count)
                         : std::string("the OCSP answer speaks of no certificate"));
  }
  return basic;
}

}  // namespace

std::string ocsp_id(const X509* leaf, const X509* issuer) {
  IdPtr id(OCSP_cert_to_id(EVP_sha1(), leaf, issuer));
  return id ? bytes_of(id.get()) : std::string();
}

base::Result<std::string> ocsp_id_of(std::string_view der) {
  BasicPtr basic = TRY(open(der));
  return bytes_of(OCSP_SINGLERESP_get0_id(OCSP_resp_get0(basic.get(), 0)));
}

base::Status verify_ocsp_answer(std::string_view der, X509* issuer) {
  BasicPtr basic = TRY(open(der));
  std::unique_ptr<X509_STORE, FreeBy<X509_STORE_free>> store(X509_STORE_new());
  ChainPtr known(sk_X509_new_null());
  if (!store || !known || !X509_STORE_add_cert(store.get(), issuer)) return base::Err("no memory");
  X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN);
  if (X509_up_ref(issuer)) sk_X509_push(known.get(), issuer);
  if (OCSP_basic_verify(basic.get(), known.get(), store.get(), 0) == 1) return {};
  return base::Err("the OCSP answer is not signed by the issuer: " + take_error());
}

base::Result<OcspAnswer> read_ocsp_answer(std::string_view der, std::string_view id, int64_t now) {
  BasicPtr basic = TRY(open(der));
  OCSP_SINGLERESP* single = OCSP_resp_get0(basic.get(), 0);
  int reason = 0;
  ASN1_GENERALIZEDTIME *revoked = nullptr, *from = nullptr, *until = nullptr;
  const int status = OCSP_single_get0_status(single, &reason, &revoked, &from, &until);
  if (status != V_OCSP_CERTSTATUS_GOOD)
    return base::Err(fmt::format("the OCSP answer says that the certificate is {}", OCSP_cert_status_str(status)));
  if (bytes_of(OCSP_SINGLERESP_get0_id(single)) != id)
    return base::Err("the OCSP answer speaks of another certificate");
  time_t begin = now + kSkew, end = now - kSkew;
  if (from && X509_cmp_time(from, &begin) > 0) return base::Err("the OCSP answer is not valid yet");
  OcspAnswer out{std::string(der), 0};
  if (until) {
    if (X509_cmp_time(until, &end) < 0) return base::Err("the OCSP answer has expired");
    struct tm fields = {};
    if (ASN1_TIME_to_tm(until, &fields) == 1) out.expires = timegm(&fields);
  }
  return out;
}

}  // namespace lbd::tls
