#include "lbd/compression/compressor.h"

#include <algorithm>
#include <utility>

namespace lbd::compression {
namespace {

// What zlib says that it takes (zconf.h), and its state.
uint64_t memory_of(const Settings& settings) {
  constexpr uint64_t kState = 6 * 1024;
  return (uint64_t{1} << (settings.window_bits + 2)) + (uint64_t{1} << (settings.memory_level + 9)) + kState;
}

// zlib's sign for the wrapper.
int window_of(Algorithm algorithm, int bits) {
  constexpr int kGzip = 16;
  switch (algorithm) {
    case Algorithm::gzip:
      return bits + kGzip;
    case Algorithm::raw_deflate:
      return -bits;
    case Algorithm::deflate:
    case Algorithm::identity:
      break;
  }
  return bits;
}

}  // namespace

std::unique_ptr<Compressor> Compressor::make(Algorithm algorithm, const Settings& settings, Meter& meter,
                                             base::MonoTime now) {
  const uint64_t memory = memory_of(settings);
  if (meter.strained(now) || !meter.take_memory(memory)) return nullptr;
  std::unique_ptr<Compressor> made(new Compressor(settings, meter, memory));
  // zlib knows no window of 8 bits without a wrapper.
  constexpr int kLeastWindow = 9;
  const int window = window_of(algorithm, std::max(settings.window_bits, kLeastWindow));
  if (deflateInit2(&made->stream_, settings.level, Z_DEFLATED, window, settings.memory_level, Z_DEFAULT_STRATEGY) !=
      Z_OK)
    return nullptr;
  return made;
}

Compressor::~Compressor() {
  deflateEnd(&stream_);
  meter_.give_memory(memory_);
}

void Compressor::add(base::Buffer& piece, base::ChunkPool& pool, base::MonoTime now) {
  base::Buffer made;
  adapt_level(made, pool, now);
  in_ += piece.size();
  meter_.in.add(now, piece.size());
  pending_ = pending_ || !piece.empty();
  while (!piece.empty()) {
    const std::string_view bytes = piece.front();
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    run(Z_NO_FLUSH, made, pool, now);
    piece.consume(bytes.size());
  }
  piece = std::move(made);
}

void Compressor::flush(base::Buffer& to, base::ChunkPool& pool, base::MonoTime now) {
  if (std::exchange(pending_, false)) run(Z_SYNC_FLUSH, to, pool, now);
}

void Compressor::finish(base::Buffer& to, base::ChunkPool& pool, base::MonoTime now) {
  pending_ = false;
  if (std::exchange(finished_, true)) return;
  run(Z_FINISH, to, pool, now);
}

void Compressor::run(int flush, base::Buffer& to, base::ChunkPool& pool, base::MonoTime now) {
  size_t made = 0, room = 0;
  do {
    const std::span<char> space = to.reserve(pool);
    room = space.size();
    stream_.next_out = reinterpret_cast<Bytef*>(space.data());
    stream_.avail_out = static_cast<uInt>(room);
    deflate(&stream_, flush);
    to.commit(room - stream_.avail_out);
    made += room - stream_.avail_out;
  } while (stream_.avail_out == 0);
  out_ += made;
  meter_.out.add(now, made);
}

// While too much is asked of the process bytes are only wrapped, as the manual says of maxcomprate.
void Compressor::adapt_level(base::Buffer& to, base::ChunkPool& pool, base::MonoTime now) {
  const int level = meter_.strained(now) ? 0 : most_;
  if (level == level_) return;
  // zlib first gives out what it took in at the old level.
  run(Z_BLOCK, to, pool, now);
  const std::span<char> space = to.reserve(pool);
  stream_.next_out = reinterpret_cast<Bytef*>(space.data());
  stream_.avail_out = static_cast<uInt>(space.size());
  if (deflateParams(&stream_, level, Z_DEFAULT_STRATEGY) == Z_OK) level_ = level;
  to.commit(space.size() - stream_.avail_out);
  out_ += space.size() - stream_.avail_out;
}

}  // namespace lbd::compression
