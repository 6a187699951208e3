// keep_tls(N): the setter of words that belong to TLS. They are kept with their N arguments in `tls_words` of a Bind
// or a Server, for the TLS part to read when it builds its contexts. Thread: one load.
#pragma once

#include "cfg/keyword.h"

namespace lbd::config {

struct KeepTls {
  cfg::Range range;  // min: how many arguments
  template <typename Model>
  static void run(cfg::Args& args, Model& model, const cfg::Range& range) {
    cfg::Statement kept;
    kept.words.push_back(args.statement().words[args.position() - 1]);
    kept.loc = kept.words.front().loc;
    for (int64_t i = 0; i < range.min; ++i) {
      auto word = args.take<cfg::Word>();
      if (!word) return;
      kept.words.push_back(std::move(*word));
    }
    if (kept[0] == "ssl") model.ssl = true;
    model.tls_words.push_back(std::move(kept));
  }
};
constexpr KeepTls keep_tls(int64_t arguments) {
  return {{arguments, arguments}};
}

}  // namespace lbd::config
