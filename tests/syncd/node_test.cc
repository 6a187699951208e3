// Nodes against each other in one loop: which of two connections stays, and what a new life of a peer replaces.
#include "syncd/node.h"

#include <gtest/gtest.h>

#include "syncd/nodes.h"

namespace syncd {
namespace {

class Side {
 public:
  Side(base::Loop& loop, const std::string& name)
      : store(100, replica::origin_of(name)), views(loop, [this] { return account(); }) {
    config.node = name;
    config.listen.push_back({.address = base::SockAddr(base::IpPort{base::IpAddr::v4(0x7f000001), 0}), .location = {}});
    static uint64_t generation = 1;
    hello = ipc::make_hello(tandem::ROLE_SYNCD, "1", name);
    hello.set_generation(generation++);
    loop_ = &loop;
    changes = std::make_unique<Changes>(loop);
  }
  // The port is known only after listening: nodes are made in two steps.
  void listen() {
    Config::Place any = config.listen[0];
    listener_ = std::make_unique<Context>(Context{.loop = *loop_,
                                                  .config = config,
                                                  .store = store,
                                                  .parts = parts,
                                                  .roster = roster,
                                                  .relay = relay,
                                                  .views = views,
                                                  .changes = *changes,
                                                  .chronicle = chronicle,
                                                  .hello = hello,
                                                  .channel = {}});
    base::Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    CHECK(bind(fd.get(), any.address.sa(), any.address.length()) == 0 && ::listen(fd.get(), 16) == 0);
    config.listen[0].address = base::SockAddr::local_of(fd.get());
    config.listen[0].fd = fd.release();
  }
  void start(const Side& other) {
    config.peers.push_back({other.config.node, {.address = other.config.listen[0].address, .location = {}}});
    nodes = std::make_unique<Nodes>(*listener_);
    ASSERT_TRUE(nodes->listen());
    nodes->start();
  }
  const Node& node() const { return *nodes->all()[0]; }
  tandem::Account account() const {
    tandem::Account own;
    *own.mutable_hello() = hello;
    return own;
  }

  Config config;
  replica::Store store;
  replica::PartStore parts{100};
  Roster roster;
  Relay relay;
  Views views;
  std::unique_ptr<Changes> changes;
  Chronicle chronicle{1, 2, [this](const tandem::Envelope& news) { relay.from_here(news); }};
  tandem::Hello hello;
  std::unique_ptr<Nodes> nodes;

