// show libs, show tasks, show profiling, set profiling, debug dev: what developers ask of a process. Manual:
// management.txt 9.3.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "base/fd.h"
#include "base/log.h"
#include "base/strings.h"
#include "lbd/cli/command.h"

namespace lbd::cli {
namespace {

constexpr size_t kMostMaps = 1 << 20;

// Where each file is mapped, by what the kernel says.
void show_libs(Invocation& invocation) {
  struct Mapped {
    std::string path;
    uint64_t first, last;
  };
  std::vector<Mapped> all;
  const auto maps = base::read_file("/proc/self/maps", kMostMaps);
  if (!maps) return invocation.refuse(maps.error().text);
  for (std::string_view line : base::split(*maps, '\n')) {
    uint64_t first = 0, end = 0;
    const size_t path = line.find('/');
    if (path == std::string_view::npos || std::sscanf(std::string(line).c_str(), "%lx-%lx", &first, &end) != 2)
      continue;
    auto known = std::find_if(all.begin(), all.end(), [&](const Mapped& one) { return one.path == line.substr(path); });
    if (known == all.end())
      all.push_back({std::string(line.substr(path)), first, end - 1});
    else
      known->last = end - 1;
  }
  for (const Mapped& one : all)
    invocation.say(
        fmt::format("{:#014x}-{:#014x} ({:#09x}) {}", one.first, one.last, one.last - one.first + 1, one.path));
}

// Nothing measures single functions; what the threads do stands in `show activity` and `show threads`.
void show_profiling(Invocation& invocation) {
  invocation.say("Per-task CPU profiling              : off           # set profiling tasks {on|auto|off}");
  invocation.say("Memory usage profiling              : off           # set profiling memory {on|off}");
}

void set_profiling(Invocation& invocation) {
  const std::string_view what = invocation.argument(0), how = invocation.argument(1);
  if (what != "tasks" && what != "memory") return invocation.refuse("Expects either 'tasks' or 'memory'.");
  if (what == "memory") return invocation.refuse("Memory profiling not compiled in.");
  if (how != "on" && how != "auto" && how != "off") return invocation.refuse("Expects 'on', 'auto', or 'off'.");
  if (how == "on") invocation.refuse("Task profiling not compiled in.");
}

void debug_delay(Invocation& invocation) {
  ::usleep(base::parse_int<uint32_t>(invocation.argument(0)).value_or(100) * 1000);
}

void debug_exit(Invocation& invocation) {
  std::_Exit(base::parse_int<int>(invocation.argument(0)).value_or(0));
}

void debug_log(Invocation& invocation) {
  std::string text;
  for (size_t i = 0; i < invocation.argument_count(); ++i)
    text += fmt::format("{}{}", i ? " " : "", invocation.argument(i));
  base::log(base::Level::notice, "{}", text);
}

void debug_panic(Invocation&) {
  std::abort();
}

// Bytes, to see how a client takes a long answer.
void debug_write(Invocation& invocation) {
  constexpr size_t kMost = 1 << 20, kLine = 64;
  const size_t size = std::min(base::parse_int<size_t>(invocation.argument(0)).value_or(0), kMost);
  for (size_t i = 0; i < size; ++i) invocation.answer += i % kLine == kLine - 1 ? '\n' : '.';
}

constexpr std::string_view kTraceSources = "Supported trace sources and states (.=stopped, w=waiting, R=running) :";

// HAProxy's traces follow its own functions. Here there are none, and nothing of theirs can be started: `explain` says
// what becomes of a request.
void trace(Invocation& invocation) {
  const std::string_view source = invocation.argument(0);
  if (source == "0") return invocation.say("All traces now stopped");
  if (!source.empty()) return invocation.refuse("No such trace source");
  invocation.say(kTraceSources);
  invocation.say(" [.] 0          : not a source, will immediately stop all traces");
}

void show_trace(Invocation& invocation) {
  if (!invocation.argument(0).empty()) return invocation.refuse("No such trace source");
  invocation.say(kTraceSources);
}

constexpr CommandRow kRows[] = {
    {.name = "show trace",
     .usage = "[<source>]",
     .doc = "show live tracing state",
     .level = Level::operator_,
     .run = show_trace},
    {.name = "trace",
     .usage = "[<source>|0]",
     .doc = "manage live tracing, of which there are no sources",
     .level = Level::operator_,
     .run = trace},
    {.name = "show libs", .doc = "show loaded object files and libraries", .level = Level::operator_, .run = show_libs},
    {.name = "show profiling",
     .usage = "[<what>|<#lines>|byaddr]*",
     .doc = "show profiling state (all,status,tasks,memory)",
     .run = show_profiling},
    {.name = "set profiling",
     .usage = "<what> {auto|on|off}",
     .doc = "enable/disable resource profiling (tasks,memory)",
     .level = Level::admin,
     .run = set_profiling},
    {.name = "debug dev delay",
     .usage = "[ms]",
     .doc = "let the control thread sleep this long",
     .level = Level::admin,
     .expert = true,
     .run = debug_delay},
    {.name = "debug dev exit",
     .usage = "[code]",
     .doc = "immediately exit the process",
     .level = Level::admin,
     .expert = true,
     .run = debug_exit},
    {.name = "debug dev log",
     .usage = "[msg] ...",
     .doc = "say this on standard error",
     .level = Level::admin,
     .expert = true,
     .run = debug_log},
    {.name = "debug dev panic",
     .doc = "immediately trigger a panic",
     .level = Level::admin,
     .expert = true,
     .run = debug_panic},
    {.name = "debug dev write",
     .usage = "[size]",
     .doc = "write that many bytes in return",
     .level = Level::admin,
     .expert = true,
     .run = debug_write},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
