// Connections that leave a worker and go on, here in the same one.
#include "lbd/stream/moved.h"
#include "tests/lbd/stream/fixture.h"

namespace lbd::stream {
namespace {

struct Taker final : Successor {
  bool takes(const server::Frontend&, const server::Backend*, const server::Server*) const override { return willing; }
  void move(MovedConnection one) override { moved.push_back(std::move(one)); }
  std::vector<MovedConnection> moved;
  bool willing = true;
};

class MovingTest : public StreamTest {
 protected:
  void use(const std::string& config) {
    load(config);
    engine_->successor = &taker;
  }
  static std::string tcp(const std::string& back = "", const std::string& front = "") {
    return "frontend fe\n mode tcp\n bind :8080\n" + front + " default_backend be\nbackend be\n mode tcp\n" + back +
           " server s1 127.0.0.1:81 maxconn 1\n";
  }
  size_t move_away() {
    worker_->move_clients();
    settle();
    return taker.moved.size();
  }
  void take_over() {
    for (MovedConnection& one : taker.moved) worker_->take_over(std::move(one), *worker_->ports().front());
    taker.moved.clear();
    settle();
  }
  Taker taker;
};

TEST_F(MovingTest, ATunnelGoesOnWithWhatItHasCounted) {
  use(tcp());
  Side& c = client("one");
  servers.at(0)->send("two!");
  settle();
  ASSERT_EQ(move_away(), 1u);
  EXPECT_EQ(worker_->connections(), 0u);
  EXPECT_EQ(server().served(), 0u);
  EXPECT_FALSE(c.ended);
  EXPECT_FALSE(servers[0]->ended);
  EXPECT_EQ(counters(server()).bytes_in.get(), 0u) << "it has not ended";
  const MovedConnection& moved = taker.moved[0];
  EXPECT_EQ(moved.frontend, "fe");
  EXPECT_EQ(moved.tunnel->server, "s1");
  EXPECT_EQ(moved.tunnel->bytes_in, 3u);
  EXPECT_EQ(moved.tunnel->bytes_out, 4u);
  take_over();
  EXPECT_EQ(server().served(), 1u);
  EXPECT_EQ(counters(server()).sessions.get(), 1u) << "it is the same session";
  c.send("three");
  servers[0]->send("four");
  settle();
  EXPECT_EQ(servers[0]->got, "onethree");
  EXPECT_EQ(c.got, "two!four");
  c.shut();
  settle();
  EXPECT_TRUE(servers[0]->ended);
  servers[0]->close();
  settle();
  EXPECT_TRUE(c.ended);
  EXPECT_EQ(counters(server()).bytes_in.get(), 8u);
  EXPECT_EQ(counters(server()).bytes_out.get(), 8u);
  EXPECT_EQ(counters(server()).sessions_now.get(), 0u);
  EXPECT_EQ(server().served(), 0u);
}

TEST_F(MovingTest, WhatASlowPeerHasNotTakenComesAlong) {
  use(tcp());
  Side& c = client("hello");
  c.deaf = true;
  // Until nothing on the way takes more, however much the kernel keeps.
  std::string much;
  size_t sent = 0;
  for (int i = 0;;) {
    while (much.size() - sent < 100000)
      much += std::to_string(i++) + " lines of which none may be lost or come twice\n";
    ssize_t n = ::send(servers[0]->fd.get(), much.data() + sent, much.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0) break;
    sent += static_cast<size_t>(n);
    settle();
  }
  ASSERT_EQ(move_away(), 1u);
  EXPECT_FALSE(taker.moved[0].wire.unsent.empty());
  take_over();
  c.deaf = false;
  ASSERT_TRUE(until([&] { return c.got.size() == sent; }));
  EXPECT_EQ(c.got, much.substr(0, sent));
}

TEST_F(MovingTest, AHalfClosedTunnelStaysHalfClosed) {
  use(tcp());
  Side& c = client("last words");
  c.shut();
  settle();
  ASSERT_TRUE(servers.at(0)->ended);
  ASSERT_EQ(move_away(), 1u);
  take_over();
  servers[0]->send("answer");
  settle();
  EXPECT_EQ(c.got, "answer");
  servers[0]->close();
  settle();
  EXPECT_TRUE(c.ended);
  EXPECT_EQ(worker_->connections(), 0u);
}

TEST_F(MovingTest, AWebSocketGoesOn) {
  use(pair_of("", ""));
  Side& c = client("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
  EXPECT_EQ(move_away(), 0u) << "no tunnel yet";
  servers.at(0)->take();
  servers[0]->send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
  settle();
  ASSERT_TRUE(begins(c.take(), "HTTP/1.1 101"));
  ASSERT_EQ(move_away(), 1u);
  EXPECT_EQ(taker.moved[0].tunnel->status, 101);
  EXPECT_EQ(taker.moved[0].tunnel->request_line, "GET / HTTP/1.1");
  take_over();
  c.send("ping");
  servers[0]->send("pong");
  settle();
  EXPECT_EQ(servers[0]->got, "ping");
  EXPECT_EQ(c.got, "pong");
  c.close();
  servers[0]->close();
  settle();
  EXPECT_EQ(counters(engine_->objects().frontends()[0]->slot()).responses[1].get(), 1u);
}

TEST_F(MovingTest, BetweenTwoRequestsOrBeforeTheFirst) {
  use(pair_of("", ""));
  Side& idle = client(kGet);
  servers.at(0)->send(kOk);
  settle();
  ASSERT_EQ(idle.take(), kOkSent);
  Side& silent = client();
  ASSERT_EQ(move_away(), 2u);
  EXPECT_EQ(taker.moved[0].requests, 1u);
  EXPECT_FALSE(idle.ended);
  take_over();
  for (Side* side : {&idle, &silent}) {
    side->send(kGet);
    settle();
    servers.back()->send(kOk);
    settle();
    EXPECT_EQ(side->take(), kOkSent);
  }
}

TEST_F(MovingTest, AnExchangeStays) {
  use(pair_of("", ""));
  Side& c = client(kGet);
  Side& half = client("GET /");
  EXPECT_EQ(move_away(), 0u);
  servers.at(0)->send(kOk);
  settle();
  EXPECT_EQ(c.take(), kOkSent);
  EXPECT_EQ(move_away(), 1u) << "now it is over";
  half.close();
}

TEST_F(MovingTest, WhatNobodyTakesStays) {
  use(tcp());
  taker.willing = false;
  Side& c = client("one");
  EXPECT_EQ(move_away(), 0u);
  servers.at(0)->send("two");
  settle();
  EXPECT_EQ(c.got, "two");
}

TEST_F(MovingTest, WithoutItsServerItEnds) {
  use(tcp());
  Side& c = client("one");
  ASSERT_EQ(move_away(), 1u);
  taker.moved[0].tunnel->server = "gone";
  take_over();
  EXPECT_TRUE(c.ended);
  EXPECT_EQ(worker_->connections(), 0u);
  EXPECT_EQ(server().served(), 0u);
}

TEST_F(MovingTest, TracksAndVariablesComeAlong) {
  use(tcp("",
          " stick-table type ip size 10 store conn_cnt,conn_cur\n tcp-request connection track-sc0 src\n"
          " tcp-request content set-var(sess.a) int(7)\n tcp-request content set-var(txn.b) str(text)\n"));
  client("one");
  auto look = [&](std::string_view type) {
    uint64_t value = 0;
    table::Table& table = *engine_->tables.all()[0];
    const base::IpAddr ip = *base::IpAddr::parse("192.0.2.1");
    table.with({reinterpret_cast<const char*>(ip.bytes.data()), 4}, table::Table::Use::look, base::mono_now(),
               [&](table::Record& record) { value = record.get(*table.layout().find(config::data_type(type))); });
    return value;
  };
  EXPECT_EQ(look("conn_cur"), 1u);
  ASSERT_EQ(move_away(), 1u);
  EXPECT_EQ(look("conn_cur"), 0u);
  ASSERT_EQ(taker.moved[0].tracks.size(), 1u);
  ASSERT_EQ(taker.moved[0].variables.size(), 1u);
  ASSERT_EQ(taker.moved[0].tunnel->variables.size(), 1u);
  EXPECT_EQ(taker.moved[0].tunnel->variables[0].text, "text");
  take_over();
  EXPECT_EQ(look("conn_cur"), 1u);
  EXPECT_EQ(look("conn_cnt"), 1u) << "the connection was counted when it came";
  ASSERT_EQ(move_away(), 1u);
  EXPECT_EQ(taker.moved[0].variables[0].value.integer, 7);
  EXPECT_EQ(taker.moved[0].tunnel->variables[0].text, "text");
}

}  // namespace
}  // namespace lbd::stream