 private:
  base::Loop* loop_;
  std::unique_ptr<Context> listener_;
};

class NodeTest : public testing::Test {
 protected:
  template <typename Until>
  void run_until(Until until) {
    base::MonoTime give_up = base::mono_now() + base::Seconds(10);
    while (!until() && base::mono_now() < give_up) loop_.run_once();
    EXPECT_TRUE(until());
  }
  void run_for(base::Nanos time) {
    base::MonoTime end = base::mono_now() + time;
    while (base::mono_now() < end) loop_.run_once();
  }
  base::Loop loop_;
};

TEST_F(NodeTest, OneLinkStaysWhoeverBegins) {
  for (bool secret : {false, true}) {
    Side a(loop_, "a"), b(loop_, "b");
    if (secret) a.config.secret = b.config.secret = "0123456789abcdef";
    a.listen();
    b.listen();
    a.start(b);
    b.start(a);
    run_until([&] { return a.node().in_sync() && b.node().in_sync(); });
    // Longer than the polite delay: the second connection would have come by now.
    run_for(base::Millis(600));
    EXPECT_EQ(a.node().state(), "in sync");
    EXPECT_EQ(b.node().state(), "in sync");
    EXPECT_LE(a.node().links(), 2u);
    EXPECT_EQ(a.nodes->servers()[0]->counters().connections.get(), 0u) << "a begins, b need not";
    a.nodes->stop();
    b.nodes->stop();
  }
}

TEST_F(NodeTest, TheOtherOneBeginsWhenTheFirstCannot) {
  Side a(loop_, "a"), b(loop_, "b"), nowhere(loop_, "b");
  a.listen();
  b.listen();
  nowhere.listen();
  a.start(nowhere);  // a knows a wrong address of b, where nobody accepts
  b.start(a);
  run_until([&] { return a.node().in_sync() && b.node().in_sync(); });
  EXPECT_EQ(a.nodes->servers()[0]->counters().connections.get(), 1u);
  a.nodes->stop();
  b.nodes->stop();
}

TEST_F(NodeTest, ProcessesAreToldOnceAndOthersTakenForNews) {
  Side a(loop_, "a"), b(loop_, "b");
  a.listen();
  b.listen();
  a.start(b);
  b.start(a);
  tandem::Present one, two;
  one.add_origins()->set_id(1);
  two.add_origins()->set_id(2);
  a.roster.set(&one, one, true);
  b.roster.set(&two, two, true);
  run_until([&] { return a.roster.all().origins_size() == 2 && b.roster.all().origins_size() == 2; });
  run_until([&] { return a.node().in_sync() && b.node().in_sync(); });
  const uint64_t before = b.nodes->servers()[0]->counters().frames_in.get();
  run_for(base::Millis(300));
  EXPECT_LE(b.nodes->servers()[0]->counters().frames_in.get(), before + 3) << "they answer each other without end";
  one.add_origins()->set_id(3);
  a.roster.set(&one, one, true);
  run_until([&] { return b.roster.all().origins_size() == 3; });
  a.nodes->stop();
  b.nodes->stop();
}

TEST_F(NodeTest, ConfigurationsThatDifferForLongAreSeenOnBoth) {
  Side a(loop_, "a"), b(loop_, "b");
  a.listen();
  b.listen();
  a.start(b);
  b.start(a);
  auto an_lbd = [](uint64_t id, const char* digest) {
    tandem::Present present;
    present.add_origins()->set_id(id);
    present.mutable_origins(0)->set_generation(id);
    present.mutable_origins(0)->set_configuration(digest);
    return present;
  };
  int first = 0, next = 0;  // lbd processes
  a.roster.set(&first, an_lbd(1, "one"), true);
  EXPECT_EQ(a.node().configuration(), Node::Configuration::unknown);
  b.roster.set(&first, an_lbd(2, "one"), true);
  run_until([&] { return a.node().configuration() == Node::Configuration::same; });
  // A reload on one node and soon on the other is nothing to tell.
  a.roster.set(&next, an_lbd(3, "two"), true);
  run_until([&] { return b.node().configuration() == Node::Configuration::another; });
  a.roster.remove(&first);
  b.roster.set(&next, an_lbd(4, "two"), true);
  run_until([&] { return a.node().configuration() == Node::Configuration::same; });
  run_for(base::Millis(1200));
  EXPECT_FALSE(a.node().drifted() || b.node().drifted());
  const base::MonoTime then = base::mono_now();
  b.roster.set(&next, an_lbd(5, "three"), true);
  run_until([&] { return a.node().drifted() && b.node().drifted(); });
  EXPECT_LT(base::mono_now() - then, base::Seconds(2));
  // Without anybody to compare with it stays told.
  b.roster.remove(&next);
  b.roster.remove(&first);
  run_until([&] { return a.node().configuration() == Node::Configuration::unknown; });
  EXPECT_TRUE(a.node().drifted());
  b.roster.set(&next, an_lbd(6, "two"), true);
  run_until([&] { return !a.node().drifted() && !b.node().drifted(); });
  a.nodes->stop();
  b.nodes->stop();
}

TEST_F(NodeTest, OrdersGoOverLinksThatProveSomethingOnly) {
  class Applyd final : public Witness {
   public:
    int asked = 0;

   private:
    std::optional<Refusal> ask(const tandem::Envelope&) override {
      ++asked;
      return Refusal{"heard", false};
    }
  };
  for (bool secret : {false, true}) {
    Side a(loop_, "a"), b(loop_, "b");
    if (secret) a.config.secret = b.config.secret = "0123456789abcdef";
    Applyd applyd;
    b.changes->add_applyd(applyd);
    a.listen();
    b.listen();
    a.start(b);
    b.start(a);
    run_until([&] { return a.node().in_sync() && b.node().in_sync(); });
    std::optional<tandem::ChangeReply> reply;
    tandem::ChangeRequest request;
    request.set_node("b");
    a.changes->order(request, "a", this, [&](const tandem::Envelope& said) { reply = said.change_reply(); });
    run_until([&] { return reply.has_value(); });
    EXPECT_EQ(applyd.asked, secret);
    if (secret)
      EXPECT_EQ(reply->error(), "heard");
    else
      EXPECT_NE(reply->error().find("over links with a secret or TLS only"), std::string::npos) << reply->error();
    a.nodes->stop();
    b.nodes->stop();
  }
}

TEST_F(NodeTest, TheViewOfTheOtherNodeComesOverTheLink) {
  Side a(loop_, "a"), b(loop_, "b");
  b.hello.clear_dialect();  // as versions before the question
  a.listen();
  b.listen();
  a.start(b);
  b.start(a);
  run_until([&] { return a.node().in_sync() && b.node().in_sync(); });
  const auto ask = [&](Side& side) {
    std::optional<tandem::View> view;
    tandem::ViewRequest request;
    request.set_patience_ms(5000);
    side.views.ask_nodes(request, this, [&](const tandem::Envelope& said) { view = said.views().nodes(0); });
    run_until([&] { return view.has_value(); });
    return *view;
  };
  EXPECT_EQ(ask(a).error(), "its syncd is of an older version (1) and does not tell");
  const tandem::View view = ask(b);
  EXPECT_EQ(view.error(), "");
  EXPECT_EQ(view.node(), "a");
  EXPECT_EQ(view.syncd().hello().node(), "a");
  EXPECT_EQ(view.lbd().error(), "not linked with its syncd");
  a.nodes->stop();
  b.nodes->stop();
}

TEST_F(NodeTest, AnotherNodeAtTheAddressIsNotTaken) {
  Side a(loop_, "a"), c(loop_, "c"), b(loop_, "b");
  a.listen();
  c.listen();
  b.config.listen[0].address = c.config.listen[0].address;
  a.start(b);
  c.start(a);
  run_until([&] { return !a.node().last_error().empty(); });
  EXPECT_NE(a.node().last_error().find("there is 'c' at"), std::string::npos) << a.node().last_error();
  EXPECT_FALSE(a.node().linked());
  a.nodes->stop();
  c.nodes->stop();
}

}  // namespace
}  // namespace syncd
