// What another node says of its routers, as the syncd of this node hands it on. Whatever is taken of it must be what
// the state machine and the hand-over can stand on.
#include <cstdint>

#include "base/result.h"
#include "vrrpd/word.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vrrpd;
  tandem::VrrpWord word;
  if (!word.ParseFromArray(data, static_cast<int>(size))) return 0;
  const base::MonoTime now = base::mono_now();
  const Words words = words_of(word, now);
  CHECK(words.size() <= static_cast<size_t>(word.routers_size()));
  for (const auto& [id, said] : words) {
    CHECK(said.interval > base::Nanos(0));
    CHECK(said.drain >= base::Nanos(0) && said.drain <= base::Seconds(24 * 3600));
    CHECK(said.drain_to.size() <= 2);
    for (const base::IpAddr& ip : said.drain_to) CHECK(ip.family != base::Family::none);
    if (said.mastership) {
      CHECK(said.mastership.began < now);
      CHECK(said.mastership.ended == base::kNever || said.mastership.ended >= said.mastership.began);
    }
    // The state that is told again is the one that was heard.
    (void)proto_state(said.state);
    if (id.address.family != base::Family::none) CHECK(bytes_of(id.address).size() == id.address.length());
  }
  return 0;
}
