// Whatever bytes a client sends, in whatever pieces, the reader neither crashes nor keeps more than its limit asks for.
#include <cstdint>
#include <cstdlib>

#include "lbd/cli/framing.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using lbd::cli::CommandReader;
  CommandReader reader(256, 512);
  std::vector<lbd::cli::Command> commands;
  size_t piece = size ? data[0] % 16 + 1 : 1;
  for (size_t at = 0; at < size; at += piece) {
    reader.feed({reinterpret_cast<const char*>(data) + at, std::min(piece, size - at)});
    while (true) {
      auto state = reader.next(commands);
      if (state == CommandReader::State::overflow) return 0;
      if (state == CommandReader::State::command) {
        if (commands.empty()) std::abort();
        continue;
      }
      if (reader.continued_lines() == 0) break;
    }
  }
  return 0;
}
