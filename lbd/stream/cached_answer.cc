#include "lbd/stream/cached_answer.h"

#include <algorithm>

namespace lbd::stream {

void CachedAnswer::answer(const http::Head& request, base::MonoTime now, http::Head& head) {
  answer_->fill(head, now);
  const bool known = answer_->is_known_to(request);
  if (known) {
    head.status = 304;
    head.reason = http::reason_of(304);
  }
  if (known || request.method == http::Method::head)
    head.body = http::BodyKind::none;
  else
    left_ = answer_->body();
  chunked_ = head.body == http::BodyKind::chunked;
}

size_t CachedAnswer::take(base::Buffer& to, size_t most) {
  const size_t taken = std::min(most, left_.size());
  to.append(chunks_, left_.substr(0, taken));
  left_.remove_prefix(taken);
  return taken;
}

}  // namespace lbd::stream
