// Compressor: makes the body of one message smaller, piece by piece, by zlib.
//
// Owner: the stream. Thread: the worker's. Life: one message. Errors: none can come of what is given to it; without
// memory there is no compressor. Its memory counts in the Meter. RFC 1950, 1951, 1952.
#pragma once

#include <zlib.h>

#include <memory>

#include "base/buffer.h"
#include "lbd/compression/choice.h"
#include "lbd/compression/meter.h"

namespace lbd::compression {

struct Settings {
  int level = 1, memory_level = 8, window_bits = 15;
};

class Compressor {
 public:
  // Null: the limits do not permit it now.
  static std::unique_ptr<Compressor> make(Algorithm algorithm, const Settings& settings, Meter& meter,
                                          base::MonoTime now);
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  // Instead of the piece there is what is ready of its compressed form.
  void add(base::Buffer& piece, base::ChunkPool& pool, base::MonoTime now);
  // What has been added can be read by the client when this has come, too.
  void flush(base::Buffer& to, base::ChunkPool& pool, base::MonoTime now);
  // The end; nothing when it has been told before.
  void finish(base::Buffer& to, base::ChunkPool& pool, base::MonoTime now);
  uint64_t bytes_in() const { return in_; }
  uint64_t bytes_out() const { return out_; }

 private:
  Compressor(const Settings& settings, Meter& meter, uint64_t memory)
      : meter_(meter), level_(settings.level), most_(settings.level), memory_(memory) {}
  void run(int flush, base::Buffer& to, base::ChunkPool& pool, base::MonoTime now);
  void adapt_level(base::Buffer& to, base::ChunkPool& pool, base::MonoTime now);

  Meter& meter_;
  z_stream stream_{};
  int level_, most_;
  uint64_t memory_, in_ = 0, out_ = 0;
  bool pending_ = false;  // something was added since the last flush
  bool finished_ = false;
};

}  // namespace lbd::compression
