// Variant: one of several answers of an address, of which each suits some requests (RFC 9110, 12.5.5). Managed are
// Accept-Encoding and Referer, as HAProxy does. Pure; views belong to whoever made them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lbd/http/head.h"

namespace lbd::cache {

// What a request says that answers may vary by.
struct Wanted {
  std::optional<std::string_view> accept_encoding;  // all of its fields; nothing: any encoding will do
  std::string_view referer;
};
// Texts are those of the request, or in its arena.
Wanted wanted_by(const http::Head& request);

// Whether this encoding is acceptable (RFC 9110, 12.5.3); "identity": none.
bool accepts(const std::optional<std::string_view>& accept_encoding, std::string_view coding);

struct Variant {
  bool by_encoding = false, by_referer = false;
  std::string encoding;  // Content-Encoding, a list; empty: identity
  std::string referer;   // of the request that it answered

  bool suits(const Wanted& wanted) const;
  bool operator==(const Variant&) const = default;
};
// Nothing: the answer varies by something else.
std::optional<Variant> variant_of(const http::Head& response, const Wanted& wanted);

}  // namespace lbd::cache
