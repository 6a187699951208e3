#include "lbd/compression/choice.h"

#include <algorithm>

#include "base/strings.h"
#include "lbd/http/quality.h"
#include "lbd/http/value_list.h"

namespace lbd::compression {
namespace {

struct Row {
  Algorithm algorithm;
  std::string_view name;
  std::string_view coding;  // RFC 9110, 8.4.1
};
constexpr Row kRows[] = {
    {Algorithm::identity, "identity", "identity"},
    {Algorithm::gzip, "gzip", "gzip"},
    {Algorithm::deflate, "deflate", "deflate"},
    {Algorithm::raw_deflate, "raw-deflate", "deflate"},
};

const Row& row_of(Algorithm algorithm) {
  return kRows[static_cast<size_t>(algorithm)];
}

bool starts_with(std::string_view text, std::string_view beginning) {
  return text.size() >= beginning.size() && base::iequals(text.substr(0, beginning.size()), beginning);
}

// Browsers of the time of Mozilla/4 say that they take what they cannot read, but for later ones of Microsoft.
bool is_to_be_spared(std::string_view agent) {
  if (!agent.starts_with("Mozilla/4")) return false;
  constexpr std::string_view kName = "MSIE ";
  const size_t at = agent.find(kName);
  if (at == std::string_view::npos || at + kName.size() >= agent.size()) return true;
  const char version = agent[at + kName.size()];
  const bool two_digits = at + kName.size() + 1 < agent.size() && base::is_digit(agent[at + kName.size() + 1]);
  if (two_digits || (version >= '7' && version <= '9')) return false;
  return version != '6' || agent.find("SV1") == std::string_view::npos;
}

// "…" or W/"…".
bool is_valid_etag(std::string_view tag) {
  if (tag.starts_with("W/")) tag.remove_prefix(2);
  return tag.size() >= 2 && tag.front() == '"' && tag.back() == '"';
}

bool has_type(const http::Head& answer, const std::vector<std::string>& types) {
  const http::Header* type = answer.headers.find(http::Token::content_type);
  if (!type) return types.empty();
  if (starts_with(type->value, "multipart")) return false;
  return types.empty() ||
         std::any_of(types.begin(), types.end(), [&](const std::string& one) { return starts_with(type->value, one); });
}

// What is asked of either kind of message.
bool is_worth_it(const http::Head& head, const std::vector<std::string>& types, uint64_t least) {
  if (head.body == http::BodyKind::length) {
    if (head.content_length == 0 || head.content_length < least) return false;
  } else if (head.body != http::BodyKind::chunked) {
    return false;
  }
  int tags = 0;
  for (const http::Header& field : head.headers) {
    if (field.removed()) continue;
    if (field.name == "content-encoding") return false;
    if (field.name == "cache-control" && http::list_has(field.value, "no-transform")) return false;
    if (field.name == "etag" && (++tags > 1 || !is_valid_etag(field.value))) return false;
  }
  return has_type(head, types);
}

void put_in_chunks(http::Head& head) {
  http::Headers& headers = head.headers;
  headers.remove(http::Token::content_length);
  if (head.version != http::Version::http_2 && !headers.find(http::Token::transfer_encoding))
    headers.add("transfer-encoding", "chunked", http::Token::transfer_encoding);
}

}  // namespace

std::string_view name_of(Algorithm algorithm) {
  return row_of(algorithm).name;
}

std::optional<Algorithm> choose(const std::vector<Algorithm>& offered, const http::Head& request) {
  std::optional<Algorithm> best;
  int best_quality = 0;
  for (const http::Header& field : request.headers) {
    if (field.removed()) continue;
    if (field.name == "user-agent" && is_to_be_spared(field.value)) return std::nullopt;
    if (field.name != "accept-encoding") continue;
    std::string_view value;
    for (size_t at = 0; http::next_list_value(field.value, at, value);) {
      const std::string_view coding = base::trim(value.substr(0, value.find(';')));
      const int quality = http::quality_of(value);
      if (quality <= best_quality) continue;
      const auto taken = std::find_if(offered.rbegin(), offered.rend(), [&](Algorithm one) {
        return coding == "*" || base::iequals(coding, row_of(one).coding);
      });
      if (taken == offered.rend()) continue;
      best = *taken;
      best_quality = quality;
    }
  }
  if (best) return best;
  // It needs nobody's consent.
  const bool identity = std::find(offered.begin(), offered.end(), Algorithm::identity) != offered.end();
  return identity ? std::optional(Algorithm::identity) : std::nullopt;
}

bool permits(const http::Head& answer, const std::vector<std::string>& types, uint64_t least) {
  return answer.version != http::Version::http_1_0 && answer.status >= 200 && answer.status <= 203 &&
         is_worth_it(answer, types, least);
}

bool permits_request(const http::Head& request, const std::vector<std::string>& types, uint64_t least) {
  return request.version != http::Version::http_1_0 && !request.upgrade && is_worth_it(request, types, least);
}

void edit(http::Head& answer, Algorithm algorithm) {
  http::Headers& headers = answer.headers;
  // Other bytes: the same only in what they mean.
  if (http::Header* tag = headers.find("etag"); tag && !tag->value.starts_with("W/"))
    tag->value = headers.arena().concat("W/", tag->value, "");
  put_in_chunks(answer);
  headers.add("vary", "Accept-Encoding");
  if (algorithm != Algorithm::identity) headers.add("content-encoding", row_of(algorithm).coding);
}

void edit_request(http::Head& request, Algorithm algorithm) {
  put_in_chunks(request);
  request.body = http::BodyKind::chunked;
  request.headers.add("content-encoding", row_of(algorithm).coding);
}

}  // namespace lbd::compression
