// Whatever comes in as syslog: frames go forwards and stay in their bytes, and what a message is taken apart into is of
// it.
#include "base/result.h"
#include "lbd/relay/frame.h"
#include "lbd/relay/received.h"

namespace {

bool within(std::string_view part, std::string_view whole) {
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void take_apart(std::string_view bytes) {
  const lbd::relay::ReceivedMessage message = lbd::relay::parse_received(bytes);
  for (std::string_view part :
       {message.date, message.host, message.tag, message.process, message.id, message.structured, message.text})
    CHECK(within(part, bytes));
  for (int format = 0; format <= static_cast<int>(base::LogFormat::raw); ++format) {
    base::SyslogOptions options;
    options.format = static_cast<base::LogFormat>(format);
    std::string to;
    lbd::relay::append_header(to, message, options, base::WallTime{});
    CHECK(to.size() <= bytes.size() + 128);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kMost = 200;
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  take_apart(all);
  std::string_view rest = all;
  lbd::relay::Frame frame;
  while ((frame = lbd::relay::next_frame(rest, kMost)).state == lbd::relay::Frame::State::message) {
    CHECK(within(frame.message, rest) && frame.message.size() <= kMost);
    CHECK(frame.used > 0 && frame.used <= rest.size());
    take_apart(frame.message);
    rest.remove_prefix(frame.used);
  }
  return 0;
}
