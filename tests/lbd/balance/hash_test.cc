#include "tests/lbd/balance/fixture.h"

namespace lbd::balance {
namespace {

using HashTest = BalanceTest;

TEST_F(HashTest, WordsAreChecked) {
  for (const char* good : {"source", "uri", "hdr(host)", "rdp-cookie", "rdp-cookie(msts)"})
    EXPECT_FALSE(check(good, {}).has_errors()) << good;
  EXPECT_FALSE(check("uri", {"whole", "path-only", "len", "9", "depth", "2"}).has_errors());
  EXPECT_FALSE(check("url_param", {"id", "check_post"}).has_errors());
  EXPECT_FALSE(check("hash", {"src"}).has_errors());
  for (const char* bad : {"source(x)", "url_param", "hdr", "hdr()", "hash"})
    EXPECT_TRUE(check(bad, {}).has_errors()) << bad;
  EXPECT_TRUE(check("uri", {"len", "0"}).has_errors());
  EXPECT_TRUE(check("source", {"more"}).has_errors());
  EXPECT_TRUE(check("hash", {"no_such_fetch"}).has_errors());
}

TEST_F(HashTest, WithoutTheKeyRoundRobin) {
  start("hdr(x-user)", {1, 1, 1});
  EXPECT_EQ(run(6), "123123");
}

// balance source: the key is the client's address.
class RingTest : public HashTest {
 protected:
  static constexpr int kClients = 200;
  void begin(config::Balance::Leave leave = config::Balance::Leave::never, const char* type = "consistent") {
    proxy_.balance.hash_type.push_back({type, {}});
    proxy_.balance.leave = leave;
    start("source");
  }
  // The names of the servers that clients with other addresses belong to.
  std::string homes() {
    std::string names;
    for (uint32_t client = 0; client < kClients; ++client) {
      transaction_.src = {base::IpAddr::v4(0x0a000000 + client * 7919), 1};
      names += run(1);
    }
    return names;
  }
  void place(config::Server& line, uint32_t ip, uint16_t port, config::Server::HashKey key) {
    line.address = base::SockAddr(base::IpPort{base::IpAddr::v4(ip), port});
    line.hash_key = key;
  }
};

TEST_F(RingTest, KeysOfAddressesDoNotDependOnTheOrder) {
  using Key = config::Server::HashKey;
  for (const Key key : {Key::address, Key::address_port, Key::id}) {
    std::string in_order[2];
    for (const bool reversed : {false, true}) {
      proxy_.servers.clear();
      proxy_.balance.hash_type.clear();
      for (uint32_t n = 0; n < 3; ++n) {
        config::Server& line = add(10);
        const uint32_t which = reversed ? 2 - n : n;
        line.name = std::to_string(which);
        place(line, 0x7f000001 + which, 80, key);
      }
      begin();
      in_order[reversed] = homes();
    }
    EXPECT_EQ(in_order[0] == in_order[1], key != Key::id);
    for (char name : {'0', '1', '2'}) EXPECT_NE(in_order[0].find(name), std::string::npos);
  }
}

TEST_F(RingTest, OnlyAddrPortTellsPortsApart) {
  using Key = config::Server::HashKey;
  for (const Key key : {Key::address, Key::address_port}) {
    std::string of_ports[2];
    for (const bool other : {false, true}) {
      proxy_.servers.clear();
      proxy_.balance.hash_type.clear();
      for (uint32_t n = 0; n < 3; ++n) place(add(10), 0x7f000001 + n, other ? 8080 : 80, key);
      begin();
      of_ports[other] = homes();
    }
    EXPECT_EQ(of_ports[0] == of_ports[1], key == Key::address);
  }
}

TEST_F(RingTest, AnAddressThatChangesMovesTheServer) {
  for (uint32_t n = 0; n < 3; ++n) place(add(10), 0x7f000001 + n, 80, config::Server::HashKey::address);
  begin();
  const std::string before = homes();
  server(2).set_address(base::SockAddr(base::IpPort{base::IpAddr::v4(0x0a010203), 80}));
  const std::string after = homes();
  EXPECT_NE(after, before);
  for (size_t i = 0; i < after.size(); ++i) {
    const bool own = before[i] == '2' || after[i] == '2';
    EXPECT_TRUE(own || after[i] == before[i]) << "only what was or is its own moves";
  }
}

TEST_F(RingTest, PreserveAffinity) {
  using Leave = config::Balance::Leave;
  for (const char* type : {"consistent", "map-based"})
    for (const Leave leave : {Leave::never, Leave::maxconn, Leave::maxqueue}) {
      proxy_.servers.clear();
      proxy_.balance.hash_type.clear();
      for (int n = 0; n < 2; ++n) {
        config::Server& line = add(10);
        line.maxconn = 1;
        line.maxqueue = 1;
      }
      begin(leave, type);
      transaction_.src = {base::IpAddr::v4(0x0a000001), 1};
      const Assignment first = assign();
      ASSERT_EQ(first.outcome, Outcome::assigned);
      const Assignment second = assign();
      if (leave == Leave::maxconn) {
        ASSERT_EQ(second.outcome, Outcome::assigned) << type;
        EXPECT_NE(second.server, first.server) << type;
        continue;
      }
      EXPECT_EQ(second.outcome, Outcome::queued) << type;
      EXPECT_EQ(waiter_.queued_in(), &first.server->queue()) << type;
      Recorder another(mailbox_);
      const Assignment third = balancer_->assign(transaction_, another, 0, {});
      if (leave == Leave::maxqueue) {
        ASSERT_EQ(third.outcome, Outcome::assigned) << type;
        EXPECT_NE(third.server, first.server) << type;
      } else {
        EXPECT_EQ(third.outcome, Outcome::queued) << "its queue is full, so it waits for any, and another is free";
        loop_.run_nowait();
        ASSERT_TRUE(another.got) << type;
        EXPECT_NE(another.got, first.server) << type;
      }
      waiter_.queued_in()->leave(waiter_);
    }
}

TEST_F(RingTest, WhereAllAreFullItStays) {
  for (int n = 0; n < 2; ++n) add(10).maxconn = 1;
  begin(config::Balance::Leave::maxconn);
  transaction_.src = {base::IpAddr::v4(0x0a000001), 1};
  const Assignment first = assign();
  ASSERT_NE(assign().server, first.server);
  EXPECT_EQ(assign().outcome, Outcome::queued);
  EXPECT_EQ(waiter_.queued_in(), &first.server->queue());
  waiter_.queued_in()->leave(waiter_);
}

}  // namespace
}  // namespace lbd::balance
