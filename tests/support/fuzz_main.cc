// A small driver for the fuzz targets where libFuzzer is not at hand: it takes libFuzzer's options and does, more
// slowly, what it does. It runs every file of the corpus, then mutations of them, until the time is over; the inputs
// that reach code not reached before join the corpus (g++ -fsanitize-coverage=trace-pc). The sequence depends on the
// seed only.
//
//   fuzz_X [-max_total_time=SECONDS] [-runs=N] [-seed=N] [-max_len=BYTES] [-timeout=SECONDS] [-artifact_prefix=P] PATH…
//
// A path is a file or a directory. Given several directories, inputs that found something new are written to the first.
// An input that crashes or takes too long is written to P<signal or "asan">; the exit code is 1 then.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
// Present when the program is linked with a sanitizer.
extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());

namespace {

using Input = std::string;
using Clock = std::chrono::steady_clock;

// Which pairs of consecutive blocks have run, in this input and in any.
constexpr size_t kEdges = 1 << 16;
std::array<uint8_t, kEdges> g_edges;
std::array<uint8_t, kEdges> g_known;
std::array<uint32_t, kEdges> g_touched;
size_t g_touched_count = 0;
uintptr_t g_previous = 0;

// What the crash handler needs, without allocation.
const Input* g_current = nullptr;
char g_prefix[512] = "crash-";
unsigned g_timeout = 20;

void write_artifact(const char* kind) {
  if (!g_current) return;
  char path[600];
  std::snprintf(path, sizeof path, "%s%s", g_prefix, kind);
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return;
  ssize_t written = write(fd, g_current->data(), g_current->size());
  close(fd);
  std::fprintf(stderr, "the input (%zd bytes) is in %s\n", written, path);
}

void on_signal(int number) {
  const char* kind = number == SIGALRM ? "timeout" : number == SIGABRT ? "abort" : "signal";
  std::fprintf(stderr, "stopped by %s\n", number == SIGALRM ? "a single input taking too long" : strsignal(number));
  write_artifact(kind);
  _exit(1);
}

void on_death() {
  write_artifact("asan");
}

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15 + 1) {}
  uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }
  size_t below(size_t n) { return n ? next() % n : 0; }

 private:
  uint64_t state_;
};

class Fuzzer {
 public:
  Fuzzer(uint64_t seed, size_t max_len) : random_(seed), max_len_(max_len) {}

  // True if it reached something new.
  bool run(const Input& input) {
    g_touched_count = 0;
    g_previous = 0;
    g_current = &input;
    alarm(g_timeout);
    {
      // Of exactly its size, so that the sanitizer sees a read behind its end.
      auto copy = std::make_unique<uint8_t[]>(input.size());
      std::copy(input.begin(), input.end(), copy.get());
      LLVMFuzzerTestOneInput(copy.get(), input.size());
    }
    g_current = nullptr;
    ++runs_;
    bool found = false;
    for (size_t i = 0; i < g_touched_count; ++i) {
      uint32_t edge = g_touched[i];
      found = found || !g_known[edge];
      g_known[edge] = 1;
      g_edges[edge] = 0;
    }
    return found;
  }

  void seed(Input input) {
    run(input);
    corpus_.push_back(std::move(input));
  }

  // The input that found something new, or null.
  const Input* step() {
    Input input = corpus_[random_.below(corpus_.size())];
    for (size_t i = 1 + random_.below(5); i > 0; --i) mutate(input);
    if (input.size() > max_len_) input.resize(max_len_);
    if (!run(input)) return nullptr;
    corpus_.push_back(std::move(input));
    return &corpus_.back();
  }

  uint64_t runs() const { return runs_; }
  size_t corpus_size() const { return corpus_.size(); }

