// `compression …` lines of proxies (manual 4.2).
#include "lbd/config/proxy_word.h"

namespace lbd::config {
namespace {

using Algorithm = Compression::Algorithm;

void add_algorithms(cfg::Args& args, Proxy& proxy) {
  do {
    const auto index = args.take_choice({"identity", "gzip", "deflate", "raw-deflate"});
    if (!index) return;
    proxy.compression.algorithms.push_back(static_cast<Algorithm>(*index));
  } while (!args.at_end());
}

void add_types(cfg::Args& args, Proxy& proxy) {
  do {
    auto type = args.take<std::string>();
    if (!type) return;
    proxy.compression.types.push_back(std::move(*type));
  } while (!args.at_end());
}

void set_offload(cfg::Args& args, Proxy& proxy) {
  if (proxy.is_defaults) return args.warning("'compression offload' has no effect in a defaults section");
  proxy.compression.offload = true;
}

void set_direction(cfg::Args& args, Proxy&) {
  const auto direction = args.take_choice({"response", "request", "both"});
  if (direction && *direction != 0) args.error("only answers are compressed: 'compression direction response'");
}

constexpr ProxyWord kRows[] = {
    {.name = "compression algo",
     .doc = "Compress answers with the first of these that the client takes.",
     .sections = kEverySide,
     .set = add_algorithms,
     .flags = kStrict},
    {.name = "compression algo-res",
     .doc = "The same; of 2.8.",
     .sections = kEverySide,
     .set = add_algorithms,
     .flags = kStrict},
    {.name = "compression direction",
     .doc = "Which messages are compressed: response. Of 2.8.",
     .sections = kEverySide,
     .set = set_direction,
     .flags = kStrict},
    {.name = "compression minsize-res",
     .doc = "Compress answers of at least so many bytes. Of 3.1.",
     .sections = kEverySide,
     .set = cfg::field<&Proxy::compression, &Compression::least>(),
     .flags = kStrict},
    {.name = "compression offload",
     .doc = "Servers are not asked to compress.",
     .sections = kEverySide,
     .set = set_offload,
     .flags = kStrict},
    {.name = "compression type",
     .doc = "Compress only what has a Content-Type that begins with one of these.",
     .sections = kEverySide,
     .set = add_types,
     .flags = kStrict},
    {.name = "compression type-res",
     .doc = "The same; of 2.8.",
     .sections = kEverySide,
     .set = add_types,
     .flags = kStrict},
};
const base::Registered<ProxyWord> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
