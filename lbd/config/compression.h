// Compression: the `compression` lines of a frontend or backend.
//
// Plain data, part of a Proxy; immutable after load. What it means at run time: lbd/compression. Errors: at load, at
// the word (compression_words.cc). Manual: 4.2 compression.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lbd::config {

struct Compression {
  enum class Algorithm : uint8_t { identity, gzip, deflate, raw_deflate };
  // What is worth it: what Content-Type begins with (empty: any), and how many bytes a message of a known length has.
  struct Worth {
    std::vector<std::string> types;
    uint64_t least = 0;
  };
  std::vector<Algorithm> algorithms;  // of answers; the first is preferred
  Worth answers;
  std::optional<Algorithm> request_algorithm;
  Worth requests;
  bool offload = false;                         // servers are not asked to compress
  bool of_answers = true, of_requests = false;  // direction
  bool compresses_answers() const { return of_answers && !algorithms.empty(); }
  bool compresses_requests() const { return of_requests && request_algorithm; }
};

}  // namespace lbd::config
