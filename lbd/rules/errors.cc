#include "lbd/rules/errors.h"

#include <fmt/core.h>

#include "base/fd.h"
#include "lbd/rules/answer.h"

namespace lbd::rules {

std::unique_ptr<http::StoredReply> load_page(const config::ErrorAnswer& answer, int status,
                                             const config::Config& config, cfg::Diagnostics& diagnostics) {
  if (answer.kind != config::ErrorAnswer::Kind::file) {
    auto page = std::make_unique<http::StoredReply>();
    page->status = answer.kind == config::ErrorAnswer::Kind::redirect_303 ? 303 : 302;
    page->headers = {{"cache-control", "no-cache"}, {"content-length", "0"}, {"location", answer.path_or_url}};
    return page;
  }
  auto content = base::read_file(answer.path_or_url);
  if (!content) {
    diagnostics.error(answer.location, fmt::format("cannot read error file: {}", content.error().text));
    return nullptr;
  }
  auto page = http::parse_error_file(std::move(*content), status, config.global.tune.bufsize);
  if (page) return std::make_unique<http::StoredReply>(std::move(*page));
  diagnostics.error(answer.location, fmt::format("'{}': {}", answer.path_or_url, page.error().text));
  return nullptr;
}

void ErrorPages::load(const config::Proxy& proxy, const config::Config& config, cfg::Diagnostics& diagnostics) {
  for (const auto& [status, answer] : proxy.errors) pages_[status] = load_page(answer, status, config, diagnostics);
}

const http::StoredReply* ErrorPages::find(int status) const {
  if (described_.contains(status)) return nullptr;
  auto it = pages_.find(status);
  return it == pages_.end() ? http::default_error(status) : it->second.get();
}

http::Reply* ErrorPages::make(int status, expr::Transaction& transaction) const {
  base::Arena& arena = transaction.arena;
  if (auto it = described_.find(status); it != described_.end() && it->second->kind != Answer::Body::pages)
    return it->second->make(transaction, *this);
  auto file = pages_.find(status);
  const http::StoredReply* page = file == pages_.end() ? http::default_error(status) : file->second.get();
  if (!page) {
    auto* reply = arena.make<http::Reply>(arena);
    reply->status = static_cast<uint16_t>(status);
    return reply;
  }
  auto* reply = arena.make<http::Reply>(page->make(arena));
  // The built-in pages of these two end the connection.
  if (status == 400 || status == 408) reply->close = file == pages_.end();
  if (reply->status != status) reply->stands_for = static_cast<uint16_t>(status);
  return reply;
}

}  // namespace lbd::rules
