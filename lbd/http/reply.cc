#include "lbd/http/reply.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "lbd/http/h1_parser.h"

namespace lbd::http {
namespace {

struct Page {
  int status;
  std::string_view reason;
  std::string_view text;
};

// Word for word what HAProxy 2.6 sends, its slips included: scripts and tests compare.
constexpr Page kPages[] = {
    {200, "OK", "Service ready."},
    {400, "Bad request", "Your browser sent an invalid request."},
    {401, "Unauthorized", "You need a valid user and password to access this content."},
    {403, "Forbidden", "Request forbidden by administrative rules."},
    {404, "Not Found", "The resource could not be found."},
    {405, "Method Not Allowed",
     "A request was made of a resource using a request method not supported by that resource"},
    {407, "Unauthorized", "You need a valid user and password to access this content."},
    {408, "Request Time-out", "Your browser didn't send a complete request in time."},
    {410, "Gone", "The resource is no longer available and will not be available again."},
    {413, "Payload Too Large", "The request entity exceeds the maximum allowed."},
    {421, "Misdirected Request", "Request sent to a non-authoritative server."},
    {422, "Unprocessable Content", "The server cannot process the contained instructions."},
    {425, "Too Early", "Your browser sent early data."},
    {429, "Too Many Requests", "You have sent too many requests in a given amount of time."},
    {500, "Internal Server Error", "An internal server error occurred."},
    {501, "Not Implemented", ".The server does not support the functionality required to fulfill the request."},
    {502, "Bad Gateway", "The server returned an invalid or incomplete response."},
    {503, "Service Unavailable", "No server is available to handle this request."},
    {504, "Gateway Time-out", "The server didn't respond in time."},
};

StoredReply stored(const Page& page) {
  return {static_cast<uint16_t>(page.status),
          std::string(page.reason),
          {{"cache-control", "no-cache"}, {"content-type", "text/html"}},
          fmt::format("<html><body><h1>{} {}</h1>\n{}\n</body></html>\n", page.status, page.reason, page.text)};
}

}  // namespace

Reply StoredReply::make(base::Arena& arena) const {
  Reply reply(arena);
  reply.status = status;
  reply.reason = reason;
  for (const auto& [name, value] : headers) reply.headers.add(name, value);
  reply.body = body;
  return reply;
}

const StoredReply* default_error(int status) {
  static const auto pages = [] {
    std::array<StoredReply, std::size(kPages)> all;
    std::transform(std::begin(kPages), std::end(kPages), all.begin(), stored);
    return all;
  }();
  auto found = std::find_if(pages.begin(), pages.end(), [&](const StoredReply& page) { return page.status == status; });
  return found == pages.end() ? nullptr : &*found;
}

base::Result<StoredReply> parse_error_file(std::string content, int status, size_t bufsize) {
  if (content.empty()) return StoredReply{.status = 0, .reason = {}, .headers = {}, .body = {}};
  if (content.size() > bufsize)
    return base::Err(fmt::format("larger than tune.bufsize ({} > {} bytes)", content.size(), bufsize));
  base::BlockPool pool(4096, 0);
  base::Arena arena(pool);
  Head head(arena);
  Parsed parsed = H1Parser().parse_response(content, head, {}, false, false);
  if (parsed.state == Parsed::State::partial)
    return base::Err(std::string("unable to parse headers: the empty line behind them is missing"));
  if (parsed.state == Parsed::State::error)
    return base::Err(
        fmt::format("unable to parse headers: {} (error offset: {})", text_of(parsed.error), parsed.length));
  if (head.status < 200)
    return base::Err(fmt::format("a {} is no final response and cannot stand for {}", head.status, status));
  if (head.headers.find(Token::transfer_encoding)) return base::Err(std::string("chunk-encoded payload not supported"));
  StoredReply reply;
  reply.status = head.status;
  reply.reason = head.reason;
  reply.body = content.substr(parsed.length);
  if (const Header* length = head.headers.find(Token::content_length)) {
    auto announced = base::parse_int<uint64_t>(length->value);
    if (announced != reply.body.size())
      return base::Err(fmt::format("payload size does not match the announced content-length ({} != {})",
                                   reply.body.size(), length->value));
  }
  // What to do with the connection is said anew to each client.
  for (const Header& field : head.headers)
    if (!field.removed() && field.token != Token::connection) reply.headers.emplace_back(field.name, field.value);
  return reply;
}

}  // namespace lbd::http
