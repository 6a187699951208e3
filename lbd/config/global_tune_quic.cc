// tune.quic.* words: there is no QUIC, so they are read over.
#include "lbd/config/global_section.h"

namespace lbd::config {
namespace {

constexpr GlobalWord kRows[] = {
    {.name = "tune.quic.be.cc.cubic-min-losses", .doc = "QUIC, which is not spoken.", .set = skip_line},
    {.name = "tune.quic.be.cc.max-frame-loss", .doc = "QUIC, which is not spoken.", .set = skip_line},
    {.name = "tune.quic.be.cc.max-win-size", .doc = "QUIC, which is not spoken.", .set = skip_line},
    {.name = "tune.quic.be.cc.reorder-ratio", .doc = "QUIC, which is not spoken.", .set = skip_line},
    {.name = "tune.quic.be.max-idle-timeout", .doc = "QUIC, which is not spoken.", .set = skip_line},
    {.name = "tune.quic.cc-hystart", .doc = "QUIC, which is not spoken.", .set = skip_line},
    {.name = "tune.quic.cc.cubic.min-losses", .doc = "QUIC, which is not spoken.", .set = skip_line},
    {.name = "tune.quic.disable-tx-pacing", .doc = "QUIC, which is not spoken.", .set = skip_line},
    {.name = "tune.quic.disable-udp-gso", .doc = "QUIC, which is not spoken.", .set = skip_line},
    {.name = "tune.quic.fe.cc.max-win-size", .doc = "QUIC, which is not spoken.", .set = skip_line},
    {.name = "tune.quic.fe.max-idle-timeout", .doc = "QUIC, which is not spoken.", .set = skip_line},
    {.name = "tune.quic.fe.sec.glitches-threshold", .doc = "QUIC, which is not spoken.", .set = skip_line},
    {.name = "tune.quic.fe.sec.retry-threshold", .doc = "QUIC, which is not spoken.", .set = skip_line},
    {.name = "tune.quic.fe.sock-per-conn", .doc = "QUIC, which is not spoken.", .set = skip_line},
    {.name = "tune.quic.fe.stream.max-concurrent", .doc = "QUIC, which is not spoken.", .set = skip_line},
    {.name = "tune.quic.frontend.conn-tx-buffers.limit", .doc = "QUIC, which is not spoken.", .set = skip_line},
    {.name = "tune.quic.frontend.default-max-window-size", .doc = "QUIC, which is not spoken.", .set = skip_line},
    {.name = "tune.quic.frontend.glitches-threshold", .doc = "QUIC, which is not spoken.", .set = skip_line},
    {.name = "tune.quic.frontend.max-data-size", .doc = "QUIC, which is not spoken.", .set = skip_line},
    {.name = "tune.quic.frontend.max-idle-timeout", .doc = "QUIC, which is not spoken.", .set = skip_line},
    {.name = "tune.quic.frontend.max-streams-bidi", .doc = "QUIC, which is not spoken.", .set = skip_line},
    {.name = "tune.quic.frontend.max-tx-mem", .doc = "QUIC, which is not spoken.", .set = skip_line},
    {.name = "tune.quic.frontend.stream-data-ratio", .doc = "QUIC, which is not spoken.", .set = skip_line},
    {.name = "tune.quic.listen", .doc = "QUIC, which is not spoken.", .set = skip_line},
    {.name = "tune.quic.max-frame-loss", .doc = "QUIC, which is not spoken.", .set = skip_line},
    {.name = "tune.quic.mem.tx-max", .doc = "QUIC, which is not spoken.", .set = skip_line},
    {.name = "tune.quic.reorder-ratio", .doc = "QUIC, which is not spoken.", .set = skip_line},
    {.name = "tune.quic.retry-threshold", .doc = "QUIC, which is not spoken.", .set = skip_line},
    {.name = "tune.quic.socket-owner", .doc = "QUIC, which is not spoken.", .set = skip_line},
    {.name = "tune.quic.zero-copy-fwd-send", .doc = "QUIC, which is not spoken.", .set = skip_line},
};
const base::Registered<GlobalWord> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
