// RetryOn: after which failures a request is sent to a server once more, as the `retry-on` line of a backend says.
//
// A value, part of a Proxy; immutable after load. What it means at run time: lbd/stream/retry.cc. Errors: at load, at
// the word (retry_words.cc). Manual: 4.2 retry-on.
#pragma once

#include <array>
#include <cstdint>

namespace lbd::config {

enum class RetryCause : uint32_t {
  none = 0,
  conn_failure = 1 << 0,
  empty_response = 1 << 1,
  junk_response = 1 << 2,
  response_timeout = 1 << 3,
  early_data_rejected = 1 << 4,
  first_status = 1 << 5,  // those of kRetryStatuses from here on
};

inline constexpr std::array<uint16_t, 12> kRetryStatuses = {401, 403, 404, 408, 421, 425, 429, 500, 501, 502, 503, 504};

// The cause that an answer of this status is; none: it is always an answer.
constexpr RetryCause retry_cause_of(uint16_t status) {
  for (size_t i = 0; i < kRetryStatuses.size(); ++i)
    if (kRetryStatuses[i] == status)
      return static_cast<RetryCause>(static_cast<uint32_t>(RetryCause::first_status) << i);
  return RetryCause::none;
}

class RetryOn {
 public:
  void add(RetryCause cause) { causes_ |= static_cast<uint32_t>(cause); }
  bool has(RetryCause cause) const { return (causes_ & static_cast<uint32_t>(cause)) != 0; }
  // Some cause that shows after the request was sent: it must be kept until an answer is accepted.
  bool needs_request() const { return (causes_ & ~static_cast<uint32_t>(RetryCause::conn_failure)) != 0; }
  static constexpr RetryOn usual() {
    RetryOn usual;
    usual.causes_ = static_cast<uint32_t>(RetryCause::conn_failure);
    return usual;
  }

 private:
  uint32_t causes_ = 0;
};

}  // namespace lbd::config