 private:
  void mutate(Input& input) {
    // Bytes that mean something in the formats at hand.
    static constexpr std::string_view kTelling("\0\1\x7f\x80\xff\r\n\t :;,=\"\\/?#&.-09azAZ{}[]@%", 33);
    size_t at = random_.below(input.size() + 1);
    size_t length = 1 + random_.below(std::min<size_t>(input.size() - at + 1, 16));
    char byte = random_.below(2) ? kTelling[random_.below(kTelling.size())] : static_cast<char>(random_.next());
    switch (random_.below(9)) {
      case 0:
        if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << random_.below(8)));
        break;
      case 1:
        if (at < input.size()) input[at] = byte;
        break;
      case 2:
        input.insert(at, 1, byte);
        break;
      case 3:
        input.erase(at, length);
        break;
      case 4:
        input.insert(at, input.substr(at, length));
        break;
      case 5:
        input.insert(at, random_.below(256), byte);
        break;
      case 6: {
        const Input& other = corpus_[random_.below(corpus_.size())];
        size_t from = random_.below(other.size() + 1);
        input.insert(at, other, from, 1 + random_.below(64));
        break;
      }
      case 7: {
        const Input& other = corpus_[random_.below(corpus_.size())];
        size_t from = random_.below(other.size() + 1);
        input.replace(at, std::string::npos, other, from);
        break;
      }
      case 8:
        if (at < input.size()) input[at] = static_cast<char>(input[at] + (random_.below(2) ? 1 : -1));
        break;
    }
  }

  Random random_;
  size_t max_len_;
  uint64_t runs_ = 0;
  std::vector<Input> corpus_;
};

Input read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return Input(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

// g++ calls this at the begin of each basic block of the code under test.
extern "C" void __sanitizer_cov_trace_pc() {
  auto here = reinterpret_cast<uintptr_t>(__builtin_return_address(0));
  auto edge = static_cast<uint32_t>((here ^ g_previous) * 0x9e3779b97f4a7c15 >> 48);
  g_previous = here >> 1;
  if (g_edges[edge]) return;
  g_edges[edge] = 1;
  g_touched[g_touched_count++] = edge;
}

int main(int argc, char** argv) {
  uint64_t seconds = 0, runs = 0, seed = 1, max_len = 4096;
  std::vector<std::filesystem::path> paths;
  for (int i = 1; i < argc; ++i) {
    std::string_view word = argv[i];
    if (!word.starts_with('-')) {
      paths.emplace_back(word);
      continue;
    }
    size_t equal = std::min(word.find('='), word.size() - 1);
    std::string_view name = word.substr(1, equal - 1);
    const char* value = argv[i] + equal + 1;
    uint64_t number = std::strtoull(value, nullptr, 10);
    if (name == "max_total_time")
      seconds = number;
    else if (name == "runs")
      runs = number;
    else if (name == "seed")
      seed = number;
    else if (name == "max_len")
      max_len = number;
    else if (name == "timeout")
      g_timeout = static_cast<unsigned>(number);
    else if (name == "artifact_prefix")
      std::snprintf(g_prefix, sizeof g_prefix, "%s", value);
    else if (name != "print_final_stats") {
      std::fprintf(stderr, "unknown option %s\n", argv[i]);
      return 2;
    }
  }
  for (int number : {SIGABRT, SIGILL, SIGTRAP, SIGFPE, SIGALRM}) std::signal(number, on_signal);
  if (__sanitizer_set_death_callback) __sanitizer_set_death_callback(on_death);

  std::vector<std::filesystem::path> files, directories;
  for (const auto& path : paths) {
    if (!std::filesystem::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    directories.push_back(path);
    for (const auto& entry : std::filesystem::directory_iterator(path))
      if (entry.is_regular_file()) files.push_back(entry.path());
  }
  // The order of a directory is not that of its names.
  std::sort(files.begin(), files.end());
  Fuzzer fuzzer(seed, max_len);
  fuzzer.seed("");
  for (const auto& file : files) fuzzer.seed(read_file(file));
  size_t kept = fuzzer.corpus_size();

  auto begin = Clock::now();
  auto end = begin + std::chrono::seconds(seconds);
  while ((seconds || runs) && (!runs || fuzzer.runs() < runs) && (!seconds || Clock::now() < end)) {
    const Input* found = fuzzer.step();
    if (found && directories.size() > 1) {
      auto name = directories[0] / std::to_string(std::hash<std::string>()(*found));
      std::ofstream(name, std::ios::binary) << *found;
    }
  }
  alarm(0);
  std::chrono::duration<double> took = Clock::now() - begin;
  std::printf("%llu runs in %.1f s, %zu inputs kept, %zu found\n", static_cast<unsigned long long>(fuzzer.runs()),
              took.count(), kept, fuzzer.corpus_size() - kept);
  return 0;
}
