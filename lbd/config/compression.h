// Compression: the `compression` lines of a frontend or backend.
//
// Plain data, part of a Proxy; immutable after load. What it means at run time: lbd/compression. Errors: at load, at
// the word (compression_words.cc). Manual: 4.2 compression.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lbd::config {

struct Compression {
  enum class Algorithm : uint8_t { identity, gzip, deflate, raw_deflate };
  std::vector<Algorithm> algorithms;  // the first is preferred
  std::vector<std::string> types;     // what Content-Type begins with; empty: any
  uint64_t least = 0;                 // bytes that an answer of a known length must have
  bool offload = false;               // servers are not asked to compress
};

}  // namespace lbd::config
