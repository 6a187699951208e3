#include "lbd/cache/variant.h"

#include <algorithm>

#include "base/strings.h"
#include "lbd/http/value_list.h"

namespace lbd::cache {
namespace {

constexpr std::string_view kIdentity = "identity";

// "x-gzip" is another name of gzip (RFC 9110, 8.4.1.3).
std::string_view usual_name(std::string_view coding) {
  return base::iequals(coding, "x-gzip") ? "gzip" : base::iequals(coding, "x-compress") ? "compress" : coding;
}

// "0", "0.0", "0.000"
bool is_zero(std::string_view quality) {
  return !quality.empty() && quality.find_first_not_of("0.") == std::string_view::npos;
}

struct Offer {
  std::string_view coding;
  bool refused = false;  // q=0
};

Offer offer_of(std::string_view value) {
  const size_t semicolon = value.find(';');
  Offer offer{usual_name(base::trim(value.substr(0, semicolon)))};
  if (semicolon == std::string_view::npos) return offer;
  const std::string_view weight = base::trim(value.substr(semicolon + 1));
  offer.refused = weight.size() > 2 && base::iequals(weight.substr(0, 2), "q=") && is_zero(weight.substr(2));
  return offer;
}

}  // namespace

Wanted wanted_by(const http::Head& request) {
  Wanted wanted;
  for (const http::Header& field : request.headers) {
    if (field.removed()) continue;
    if (field.name == "referer") wanted.referer = field.value;
    if (field.name != "accept-encoding") continue;
    wanted.accept_encoding = wanted.accept_encoding
                                 ? request.headers.arena().concat(*wanted.accept_encoding, ",", field.value)
                                 : field.value;
  }
  return wanted;
}

bool accepts(const std::optional<std::string_view>& accept_encoding, std::string_view coding) {
  if (!accept_encoding) return true;
  coding = usual_name(coding);
  // Without a word none is acceptable but identity.
  bool answer = base::iequals(coding, kIdentity);
  std::string_view value;
  for (size_t at = 0; http::next_list_value(*accept_encoding, at, value);) {
    const Offer offer = offer_of(value);
    if (base::iequals(offer.coding, coding)) return !offer.refused;
    if (offer.coding == "*") answer = !offer.refused;
  }
  return answer;
}

bool Variant::suits(const Wanted& wanted) const {
  if (by_referer && wanted.referer != referer) return false;
  if (!by_encoding) return true;
  if (encoding.empty()) return accepts(wanted.accept_encoding, kIdentity);
  std::string_view coding;
  for (size_t at = 0; http::next_list_value(encoding, at, coding);)
    if (!accepts(wanted.accept_encoding, coding)) return false;
  return true;
}

std::optional<Variant> variant_of(const http::Head& response, const Wanted& wanted) {
  Variant variant;
  for (const http::Header& field : response.headers) {
    if (field.removed() || field.name != "vary") continue;
    std::string_view name;
    for (size_t at = 0; http::next_list_value(field.value, at, name);) {
      if (base::iequals(name, "accept-encoding"))
        variant.by_encoding = true;
      else if (base::iequals(name, "referer"))
        variant.by_referer = true;
      else
        return std::nullopt;
    }
  }
  if (variant.by_encoding) {
    if (const http::Header* encoding = response.headers.find("content-encoding")) variant.encoding = encoding->value;
  }
  if (variant.by_referer) variant.referer = wanted.referer;
  return variant;
}

}  // namespace lbd::cache
