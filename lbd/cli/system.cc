// show activity, show threads, show pools, show fd: what the process is made of. Lines are HAProxy's where
// lbd has what they tell, in its words otherwise. Manual: management.txt 9.3.
#include <dirent.h>
#include <fmt/format.h>
#include <malloc.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "base/fd.h"
#include "base/strings.h"
#include "lbd/cli/command.h"
#include "lbd/stream/worker.h"

namespace lbd::cli {
namespace {

constexpr size_t kDescriptors = 200;  // of a piece of `show fd`

struct ThreadFacts {
  char state = '?';                    // R runs, S sleeps
  uint64_t cpu_ns = 0, waited_ns = 0;  // on a processor, for one
};

ThreadFacts facts_of(pid_t thread) {
  ThreadFacts facts;
  const std::string directory = fmt::format("/proc/self/task/{}/", thread);
  if (auto text = base::read_file(directory + "stat", 512))
    if (const size_t name = text->rfind(") "); name != std::string::npos && name + 2 < text->size())
      facts.state = (*text)[name + 2];
  if (auto text = base::read_file(directory + "schedstat", 128))
    (void)std::sscanf(text->c_str(), "%lu %lu", &facts.cpu_ns, &facts.waited_ns);
  return facts;
}

void show_activity(Invocation& invocation) {
  const stream::Engine* engine = invocation.services.engine;
  if (!engine) return;
  const auto& workers = engine->workers;
  const base::WallTime now = base::wall_now();
  const int64_t micros = now.time_since_epoch().count();
  invocation.say(fmt::format("thread_id: 0 (1..{})", workers.size()));
  invocation.say(fmt::format("date_now: {}.{:06}", micros / 1'000'000, micros % 1'000'000));
  const auto line = [&](std::string_view name, auto figure_of) {
    uint64_t total = 0;
    std::string each;
    for (const auto& worker : workers) {
      const uint64_t figure = figure_of(*worker);
      total += figure;
      each += fmt::format(" {}", figure);
    }
    invocation.say(fmt::format("{}: {} [{} ]", name, total, each));
  };
  line("loops", [](const stream::Worker& worker) { return worker.progress(); });
  auto& blocks = invocation.services.statistics.blocks();
  const auto& objects = invocation.services.objects;
  line("accepted", [&](const stream::Worker& worker) {
    uint64_t count = 0;
    for (const auto& frontend : objects.frontends())
      count += blocks.at(worker.index(), frontend->slot()).connections.get();
    return count;
  });
  line("connections", [](const stream::Worker& worker) { return worker.left() ? 0 : worker.connections(); });
  line("cpu_ms", [](const stream::Worker& worker) { return facts_of(worker.thread_id()).cpu_ns / 1'000'000; });
  line("cpust_ms_tot", [](const stream::Worker& worker) { return facts_of(worker.thread_id()).waited_ns / 1'000'000; });
}

void show_threads(Invocation& invocation) {
  const stream::Engine* engine = invocation.services.engine;
  if (!engine) return;
  const auto say = [&](std::string_view mark, std::string_view name, pid_t thread, const std::string& rest) {
    const ThreadFacts facts = facts_of(thread);
    invocation.say(fmt::format("{} {} : id={} act={} {}", mark, name, thread, facts.state == 'R' ? 1 : 0, rest));
    invocation.say(fmt::format("             cpu_ns: now={} waited={}", facts.cpu_ns, facts.waited_ns));
  };
  size_t number = 0;
  for (const auto& worker : engine->workers)
    say(" ", fmt::format("Thread {}", ++number), worker->thread_id(),
        worker->left() ? "left" : fmt::format("loops={} conns={}", worker->progress(), worker->connections()));
  say("*", "Control ", ::gettid(), "");
}

void show_pools(Invocation& invocation) {
  const struct mallinfo2 heap = ::mallinfo2();
  invocation.say("Dumping pools usage.");
  invocation.say(fmt::format("  - Pool heap : {} bytes allocated, {} bytes used, {} bytes can be given back",
                             heap.arena + heap.hblkhd, heap.uordblks + heap.hblkhd, heap.keepcost));
  invocation.say(fmt::format("Total: 1 pools, {} bytes allocated, {} used.", heap.arena + heap.hblkhd,
                             heap.uordblks + heap.hblkhd));
}

std::string_view family_name(const base::SockAddr& address) {
  if (!address.is_ip()) return address.is_unix() ? "unix" : "other";
  return address.ip_port().ip.is_v4() ? "ipv4" : "ipv6";
}

// "" when there is none of that number.
std::string descriptor_line(int fd) {
  char target[256];
  const ssize_t length = ::readlink(fmt::format("/proc/self/fd/{}", fd).c_str(), target, sizeof target - 1);
  if (length < 0) return {};
  std::string line = fmt::format("  {:5} : {}", fd, std::string_view(target, static_cast<size_t>(length)));
  int listens = 0;
  socklen_t size = sizeof listens;
  if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0) return line + "\n";
  const base::SockAddr local = base::SockAddr::local_of(fd);
  line += fmt::format(" fam={}", family_name(local));
  if (local.is_ip()) line += fmt::format(" lport={}", local.ip_port().port);
  if (listens) return line + " l.st=RDY\n";
  sockaddr_storage peer{};
  socklen_t peer_size = sizeof peer;
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &peer_size) == 0) {
    const base::SockAddr remote = base::SockAddr::from_raw(reinterpret_cast<sockaddr*>(&peer), peer_size);
    if (remote.is_ip()) line += fmt::format(" rport={}", remote.ip_port().port);
  }
  return line + "\n";
}

std::vector<int> open_descriptors() {
  std::vector<int> all;
  DIR* directory = ::opendir("/proc/self/fd");
  if (!directory) return all;
  while (const dirent* entry = ::readdir(directory))
    if (auto fd = base::parse_int<int>(entry->d_name); fd && *fd != ::dirfd(directory)) all.push_back(*fd);
  ::closedir(directory);
  std::sort(all.begin(), all.end());
  return all;
}

void show_fd(Invocation& invocation) {
  std::vector<int> wanted;
  if (const std::string_view number = invocation.argument(0); !number.empty())
    wanted = {base::parse_int<int>(number).value_or(-1)};
  else
    wanted = open_descriptors();
  invocation.more = [wanted = std::move(wanted), at = size_t{0}](std::string& answer) mutable {
    const size_t end = std::min(wanted.size(), at + kDescriptors);
    for (; at < end; ++at) answer += descriptor_line(wanted[at]);
    return at < wanted.size() ? More::there_is : More::done;
  };
}

constexpr CommandRow kRows[] = {
    {.name = "show activity", .doc = "show per-thread activity stats (for support/developers)", .run = show_activity},
    {.name = "show fd",
     .usage = "[num]",
     .doc = "dump list of file descriptors in use or a specific one",
     .level = Level::operator_,
     .run = show_fd},
    {.name = "show pools", .doc = "report information about the memory pools usage", .run = show_pools},
    {.name = "show threads", .doc = "show some threads debugging information", .run = show_threads},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
