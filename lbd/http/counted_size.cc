#include "lbd/http/counted_size.h"

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

}  // namespace lbd::http
