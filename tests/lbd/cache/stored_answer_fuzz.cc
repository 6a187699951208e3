// A request and what a server says to it: whether that may be kept, for whom, and what is given again. Whatever the
// fields say, it is never kept for longer than the limit, and it suits whom it was made for if it suits anybody.
//
// The input: a head of a request, and behind it one of a response.
#include <cstdint>
#include <string>

#include "lbd/cache/stored_answer.h"
#include "lbd/http/h1_parser.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lbd;
  std::string bytes(reinterpret_cast<const char*>(data), size);
  base::BlockPool blocks(16384, 4);
  base::Arena arena(blocks);
  http::Head request(arena), response(arena);
  const auto asked = http::H1Parser().parse_request({bytes.data(), bytes.size()}, request, {});
  if (asked.state != http::Parsed::State::complete) return 0;
  const std::span<char> rest(bytes.data() + asked.length, bytes.size() - asked.length);
  if (http::H1Parser().parse_response(rest, response, {}, false, false).state != http::Parsed::State::complete) return 0;

  constexpr base::Seconds kMost(60);
  const cache::RequestTerms terms = cache::terms_of(request);
  CHECK(!terms.invalidates || (!terms.use && !terms.store));
  const cache::Wanted wanted = cache::wanted_by(request);
  const auto lifetime = cache::lifetime_of(response, kMost, terms.only_if_shared, base::WallTime());
  const auto variant = cache::variant_of(response, wanted);
  if (!lifetime || !variant) return 0;
  CHECK(lifetime->left.count() > 0 && lifetime->left <= kMost && lifetime->age.count() >= 0);
  CHECK(variant->by_encoding || variant->suits(wanted));
  const base::MonoTime now{};
  const cache::StoredAnswer answer(response, *variant, *lifetime, now, base::WallTime());
  CHECK(answer.head_size() <= bytes.size() && answer.size() >= answer.head_size());
  (void)answer.is_known_to(request);
  http::Head again(arena);
  answer.fill(again, now + lifetime->left);
  CHECK(again.status == 200 && again.headers.find("age"));
  return 0;
}
