#include "lbd/http/counted_size.h"

#include <algorithm>

#include "lbd/http/trailers.h"

namespace lbd::http {
namespace {

constexpr size_t kStartLine = 20, kVersion = 8, kStatus = 3, kEndOfHead = 1;

size_t fields_size(const Headers& fields) {
  size_t size = kEndOfHead;
  for (const Header& field : fields)
    if (!field.removed()) size += field.name.size() + field.value.size();
  return size;
}

}  // namespace

size_t counted_request_size(const Head& head) {
  return kStartLine + head.method_text.size() + head.target.size() + kVersion + fields_size(head.headers);
}

size_t counted_response_size(const Head& head) {
  return kStartLine + kVersion + kStatus + head.reason.size() + fields_size(head.headers);
}

size_t counted_trailers_size(std::string_view trailers) {
  constexpr std::string_view kEnd = "\r\n";
  if (trailers.empty()) return 0;
  constexpr auto kSeparators = 4;  // colon, blank, line end
  const auto fields = static_cast<size_t>(std::count(trailers.begin(), trailers.end(), '\n')) - 1;
  return trailers.size() - kEnd.size() - fields * kSeparators + kEndOfHead;
}

size_t counted_body_size(H1Body body, std::string_view bytes) {
  size_t size = 0;
  while (true) {
    const H1Body::Step step = body.feed(bytes);
    switch (step.kind) {
      case H1Body::Kind::data:
        size += step.bytes;
        [[fallthrough]];
      case H1Body::Kind::framing:
        bytes.remove_prefix(step.bytes);
        break;
      case H1Body::Kind::trailers:
        return size + counted_trailers_size(forward_trailers(std::string(bytes.substr(0, step.bytes))).value_or(""));
      case H1Body::Kind::need_more:
      case H1Body::Kind::end:
      case H1Body::Kind::error:
        return size;
    }
  }
}

}  // namespace lbd::http
