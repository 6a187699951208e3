// Cookies in Cookie and Set-Cookie fields, as HAProxy reads them (RFC 6265 and what came before it). Pure views.
//
// In Cookie, ';' and ',' separate outside quotes; what has no '=' or begins with '$' (attributes of RFC 2965) is no
// cookie. Quotes stay part of the value. Names are case-sensitive.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/arena.h"
#include "lbd/http/head.h"
#include "lbd/http/uri.h"

namespace lbd::http {

// The next cookie of the field from `at` on; begins with at == 0. False: no more. Of Set-Cookie only the first pair is
// a cookie, what follows are its attributes.
bool next_cookie(std::string_view field, size_t& at, Pair& cookie, bool set_cookie);

// The last cookie of that name in all Cookie fields, as req.cook gives it. Null data: none.
std::string_view find_cookie(const Headers& headers, std::string_view name);

// What is to become of one cookie of a Cookie field.
struct CookieEdit {
  enum class Do : uint8_t { keep, drop, replace } what = Do::keep;
  std::string_view value = {};  // replace: not longer than the one it had
};

// A Cookie field in which `editor` was asked about each cookie of that name; "" when nothing is left. The attributes of
// a cookie that is dropped ($Path …) go with it.
class CookieEditor {
 public:
  virtual CookieEdit edit(std::string_view value) = 0;

 protected:
  ~CookieEditor() = default;
};
std::string_view edit_cookies(std::string_view field, std::string_view name, CookieEditor& editor, base::Arena& arena);

// Whether a cache may keep the answer to such a request, and with it its Set-Cookie, and give it to others: option
// checkcache of the manual, RFC 9111. Of "private, public" the last counts, as in HAProxy.
bool cookie_is_cacheable(Method method, const Head& response);

}  // namespace lbd::http
