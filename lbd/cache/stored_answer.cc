#include "lbd/cache/stored_answer.h"

#include <charconv>

#include "base/strings.h"
#include "lbd/http/date.h"
#include "lbd/http/value_list.h"

namespace lbd::cache {
namespace {

// Weak comparison: whether it is the same thing, though not byte by byte (RFC 9110, 8.8.3.2).
std::string_view without_weakness(std::string_view tag) {
  return tag.starts_with("W/") ? tag.substr(2) : tag;
}

bool names(std::string_view list, std::string_view tag) {
  std::string_view value;
  for (size_t at = 0; http::next_list_value(list, at, value);)
    if (value == "*" || (!tag.empty() && without_weakness(value) == without_weakness(tag))) return true;
  return false;
}

int64_t date_in(const http::Headers& headers, std::string_view name, int64_t otherwise) {
  const http::Header* field = headers.find(name);
  return field ? http::parse_date(field->value).value_or(otherwise) : otherwise;
}

}  // namespace

StoredAnswer::StoredAnswer(const http::Head& response, Variant variant, Lifetime lifetime, base::MonoTime now,
                           base::WallTime wall)
    : variant_(std::move(variant)),
      framing_(response.body == http::BodyKind::chunked ? http::BodyKind::chunked : http::BodyKind::length),
      age_(lifetime.age),
      stored_(now),
      expires_(now + lifetime.left) {
  size_t bytes = response.reason.size(), count = 0;
  for (const http::Header& field : response.headers) {
    if (field.removed()) continue;
    bytes += field.name.size() + field.value.size();
    ++count;
  }
  text_.reserve(bytes);
  fields_.reserve(count);
  auto keep = [this](std::string_view part) {
    text_ += part;
    return std::string_view(text_).substr(text_.size() - part.size());
  };
  reason_ = keep(response.reason);
  for (const http::Header& field : response.headers) {
    if (field.removed() || field.name == "age") continue;
    const std::string_view name = keep(field.name);
    fields_.push_back({name, keep(field.value), field.token});
    if (name == "etag") entity_tag_ = fields_.back().value;
  }
  const int64_t came = std::chrono::duration_cast<base::Seconds>(wall.time_since_epoch()).count();
  last_modified_ = date_in(response.headers, "last-modified", date_in(response.headers, "date", came));
}

bool StoredAnswer::is_known_to(const http::Head& request) const {
  bool asked = false;
  for (const http::Header& field : request.headers) {
    if (field.removed() || field.name != "if-none-match") continue;
    asked = true;
    if (names(field.value, entity_tag_)) return true;
  }
  if (asked) return false;
  const http::Header* since = request.headers.find("if-modified-since");
  const std::optional<int64_t> when = since ? http::parse_date(since->value) : std::nullopt;
  return when && last_modified_ <= *when;
}

void StoredAnswer::fill(http::Head& head, base::MonoTime now) const {
  head.status = 200;
  head.reason = reason_;
  head.version = http::Version::http_1_1;
  head.body = framing_;
  head.content_length = body_.size();
  bool framed = false;
  for (const http::Header& field : fields_) {
    framed = framed || field.token == http::Token::content_length || field.token == http::Token::transfer_encoding;
    head.headers.add(field.name, field.value, field.token);
  }
  base::Arena& arena = head.headers.arena();
  auto text_of = [&arena](uint64_t number) {
    char* digits = arena.alloc_chars(20);
    return std::string_view(digits, std::to_chars(digits, digits + 20, number).ptr);
  };
  // What ended by itself in HTTP/2 may go to HTTP/1.
  if (!framed && framing_ == http::BodyKind::chunked)
    head.headers.add("transfer-encoding", "chunked", http::Token::transfer_encoding);
  else if (!framed)
    head.headers.add("content-length", text_of(body_.size()), http::Token::content_length);
  const auto age = age_ + std::chrono::duration_cast<base::Seconds>(now - stored_);
  head.headers.add("age", text_of(static_cast<uint64_t>(age.count())));
}

}  // namespace lbd::cache
