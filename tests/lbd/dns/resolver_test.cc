#include "lbd/dns/resolver.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

namespace lbd::dns {
namespace {

// A name server whose answers the test sends by hand.
struct FakeServer {
  FakeServer() : fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const base::SockAddr any(base::IpPort{base::IpAddr::v4(0x7f000001), 0});
    CHECK(::bind(fd.get(), any.sa(), any.length()) == 0);
  }
  base::IpPort address() const { return base::SockAddr::local_of(fd.get()).ip_port(); }
  // The next question; "" when there is none.
  std::string receive() {
    char bytes[512];
    from_length = sizeof from;
    const ssize_t size =
        ::recvfrom(fd.get(), bytes, sizeof bytes, MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&from), &from_length);
    return size < 0 ? std::string() : std::string(bytes, static_cast<size_t>(size));
  }
  void send(const std::string& bytes) {
    CHECK(::sendto(fd.get(), bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&from), from_length) > 0);
  }
  base::Fd fd;
  sockaddr_storage from{};
  socklen_t from_length = sizeof from;
};

// The answer to a question: an address, or an error.
std::string answer_to(std::string query, int code, std::string_view address = {}) {
  query[2] = static_cast<char>(0x81);
  query[3] = static_cast<char>(0x80 | code);
  if (address.empty()) return query;
  query[7] = 1;
  return query + std::string("\xc0\x0c\0\1\0\1\0\0\0\1\0\4", 12) + std::string(address);
}
Type type_of(const std::string& query) {
  return static_cast<Type>(query[query.size() - 3]);
}
constexpr std::string_view kAddress("\x7f\0\0\7", 4);

struct Watched final : Watcher {
  void resolved(const Question& question, std::string_view by) override {
    said = std::string(by) + ":";
    for (const Record* record : question.records().all()) said += " " + record->ip.to_string();
  }
  void failed(const Question&, Status status) override { said = "failed " + std::to_string(static_cast<int>(status)); }
  std::string said;
};

struct ResolverTest : testing::Test {
  ResolverTest() {
    for (auto& server : servers) {
      config.name_servers.emplace_back();
      config.name_servers.back().name = "n" + std::to_string(config.name_servers.size());
      config.name_servers.back().address = server.address();
    }
    config.name = "r";
    config.retries = 2;
    config.timeout_retry = base::Millis(30);
    config.timeout_resolve = base::Seconds(3600);
    resolver = std::make_unique<Resolver>(loop, config, cache);
  }
  template <typename Condition>
  bool run_until(Condition condition) {
    const base::MonoTime end = base::mono_now() + base::Seconds(5);
    while (!condition()) {
      if (base::mono_now() > end) return false;
      loop.run_nowait();
    }
    return true;
  }
  // The question that the first server gets next.
  std::string next(size_t server = 0) {
    std::string query;
    EXPECT_TRUE(run_until([&] { return !(query = servers[server].receive()).empty(); }));
    return query;
  }
  bool says(const std::string& text) {
    return run_until([&] { return watcher.said == text; });
  }

  base::Loop loop;
  FakeServer servers[2];
  config::Resolvers config;
  LookupCache cache;
  std::unique_ptr<Resolver> resolver;
  Watched watcher;
};

TEST_F(ResolverTest, TheFirstGoodAnswerCounts) {
  resolver->watch("www.test", Type::a, watcher);
  const std::string query = next(), other = next(1);
  EXPECT_EQ(query, other);
  servers[0].send(answer_to(query, 3));  // an error of one is not yet one
  servers[1].send(answer_to(query, 0, kAddress));
  EXPECT_TRUE(says("r/n2: 127.0.0.7")) << watcher.said;
}

TEST_F(ResolverTest, WhenAllErrTheOtherFamilyIsAskedFor) {
  resolver->watch("www.test", Type::a, watcher);
  const std::string query = next();
  EXPECT_EQ(type_of(query), Type::a);
  next(1);
  servers[0].send(answer_to(query, 3));
  servers[1].send(answer_to(query, 5));
  const std::string second = next();
  EXPECT_EQ(type_of(second), Type::aaaa);
  next(1);
  servers[0].send(answer_to(second, 3));
  servers[1].send(answer_to(second, 3));
  EXPECT_TRUE(says("failed " + std::to_string(static_cast<int>(Status::nx)))) << watcher.said;
}

