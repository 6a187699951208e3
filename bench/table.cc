// bench_table: how fast stick tables are, and what they weigh. The figures of docs/measuring.md.
//
//   bench_table [ENTRIES [WORKERS [SECONDS]]]      entries of type ip with http_req_rate(10s)
//
// Each worker looks up random keys of the table and counts a request for each; then the table, full, gets new keys;
// then all expire. Prints operations a second and worker, bytes an entry, and the longest that one step took.
#include "lbd/table/table.h"

#include <sys/resource.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "base/time.h"

namespace {

using namespace lbd;
using namespace std::chrono_literals;

struct Random {
  uint64_t state;
  uint32_t next() {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return static_cast<uint32_t>(state >> 16);
  }
};

double cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

size_t resident_kib() {
  size_t pages = 0, resident = 0;
  if (FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%zu %zu", &pages, &resident) != 2) resident = 0;
    std::fclose(file);
  }
  return resident * 4;
}

// Spread over the addresses, as clients are.
uint32_t address_of(uint32_t number) {
  return number * 2654435761u;
}

void count(table::Table& table, const table::Field& field, uint32_t number, base::MonoTime now) {
  const uint32_t address = address_of(number);
  table.with({reinterpret_cast<const char*>(&address), 4}, table::Table::Use::create, now,
             [&](table::Record& record) { record.add(field, 1); });
}

// What one batch of 1000 took at most, by the clock of the thread.
struct Run {
  uint64_t operations = 0;
  double cpu = 0;
};

Run run(table::Table& table, const table::Field& field, uint32_t entries, uint64_t seed, base::Nanos time) {
  Random random{seed};
  Run result;
  const base::MonoTime end = base::mono_now() + time;
  const double began = cpu_seconds();
  for (base::MonoTime now = base::mono_now(); now < end; now = base::mono_now(), result.operations += 1000)
    for (int i = 0; i < 1000; ++i) count(table, field, random.next() % entries, now);
  result.cpu = cpu_seconds() - began;
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  auto number = [&](int at, uint32_t otherwise) {
    return argc > at ? static_cast<uint32_t>(std::atoi(argv[at])) : otherwise;
  };
  const uint32_t entries = number(1, 1'000'000), workers = number(2, 1), seconds = number(3, 3);
  config::StickTable line;
  line.key_length = 4;
  line.size = entries;
  line.expire = 30s;
  line.add({.type = config::data_type("http_req_rate"), .count = 1, .period = 10s});
  const size_t before = resident_kib();
  table::Table table(line);
  const table::Field& field = *table.layout().find(config::data_type("http_req_rate"));

  double began = cpu_seconds();
  for (uint32_t i = 0; i < entries; ++i) count(table, field, i, base::mono_now());
  std::printf("fill     %6.2f M/s\n", entries / (cpu_seconds() - began) / 1e6);
  const double kib = static_cast<double>(resident_kib() - before);
  std::printf("memory   %6.1f MiB, %.1f bytes an entry\n", kib / 1024, kib * 1024 / entries);

  std::vector<Run> runs(workers);
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < workers; ++i)
    threads.emplace_back(
        [&, i] { runs[i] = run(table, field, entries, 88172645463325252ull + i, base::Seconds(seconds)); });
  for (std::thread& thread : threads) thread.join();
  for (const Run& one : runs)
    std::printf("update   %6.2f M/s of processor time\n", static_cast<double>(one.operations) / one.cpu / 1e6);

  const base::MonoTime now = base::mono_now();
  began = cpu_seconds();
  const uint32_t more = std::min(entries, 1'000'000u);
  for (uint32_t i = 0; i < more; ++i) count(table, field, entries + i, now);
  std::printf("replace  %6.2f M/s\n", more / (cpu_seconds() - began) / 1e6);

  double longest = 0;
  began = cpu_seconds();
  size_t gone = 0;
  for (size_t left = table.pages(); left > 0;) {
    const size_t step = std::min<size_t>(left, 64);
    const double at = cpu_seconds();
    gone += table.sweep(now + 60s, step);
    longest = std::max(longest, cpu_seconds() - at);
    left -= step;
  }
  std::printf("expire   %6.2f M/s, %zu entries, at most %.3f ms for 64 pages\n",
              static_cast<double>(gone) / (cpu_seconds() - began) / 1e6, gone, longest * 1e3);
  return 0;
}
