// show cache: what caches hold, in HAProxy's form. Manual: management.txt 9.3.
#include <fmt/format.h>

#include "lbd/cli/command.h"

namespace lbd::cli {
namespace {

constexpr size_t kBlock = 1024;  // in which HAProxy counts

size_t blocks(size_t bytes) {
  return (bytes + kBlock - 1) / kBlock;
}

void show_cache(Invocation& invocation) {
  const base::MonoTime now = base::mono_now();
  for (const auto& cache : invocation.services.caches.all()) {
    const size_t total = cache->config().total_max_size, used = std::min(cache->used(), total);
    invocation.say(fmt::format("{}: {} (shctx:{}, available blocks:{})", fmt::ptr(cache.get()), cache->config().name,
                               fmt::ptr(cache.get()), (total - used) / kBlock));
    cache->each(now, [&](const cache::Cache::Shown& one) {
      const size_t vary = one.variant->by_encoding || one.variant->by_referer
                              ? std::hash<std::string>()(one.variant->encoding + '\n' + one.variant->referer)
                              : 0;
      invocation.say(fmt::format("{} hash:{} vary:0x{:016x} size:{} ({} blocks), refcount:{}, expire:{}", one.id,
                                 static_cast<uint32_t>(one.hash), vary, one.size, blocks(one.size), one.users,
                                 one.left.count()));
    });
  }
}

constexpr CommandRow kRows[] = {
    {.name = "show cache", .usage = "", .doc = "show cache status", .run = show_cache},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
