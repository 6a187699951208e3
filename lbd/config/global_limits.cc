// The words of `global` about limits and performance, without tune.*: manual 3.2.
#include <fmt/format.h>

#include "lbd/config/global_section.h"

namespace lbd::config {
namespace {

template <auto Member>
void switch_on(cfg::Args&, Global& global) {
  global.*Member = true;
}

void set_profiling(cfg::Args& args, Global& global) {
  auto word = args.take<cfg::Word>();
  if (!word) return;
  if (word->text != "on" && word->text != "off" && word->text != "auto")
    return args.error_at(word->loc, "'profiling.tasks' is 'on', 'off' or 'auto'");
  global.profile_tasks = word->text == "on";
}

constexpr GlobalWord kRows[] = {
    {.name = "busy-polling",
     .doc = "Never sleep; not done, it would take the other processes' time.",
     .set = skip_line,
     .flags = kNegatable},
    {.name = "fd-hard-limit",
     .doc = "Most descriptors, whatever the system permits.",
     .set = cfg::field<&Global::fd_hard_limit>()},
    {.name = "max-spread-checks",
     .doc = "Longest time that health checks are spread over at start.",
     .set = cfg::field<&Global::max_spread_checks>()},
    {.name = "maxcompcpuusage",
     .doc = "Processor use at which compression stops.",
     .set = cfg::field<&Global::compression_cpu>({0, 100})},
    {.name = "maxcomprate",
     .doc = "Most kilobytes given to the compressor in a second.",
     .set = cfg::field<&Global::compression_rate>()},
    {.name = "maxconn", .doc = "Most connections of clients at a time.", .set = cfg::field<&Global::maxconn>()},
    {.name = "maxconnrate", .doc = "Most new connections in a second.", .set = cfg::field<&Global::maxconnrate>()},
    {.name = "maxpipes",
     .doc = "Most pipes for forwarding in the kernel; larger buffers are cheaper here.",
     .set = cfg::field<&Global::maxpipes>(),
     .flags = kHint},
    {.name = "maxsessrate", .doc = "Most new sessions in a second.", .set = cfg::field<&Global::maxsessrate>()},
    {.name = "maxsslconn", .doc = "Most TLS connections at a time.", .set = cfg::field<&Global::maxsslconn>()},
    {.name = "maxsslrate", .doc = "Most new TLS sessions in a second.", .set = cfg::field<&Global::maxsslrate>()},
    {.name = "maxzlibmem",
     .doc = "Most megabytes of memory for compression.",
     .set = cfg::field<&Global::compression_memory>()},
    {.name = "no-memory-trimming", .doc = "Keep freed memory on a soft stop.", .set = skip_line},
    {.name = "noepoll", .doc = "Another poller.", .set = skip_line},
    {.name = "noevports", .doc = "Another poller.", .set = skip_line},
    {.name = "nokqueue", .doc = "Another poller.", .set = skip_line},
    {.name = "nopoll", .doc = "Another poller.", .set = skip_line},
    {.name = "nogetaddrinfo",
     .doc = "Look names up in another way; there is only getaddrinfo here.",
     .set = switch_on<&Global::no_getaddrinfo>,
     .flags = kHint},
    {.name = "noreuseport", .doc = "No SO_REUSEPORT.", .set = switch_on<&Global::no_reuseport>},
    {.name = "nosplice", .doc = "No forwarding in the kernel.", .set = switch_on<&Global::no_splice>},
    {.name = "profiling.memory", .doc = "Profile the memory.", .set = skip_line},
    {.name = "profiling.tasks",
     .doc = "on: measure what exchanges cost, for cpu_ns_tot and the like; auto: off.",
     .set = set_profiling},
    {.name = "server-state-base",
     .doc = "Folder of server-state-file.",
     .set = cfg::field<&Global::server_state_base>()},
    {.name = "server-state-file",
     .doc = "File with the states of the servers.",
     .set = cfg::field<&Global::server_state_file>()},
    {.name = "spread-checks",
     .doc = "Spread of the intervals of checks, in percent.",
     .set = cfg::field<&Global::spread_checks>({0, 50})},
    {.name = "ssl-engine",
     .doc = "An OpenSSL engine.",
     .set = keep_global_line,
     .pending = "OpenSSL 3 providers are used"},
    {.name = "ssl-mode-async", .doc = "Asynchronous TLS.", .set = skip_line},
};
const base::Registered<GlobalWord> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
