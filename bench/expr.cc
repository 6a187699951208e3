// bench_expr: how fast lists of patterns are loaded and looked up, and what they weigh. The figures of
// docs/measuring.md.
//
//   bench_expr [SMALL [LARGE]]      entries (1,000 and 1,000,000)
//
// For each kind of list a file of each size is loaded; then keys are looked up, half of which are there. "hot" keys are
// sixteen that come again and again, as in a burst of one client; "any" are all over the list, each look-up waiting for
// the one before. Prints the time of loading, the bytes an entry, and nanoseconds a look-up.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "base/time.h"
#include "lbd/expr/pattern_files.h"

namespace {

using namespace lbd;
using expr::Match;
using expr::Value;

// Of fewer the process's own growth tells nothing.
constexpr uint32_t kWeighed = 100'000;

struct Kind {
  const char* name;
  Match match;
  std::string (*line)(uint32_t number);
  Value (*key)(uint32_t number, std::string& room);
};

// Spread over the addresses, as clients are.
uint32_t address_of(uint32_t number) {
  return number * 2654435761u;
}
std::string dotted(uint32_t address) {
  return fmt::format("{}.{}.{}.{}", address >> 24, address >> 16 & 255, address >> 8 & 255, address & 255);
}
std::string name_of(uint32_t number) {
  return fmt::format("host-{:x}.shop.example", address_of(number));
}
Value address_key(uint32_t number, std::string&) {
  return Value::of_ip(base::IpAddr::v4(address_of(number)));
}

const Kind kKinds[] = {
    {"addresses", Match::ip, [](uint32_t n) { return dotted(address_of(n)); }, address_key},
    {"networks /24", Match::ip, [](uint32_t n) { return dotted(address_of(n) & ~255u) + "/24"; }, address_key},
    {"strings", Match::string, name_of,
     [](uint32_t n, std::string& room) { return room = name_of(n), Value::of_text(room); }},
    {"beginnings", Match::begin, [](uint32_t n) { return fmt::format("/a/{:x}/", address_of(n)); },
     [](uint32_t n, std::string& room) {
       room = fmt::format("/a/{:x}/item?q=1", address_of(n));
       return Value::of_text(room);
     }},
    {"domains", Match::domain, name_of,
     [](uint32_t n, std::string& room) { return room = "www." + name_of(n), Value::of_text(room); }},
};

size_t resident_bytes() {
  size_t pages = 0, resident = 0;
  if (FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%zu %zu", &pages, &resident) != 2) resident = 0;
    std::fclose(file);
  }
  return resident * static_cast<size_t>(::sysconf(_SC_PAGESIZE));
}

double seconds_since(base::MonoTime begin) {
  return std::chrono::duration<double>(base::mono_now() - begin).count();
}

// Of keys made before; the answer of one moves where the next is taken from, so that they cannot overlap.
double look_up(const expr::PatternRef& list, size_t use, const std::vector<Value>& keys, size_t& found) {
  constexpr size_t kCount = 1'000'000;
  const base::MonoTime begin = base::mono_now();
  size_t at = 0;
  for (size_t i = 0; i < kCount; ++i) {
    const bool there = list.find(use, keys[at]) != nullptr;
    found += there;
    at += there ? 1 : 2;
    if (at >= keys.size()) at -= keys.size();
  }
  return seconds_since(begin) / kCount * 1e9;
}

std::vector<Value> keys_of(const Kind& kind, uint32_t entries, size_t count, std::vector<std::string>& rooms) {
  std::vector<Value> keys;
  rooms.assign(count, {});
  uint64_t random = 88172645463325252ull;
  for (size_t i = 0; i < count; ++i) {
    random ^= random << 13, random ^= random >> 7, random ^= random << 17;
    const auto number = static_cast<uint32_t>(random % entries);
    keys.push_back(kind.key(random >> 40 & 1 ? number : number + entries, rooms[i]));
  }
  return keys;
}

bool measure(const Kind& kind, uint32_t entries) {
  const std::string path = fmt::format("/tmp/bench_expr.{}", ::getpid());
  {
    std::ofstream file(path);
    for (uint32_t i = 0; i < entries; ++i) file << kind.line(i) << '\n';
  }
  const size_t before = resident_bytes();
  const base::MonoTime begin = base::mono_now();
  expr::PatternFiles files;
  std::string error;
  expr::PatternRef* list = files.open(path, false, error);
  size_t use = 0;
  if (list) use = list->add_use(kind.match, false, error);
  const double loaded = seconds_since(begin);
  ::unlink(path.c_str());
  if (!list || !error.empty()) return std::fprintf(stderr, "bench_expr: %s\n", error.c_str()), false;
  const double weight = static_cast<double>(resident_bytes() - before) / entries;
  size_t found = 0;
  std::vector<std::string> rooms;
  const double hot = look_up(*list, use, keys_of(kind, entries, 16, rooms), found);
  const double any = look_up(*list, use, keys_of(kind, entries, 1 << 16, rooms), found);
  const std::string each = entries < kWeighed ? "" : fmt::format(", {:.0f} bytes each", weight);
  fmt::print("{:14} {:>9} entries: loaded in {:6.3f} s{}; look-up {:5.0f} ns hot, {:5.0f} ns any\n", kind.name, entries,
             loaded, each, hot, any);
  return found > 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto small = static_cast<uint32_t>(argc > 1 ? std::atoi(argv[1]) : 1000);
  const auto large = static_cast<uint32_t>(argc > 2 ? std::atoi(argv[2]) : 1'000'000);
  for (const Kind& kind : kKinds)
    for (uint32_t entries : {small, large})
      if (!measure(kind, entries)) return 1;
  return 0;
}