TEST_F(ResolverTest, SilenceIsAskedAgainAndThenGivenUp) {
  resolver->watch("www.test", Type::a, watcher);
  const std::string first = next(), second = next();
  EXPECT_EQ(type_of(second), Type::a);
  EXPECT_TRUE(says("failed " + std::to_string(static_cast<int>(Status::timeout)))) << watcher.said;
  EXPECT_EQ(servers[0].receive(), "");
  EXPECT_EQ(resolver->name_servers()[0]->counters.timeout, 2u);
}

TEST_F(ResolverTest, OnlyAnswersToTheQuestionCount) {
  resolver->watch("www.test", Type::a, watcher);
  const std::string query = next();
  std::string other_number = answer_to(query, 0, kAddress), other_name = other_number, other_type = other_number;
  other_number[0] = static_cast<char>(other_number[0] ^ 1);
  other_name[13] = 'x';
  other_type[query.size() - 3] = 28;
  for (const std::string& false_answer : {other_number, other_name, other_type}) servers[0].send(false_answer);
  const NameServerCounters& counters = resolver->name_servers()[0]->counters;
  EXPECT_TRUE(run_until([&] { return counters.outdated == 1 && counters.invalid == 2; }));
  EXPECT_EQ(watcher.said, "");
  servers[0].send(answer_to(query, 0, kAddress));
  EXPECT_TRUE(says("r/n1: 127.0.0.7"));
}

TEST_F(ResolverTest, WhoWatchesNoMoreIsNotTold) {
  Question& question = resolver->watch("www.test", Type::a, watcher);
  const std::string query = next();
  resolver->unwatch(question, watcher);
  servers[0].send(answer_to(query, 0, kAddress));
  EXPECT_TRUE(run_until([&] { return resolver->name_servers()[0]->counters.valid == 1; }));
  EXPECT_EQ(watcher.said, "");
}

struct Asker final : base::Errand::Sender {
  void errand_done() override { done = true; }
  bool done = false;
};

TEST_F(ResolverTest, WhatIsLookedUpOnceStaysInTheCache) {
  base::Mailbox home(loop);
  Asker asker;
  auto lookup = std::make_shared<Lookup>(home, asker, "www.test", base::Family::v4);
  resolver->look_up(lookup);
  servers[0].send(answer_to(next(), 0, kAddress));
  EXPECT_TRUE(run_until([&] { return asker.done; }));
  EXPECT_EQ(lookup->found->to_string(), "127.0.0.7");
  const base::MonoTime now = base::mono_now();
  EXPECT_EQ(cache.find("www.test", base::Family::v4, now)->to_string(), "127.0.0.7");
  EXPECT_FALSE(cache.find("www.test", base::Family::v6, now));
  EXPECT_FALSE(cache.find("www.test", base::Family::v4, now + config.hold_valid));
}

TEST_F(ResolverTest, WhoHasGoneIsNotWoken) {
  base::Mailbox home(loop);
  Asker asker;
  base::PendingErrand pending;
  auto lookup = std::make_shared<Lookup>(home, asker, "www.test", base::Family::v4);
  pending.set(lookup);
  resolver->look_up(lookup);
  const std::string query = next();
  pending.reset();
  servers[0].send(answer_to(query, 0, kAddress));
  EXPECT_TRUE(run_until([&] { return lookup->done(); }));
  EXPECT_FALSE(asker.done);
}

TEST_F(ResolverTest, OnlyAcceptedFamiliesAreAskedFor) {
  config.accepted.v6 = false;
  resolver->watch("www.test", Type::aaaa, watcher);
  const std::string query = next();
  EXPECT_EQ(type_of(query), Type::a);
  next(1);
  servers[0].send(answer_to(query, 3));
  servers[1].send(answer_to(query, 3));
  EXPECT_TRUE(says("failed " + std::to_string(static_cast<int>(Status::nx)))) << watcher.said;
}

}  // namespace
}  // namespace lbd::dns
