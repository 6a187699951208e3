// bench_balance: what choosing among few and among many servers costs, with each algorithm. The figures of
// docs/measuring.md.
//
//   bench_balance [FEW [MANY [ALGORITHM]]]      servers (10 and 10,000), all algorithms
//
// Requests of clients all over the address space are given a server each and leave again, so that three for each server
// are there at any time. Prints nanoseconds for coming and going, and what many cost of few. The servers of a large
// farm do not fit into the caches of a processor, whichever way one is chosen: "touch" takes and gives back slots of
// the same servers in a random order, without choosing.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "lbd/balance/balancer.h"

namespace {

using namespace lbd;

struct Subject {
  const char *name, *algorithm;
  bool consistent = false;
  uint32_t balance_factor = 0;
};
const Subject kSubjects[] = {
    {"roundrobin", "roundrobin"},
    {"static-rr", "static-rr"},
    {"leastconn", "leastconn"},
    {"first", "first"},
    {"sticky", "sticky"},
    {"random", "random"},
    {"random(4)", "random(4)"},
    {"source", "source"},
    {"source, consistent", "source", true},
    {"source, consistent, hash-balance-factor 150", "source", true, 150},
};
constexpr size_t kRequests = 300'000;
constexpr int kRounds = 7;

struct Nobody final : server::Waiter {
  using Waiter::Waiter;
  void granted(server::Server& server) override { server.give_slot(); }
  void turned_away() override {}
};

class Farm {
 public:
  Farm(const Subject& subject, uint32_t servers) {
    proxy_.balance.algorithm = subject.algorithm;
    if (subject.consistent) proxy_.balance.hash_type.push_back({"consistent", {}});
    proxy_.balance.hash_balance_factor = subject.balance_factor;
    // `first` fills one after the other.
    const bool bounded = std::string_view(subject.algorithm) == "first";
    for (uint32_t i = 0; i < servers; ++i) {
      auto line = std::make_unique<config::Server>();
      line->name = fmt::format("s{}", i + 1);
      line->maxconn = bounded ? 6 : 0;
      line->weight = 1 + i % 3;
      lines_.push_back(std::move(line));
      backend_.add_server(*lines_.back(), 0);
    }
    balancer_ = std::make_unique<balance::Balancer>(backend_, config_, 1);
    present_.resize(3 * size_t{servers});
  }

  void fill() {
    for (size_t i = 0; i < present_.size(); ++i) come(i);
  }
  // Nanoseconds of a request. By itself, so that callgrind can count what is done here (--toggle-collect).
  [[gnu::noinline]] double choose() {
    const base::MonoTime begin = base::mono_now();
    for (size_t i = 0; i < kRequests; ++i) come(i);
    return nanoseconds_since(begin);
  }
  [[gnu::noinline]] double touch() {
    const auto& servers = backend_.servers();
    const base::MonoTime begin = base::mono_now();
    for (size_t i = 0; i < kRequests; ++i) {
      server::Server& server = *servers[next() % servers.size()];
      if (server.has_room() && server.take_slot()) server.give_slot();
    }
    return nanoseconds_since(begin);
  }

 private:
  static double nanoseconds_since(base::MonoTime begin) {
    return std::chrono::duration<double, std::nano>(base::mono_now() - begin).count() / kRequests;
  }
  uint32_t next() {
    random_ ^= random_ << 13;
    random_ ^= random_ >> 7;
    random_ ^= random_ << 17;
    return static_cast<uint32_t>(random_ >> 16);
  }
  // One leaves, another comes.
  void come(size_t i) {
    server::Server*& place = present_[(i * 7919) % present_.size()];
    if (place)
      std::exchange(place, nullptr)->give_slot();
    else
      ++backend_.streams;
    transaction_.src = {base::IpAddr::v4(next()), 1};
    place = balancer_->assign(transaction_, nobody_, 0).server;
    if (!place) std::abort();
  }

  config::Config config_;
  config::Proxy proxy_;
  std::vector<std::unique_ptr<config::Server>> lines_;
  server::Backend backend_{proxy_, 0};
  std::unique_ptr<balance::Balancer> balancer_;
  base::BlockPool pool_{4096, 4};
  base::Arena arena_{pool_};
  expr::Session session_;
  expr::Transaction transaction_{session_, arena_};
  base::Loop loop_;
  base::Mailbox mailbox_{loop_};
  Nobody nobody_{mailbox_};
  std::vector<server::Server*> present_;
  uint64_t random_ = 88172645463325252ull;
};

}  // namespace

int main(int argc, char** argv) {
  auto number = [&](int at, uint32_t otherwise) {
    return argc > at ? static_cast<uint32_t>(std::atoi(argv[at])) : otherwise;
  };
  const uint32_t few = number(1, 10), many = number(2, 10'000);
  const std::string_view only = argc > 3 ? argv[3] : "";
  std::printf("%-45s %8u %8u  ratio\n", "servers", few, many);
  // The best of some rounds, in turn.
  auto compare = [&](const char* name, const Subject& subject, double (Farm::*what)()) {
    if (!only.empty() && only != name) return;
    Farm small(subject, few), large(subject, many);
    if (what == &Farm::choose) small.fill(), large.fill();
    double of_few = 1e9, of_many = 1e9;
    for (int round = 0; round < kRounds; ++round) {
      of_few = std::min(of_few, (small.*what)());
      of_many = std::min(of_many, (large.*what)());
    }
    std::printf("%-45s %8.1f %8.1f  %5.2f\n", name, of_few, of_many, of_many / of_few);
  };
  compare("touch", kSubjects[0], &Farm::touch);
  for (const Subject& subject : kSubjects) compare(subject.name, subject, &Farm::choose);
}
