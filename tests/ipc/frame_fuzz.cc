// The frame decoder and the envelope parser behind it, fed in pieces whose sizes come from the input.
#include <algorithm>

#include "ipc/frame.h"
#include "proto/envelope.pb.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  size_t step = data[0] + 1u;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  ipc::FrameDecoder decoder(4096);
  while (!bytes.empty()) {
    std::string_view piece = bytes.substr(0, step);
    bytes.remove_prefix(piece.size());
    decoder.feed(piece);
    for (;;) {
      auto payload = decoder.next();
      if (!payload) return 0;
      if (!*payload) break;
      tandem::Envelope envelope;
      if (envelope.ParseFromArray((*payload)->data(), static_cast<int>((*payload)->size())))
        (void)envelope.SerializeAsString();
    }
    // What is kept is one incomplete frame, never more than its limit.
    if (decoder.buffered() > 4096 + ipc::kFrameHeader + step) __builtin_trap();
  }
  return 0;
}
