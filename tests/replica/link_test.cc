// Two stores that replicate over a real channel.
#include "replica/link.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "replica/server_state.h"

namespace replica {
namespace {

using namespace server_state;

class Node final : public ipc::ChannelEvents, public LinkEvents {
 public:
  Node(base::Loop& loop, const char* name, size_t limit = 1000)
      : store(limit, origin_of(name)), hello(ipc::make_hello(tandem::ROLE_SYNCD, "1", name)) {
    static uint64_t generation = 1;
    hello.set_generation(generation++);
    link = std::make_unique<Link>(loop, store, hello.generation(), *this);
  }
  void set_weight(const std::string& server, uint32_t weight, base::WallTime now = base::wall_now()) {
    EXPECT_TRUE(store.write(key("b", server), {{kWeight, weight}}, now));
  }
  uint64_t weight(const std::string& server) const {
    const Record* record = store.find(key("b", server));
    return record ? record->entry.value(kWeight).value_or(888) : 999;
  }
  std::string on_hello(ipc::Channel& from, const tandem::Hello& theirs) override {
    link->attach(from, theirs.generation());
    return "";
  }
  void on_envelope(ipc::Channel&, const tandem::Envelope& envelope) override {
    envelopes += link->take(envelope);
    updates += envelope.has_update();
  }
  void on_writable(ipc::Channel&) override { link->on_writable(); }
  void on_closed(ipc::Channel&, const std::string&) override { link->detach(); }
  void on_complete() override { ++completed; }
  void on_broken(const std::string& reason) override {
    broken = reason;
    channel->abort(reason);
  }
  Store store;
  tandem::Hello hello;
  std::unique_ptr<Link> link;
  std::unique_ptr<ipc::Channel> channel;
  int completed = 0, envelopes = 0, updates = 0;
  std::string broken;
};

class LinkTest : public testing::Test {
 protected:
  void connect() {
    int fds[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
    a_->channel = std::make_unique<ipc::Channel>(loop_, base::Fd(fds[0]), a_->hello, options_, counters_, *a_);
    b_->channel = std::make_unique<ipc::Channel>(loop_, base::Fd(fds[1]), b_->hello, options_, counters_, *b_);
  }
  void disconnect() {
    for (Node* node : {a_.get(), b_.get()}) {
      node->link->detach();
      node->channel.reset();
    }
  }
  void restart(std::unique_ptr<Node>& node, const char* name) {
    disconnect();
    node = std::make_unique<Node>(loop_, name);
    connect();
  }
  template <typename Until>
  void run_until(Until until) {
    base::MonoTime give_up = base::mono_now() + base::Seconds(10);
    while (!until() && base::mono_now() < give_up) loop_.run_once();
    EXPECT_TRUE(until());
  }
  void settle() {
    run_until([&] { return a_->link->session().complete() && b_->link->session().complete(); });
    run_until([&] { return a_->link->owed(1) == 0 && b_->link->owed(1) == 0; });
  }

  base::Loop loop_;
  ipc::ChannelOptions options_;
  ipc::LinkCounters counters_;
  std::unique_ptr<Node> a_ = std::make_unique<Node>(loop_, "a"), b_ = std::make_unique<Node>(loop_, "b");
};

TEST_F(LinkTest, EachTeachesTheOther) {
  a_->set_weight("s1", 1);
  b_->set_weight("s2", 2);
  connect();
  settle();
  EXPECT_EQ(b_->weight("s1"), 1u);
  EXPECT_EQ(a_->weight("s2"), 2u);
  EXPECT_EQ(a_->completed, 1);
  EXPECT_EQ(b_->completed, 1);
}

TEST_F(LinkTest, ChangesFollow) {
  connect();
  settle();
  a_->set_weight("s1", 1);
  run_until([&] { return b_->weight("s1") == 1; });
  b_->set_weight("s1", 2);
  run_until([&] { return a_->weight("s1") == 2; });
  settle();
  EXPECT_EQ(a_->updates, 1) << "nothing comes back to who told it";
  EXPECT_EQ(b_->updates, 1);
}

TEST_F(LinkTest, ABurstIsOneUpdate) {
  connect();
  settle();
  for (uint32_t i = 1; i <= 200; ++i) a_->set_weight("s1", i);
  run_until([&] { return b_->weight("s1") == 200; });
  EXPECT_EQ(b_->updates, 1);
}

TEST_F(LinkTest, MoreThanAWindow) {
  for (uint32_t i = 0; i < 900; ++i) a_->set_weight("s" + std::to_string(i), i % 256);
  connect();
  settle();
  EXPECT_EQ(b_->store.size(), 900u);
  EXPECT_EQ(b_->weight("s899"), 899u % 256);
}

TEST_F(LinkTest, APartitionHealsWithWhatChangedOnly) {
  for (uint32_t i = 0; i < 100; ++i) a_->set_weight("s" + std::to_string(i), 1);
  connect();
  settle();
  disconnect();
  a_->set_weight("s5", 5);
  b_->set_weight("s6", 6);
  a_->set_weight("s7", 70);
  b_->set_weight("s7", 71, base::wall_now() + std::chrono::seconds(1));  // later, also for a clock of microseconds
  a_->updates = b_->updates = 0;
  connect();
  settle();
  EXPECT_EQ(b_->weight("s5"), 5u);
  EXPECT_EQ(a_->weight("s6"), 6u);
  EXPECT_EQ(a_->weight("s7"), 71u);
  EXPECT_EQ(b_->weight("s7"), 71u);
  EXPECT_LE(a_->updates, 2);
  EXPECT_LE(b_->updates, 2);
}

TEST_F(LinkTest, ARestartedNodeIsTaughtWhatItOnceTold) {
  b_->set_weight("s1", 9);
  connect();
  settle();
  EXPECT_EQ(a_->weight("s1"), 9u);
  restart(b_, "b");
  settle();
  EXPECT_EQ(b_->weight("s1"), 9u);
  b_->set_weight("s1", 10);
  run_until([&] { return a_->weight("s1") == 10; });
}

TEST_F(LinkTest, ABreakInTheMiddleOfTeaching) {
  for (uint32_t i = 0; i < 900; ++i) a_->set_weight("s" + std::to_string(i), 1);
  connect();
  run_until([&] { return b_->store.size() > 100; });
  EXPECT_LT(b_->store.size(), 900u);
  disconnect();
  int before = b_->updates;
  connect();
  settle();
  EXPECT_EQ(b_->store.size(), 900u);
  EXPECT_EQ(b_->updates, 900) << "what had arrived before the break (" << before << ") is not sent again";
}

TEST_F(LinkTest, AFullStoreLeavesOutAndGoesOn) {
  b_ = std::make_unique<Node>(loop_, "b", 10);
  for (uint32_t i = 0; i < 20; ++i) a_->set_weight("s" + std::to_string(i), 1);
  connect();
  settle();
  EXPECT_EQ(b_->store.size(), 10u);
  EXPECT_EQ(b_->link->counters().rejected.get(), 10u);
  a_->set_weight("s0", 7);
  run_until([&] { return b_->weight("s0") == 7; });
}

TEST_F(LinkTest, NonsenseBreaksTheLinkWithAReason) {
  connect();
  settle();
  tandem::Envelope bad;
  bad.mutable_update()->set_sequence(1);
  bad.mutable_update()->mutable_entry()->mutable_server_state()->set_backend("b");
  a_->channel->send(bad);
  run_until([&] { return !b_->broken.empty(); });
  EXPECT_EQ(b_->broken, "a server state without backend or server");
  EXPECT_EQ(b_->store.size(), 0u);
}

}  // namespace
}  // namespace replica
