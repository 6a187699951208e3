// Whatever a mail server says: reading goes forwards, and what is left is no whole line.
#include "base/result.h"
#include "lbd/smtp_reply.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  for (size_t before = bytes.size(); auto reply = lbd::take_smtp_reply(bytes); before = bytes.size()) {
    CHECK(bytes.size() < before);
    CHECK(reply->line.size() < before && reply->line.find('\n') == std::string::npos);
    CHECK(reply->code >= -99 && reply->code <= 999);
  }
  CHECK(bytes.find('\n') == std::string::npos);
  return 0;
}
