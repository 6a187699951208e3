#include "lbd/cache/freshness.h"

#include <charconv>

#include "base/strings.h"
#include "lbd/http/date.h"
#include "lbd/http/value_list.h"

namespace lbd::cache {
namespace {

// What the Cache-Control fields say that a shared cache asks for.
struct Directives {
  bool any = false;
  bool no_store = false, no_cache = false, is_private = false, is_public = false, must_revalidate = false;
  std::optional<int64_t> max_age, s_maxage;  // 0 for what is no number
};

int64_t seconds_of(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc::result_out_of_range) return std::numeric_limits<int32_t>::max();
  return error == std::errc() && end == text.data() + text.size() && seconds > 0 ? seconds : 0;
}

void read_directive(std::string_view value, Directives& out) {
  const size_t equals = value.find('=');
  const std::string name = base::lower(value.substr(0, equals));
  const bool bare = equals == std::string_view::npos;
  const std::string_view argument = bare ? std::string_view() : value.substr(equals + 1);
  out.any = true;
  if (name == "no-store") out.no_store = true;
  // With the names of fields it means only these; HAProxy keeps nothing then, which is on the safe side.
  if (name == "no-cache") out.no_cache = true;
  if (name == "private" && bare) out.is_private = true;
  if (name == "public") out.is_public = true;
  if (name == "must-revalidate") out.must_revalidate = true;
  if (name == "max-age" && !out.max_age) out.max_age = seconds_of(argument);
  if (name == "s-maxage" && !out.s_maxage) out.s_maxage = seconds_of(argument);
}

Directives directives_of(const http::Headers& headers) {
  Directives out;
  for (const http::Header& field : headers) {
    if (field.removed() || field.token != http::Token::cache_control) continue;
    std::string_view value;
    for (size_t at = 0; http::next_list_value(field.value, at, value);) read_directive(value, out);
  }
  return out;
}

bool says_no_cache(const http::Headers& headers) {
  const http::Header* pragma = headers.find("pragma");
  return pragma && base::iequals(pragma->value, "no-cache");
}

// Nothing when Expires is not there; a moment that cannot be understood has gone by (RFC 9111, 5.3).
std::optional<int64_t> left_by_expires(const http::Headers& headers, int64_t now) {
  const http::Header* expires = headers.find("expires");
  if (!expires) return std::nullopt;
  const std::optional<int64_t> when = http::parse_date(expires->value);
  return when ? std::max<int64_t>(*when - now, 0) : 0;
}

}  // namespace

RequestTerms terms_of(const http::Head& request) {
  using http::Method;
  RequestTerms terms;
  if (request.version == http::Version::http_1_0) return terms;
  const bool get = request.method == Method::get, head = request.method == Method::head;
  terms.invalidates = !get && !head && request.method != Method::options && request.method != Method::trace;
  if (!get && !head) return terms;
  const Directives said = directives_of(request.headers);
  terms.only_if_shared = request.headers.find(http::Token::authorization) != nullptr;
  const bool anew = said.no_cache || said.max_age == 0 || (!said.any && says_no_cache(request.headers));
  terms.use = !anew && !terms.only_if_shared;
  terms.store = get && !said.no_store;
  return terms;
}

std::optional<Lifetime> lifetime_of(const http::Head& response, base::Seconds most, bool only_if_shared,
                                    base::WallTime now) {
  if (response.status != 200) return std::nullopt;
  const http::Headers& headers = response.headers;
  const Directives said = directives_of(headers);
  if (said.no_store || said.no_cache || said.is_private || says_no_cache(headers)) return std::nullopt;
  if (only_if_shared && !said.is_public && !said.s_maxage && !said.must_revalidate) return std::nullopt;

  std::optional<int64_t> good = said.s_maxage ? said.s_maxage : said.max_age;
  if (!good) good = left_by_expires(headers, std::chrono::duration_cast<base::Seconds>(now.time_since_epoch()).count());
  if (!good && (headers.find("etag") || headers.find("last-modified"))) good = most.count();
  if (!good) return std::nullopt;

  Lifetime lifetime;
  if (const http::Header* age = headers.find("age")) {
    int64_t seconds = 0;
    const char* end = age->value.data() + age->value.size();
    const auto [at, error] = std::from_chars(age->value.data(), end, seconds);
    if (error != std::errc() || at != end || seconds < 0) return std::nullopt;
    lifetime.age = base::Seconds(seconds);
  }
  lifetime.left = std::min(base::Seconds(*good) - lifetime.age, most);
  if (lifetime.left.count() <= 0) return std::nullopt;
  return lifetime;
}

}  // namespace lbd::cache
