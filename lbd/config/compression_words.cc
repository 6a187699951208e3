// `compression …` lines of proxies (manual 4.2).
#include "lbd/config/proxy_word.h"

namespace lbd::config {
namespace {

using Algorithm = Compression::Algorithm;
using Worth = Compression::Worth;

void add_algorithms(cfg::Args& args, Proxy& proxy) {
  do {
    const auto index = args.take_choice({"identity", "gzip", "deflate", "raw-deflate"});
    if (!index) return;
    proxy.compression.algorithms.push_back(static_cast<Algorithm>(*index));
  } while (!args.at_end());
}

void set_request_algorithm(cfg::Args& args, Proxy& proxy) {
  const auto index = args.take_choice({"identity", "gzip", "deflate", "raw-deflate"});
  if (index) proxy.compression.request_algorithm = static_cast<Algorithm>(*index);
}

template <Worth Compression::*Of>
void add_types(cfg::Args& args, Proxy& proxy) {
  do {
    auto type = args.take<std::string>();
    if (!type) return;
    (proxy.compression.*Of).types.push_back(std::move(*type));
  } while (!args.at_end());
}

void set_offload(cfg::Args& args, Proxy& proxy) {
  if (proxy.is_defaults) return args.warning("'compression offload' has no effect in a defaults section");
  proxy.compression.offload = true;
}

void set_direction(cfg::Args& args, Proxy& proxy) {
  const auto direction = args.take_choice({"response", "request", "both"});
  if (!direction) return;
  proxy.compression.of_answers = *direction != 1;
  proxy.compression.of_requests = *direction != 0;
}

constexpr ProxyWord kRows[] = {
    {.name = "compression algo",
     .doc = "Compress answers with the first of these that the client takes.",
     .sections = kEverySide,
     .set = add_algorithms,
     .flags = kStrict},
    {.name = "compression algo-req",
     .doc = "Compress requests so, where 'compression direction' says so. Of 2.8.",
     .sections = kEverySide,
     .set = set_request_algorithm,
     .flags = kStrict},
    {.name = "compression algo-res",
     .doc = "The same; of 2.8.",
     .sections = kEverySide,
     .set = add_algorithms,
     .flags = kStrict},
    {.name = "compression direction",
     .doc = "Which messages are compressed: response, request or both. Of 2.8.",
     .sections = kEverySide,
     .set = set_direction,
     .flags = kStrict},
    {.name = "compression minsize-req",
     .doc = "Compress requests of at least so many bytes. Of 3.1.",
     .sections = kEverySide,
     .set = cfg::field<&Proxy::compression, &Compression::requests, &Worth::least>(),
     .flags = kStrict},
    {.name = "compression minsize-res",
     .doc = "Compress answers of at least so many bytes. Of 3.1.",
     .sections = kEverySide,
     .set = cfg::field<&Proxy::compression, &Compression::answers, &Worth::least>(),
     .flags = kStrict},
    {.name = "compression offload",
     .doc = "Servers are not asked to compress.",
     .sections = kEverySide,
     .set = set_offload,
     .flags = kStrict},
    {.name = "compression type",
     .doc = "Compress only answers that have a Content-Type that begins with one of these.",
     .sections = kEverySide,
     .set = add_types<&Compression::answers>,
     .flags = kStrict},
    {.name = "compression type-req",
     .doc = "The same of requests; of 2.8.",
     .sections = kEverySide,
     .set = add_types<&Compression::requests>,
     .flags = kStrict},
    {.name = "compression type-res",
     .doc = "The same; of 2.8.",
     .sections = kEverySide,
     .set = add_types<&Compression::answers>,
     .flags = kStrict},
};
const base::Registered<ProxyWord> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
