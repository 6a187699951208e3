#include "lbd/rules/errors.h"

#include <fmt/core.h>

#include "base/fd.h"

namespace lbd::rules {

void ErrorPages::load(const config::Proxy& proxy, const config::Config& config, cfg::Diagnostics& diagnostics) {
  for (const auto& [status, answer] : proxy.errors) {
    if (answer.kind != config::ErrorAnswer::Kind::file) {
      auto page = std::make_unique<http::StoredReply>();
      page->status = answer.kind == config::ErrorAnswer::Kind::redirect_303 ? 303 : 302;
      page->headers = {{"cache-control", "no-cache"}, {"content-length", "0"}, {"location", answer.path_or_url}};
      pages_[status] = std::move(page);
      continue;
    }
    if (answer.path_or_url == "/dev/null") {
      pages_[status] = nullptr;  // nothing is sent at all
      continue;
    }
    auto content = base::read_file(answer.path_or_url);
    if (!content) {
      diagnostics.error(answer.location, fmt::format("cannot read error file: {}", content.error().text));
      continue;
    }
    auto page = http::parse_error_file(std::move(*content), status, config.global.tune.bufsize);
    if (page)
      pages_[status] = std::make_unique<http::StoredReply>(std::move(*page));
    else
      diagnostics.error(answer.location, fmt::format("'{}': {}", answer.path_or_url, page.error().text));
  }
}

const http::StoredReply* ErrorPages::find(int status) const {
  auto it = pages_.find(status);
  return it == pages_.end() ? http::default_error(status) : it->second.get();
}

http::Reply* ErrorPages::make(int status, base::Arena& arena) const {
  auto* reply = static_cast<http::Reply*>(arena.alloc(sizeof(http::Reply), alignof(http::Reply)));
  const http::StoredReply* page = find(status);
  if (page) {
    new (reply) http::Reply(page->make(arena));
    if (reply->status != status) reply->stands_for = static_cast<uint16_t>(status);
    return reply;
  }
  new (reply) http::Reply(arena);
  reply->status = static_cast<uint16_t>(status);
  return reply;
}

}  // namespace lbd::rules
