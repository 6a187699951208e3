// Two stores of parts over a real channel.
#include "replica/part_link.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

namespace replica {
namespace {

class Node final : public ipc::ChannelEvents, public LinkEvents {
 public:
  explicit Node(base::Loop& loop) : hello(ipc::make_hello(tandem::ROLE_SYNCD, "1", "n")) {
    static uint64_t generation = 1;
    hello.set_generation(generation++);
    hello.add_streams(kPartStream);
    link = std::make_unique<PartLink>(loop, store, hello.generation(), *this);
  }
  void put(std::string_view table, std::string_view key, uint64_t version) {
    store.put({.table = table, .key = key, .value = "v", .origin = 1, .version = version, .node = "n"}, 0, 1);
  }
  size_t known(std::string_view table) {
    size_t count = 0;
    PartStore::Cursor cursor(store);
    cursor.rewind(0);
    while (const auto* part = cursor.next()) count += store.tables()[part->table()] == table;
    return count;
  }
  std::string on_hello(ipc::Channel& from, const tandem::Hello& theirs) override {
    link->attach(from, theirs, confidential);
    return "";
  }
  void on_envelope(ipc::Channel&, const tandem::Envelope& envelope) override {
    parts_in += static_cast<size_t>(envelope.parts().parts_size());
    link->take(envelope);
  }
  void on_writable(ipc::Channel&) override { link->on_writable(); }
  void on_closed(ipc::Channel&, const std::string&) override { link->detach(); }
  void on_broken(const std::string& reason) override { channel->abort(reason); }
  void on_withheld() override { ++withheld; }
  bool complete() const { return link->stream().complete(); }
  PartStore store{100000};
  tandem::Hello hello;
  std::unique_ptr<PartLink> link;
  std::unique_ptr<ipc::Channel> channel;
  bool confidential = false;
  size_t parts_in = 0;
  int withheld = 0;
};

class PartLinkTest : public testing::Test {
 protected:
  void connect() {
    int fds[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
    a_->channel = std::make_unique<ipc::Channel>(loop_, base::Fd(fds[0]), a_->hello, options_, counters_, *a_);
    b_->channel = std::make_unique<ipc::Channel>(loop_, base::Fd(fds[1]), b_->hello, options_, counters_, *b_);
    run_until([&] { return a_->complete() && b_->complete(); });
  }
  void disconnect() {
    for (Node* node : {a_.get(), b_.get()}) {
      node->link->detach();
      node->channel.reset();
    }
  }
  template <typename Until>
  void run_until(Until until) {
    base::MonoTime give_up = base::mono_now() + base::Seconds(10);
    while (!until() && base::mono_now() < give_up) loop_.run_once();
    EXPECT_TRUE(until());
  }
  base::Loop loop_;
  ipc::ChannelOptions options_;
  ipc::LinkCounters counters_;
  std::unique_ptr<Node> a_ = std::make_unique<Node>(loop_), b_ = std::make_unique<Node>(loop_);
};

TEST_F(PartLinkTest, EachHasWhatTheOtherHasAndHearsNothingOfItsOwn) {
  for (uint64_t i = 0; i < 3000; ++i) a_->put("t", "a" + std::to_string(i), 1);
  b_->put("t", "b", 1);
  connect();
  EXPECT_EQ(a_->known("t"), 3001u);
  EXPECT_EQ(b_->known("t"), 3001u);
  EXPECT_EQ(a_->parts_in, 1u);
  EXPECT_EQ(b_->parts_in, 3000u);
}

TEST_F(PartLinkTest, WhoForgotWhatItToldIsToldIt) {
  b_->put("t", "b", 1);
  connect();
  disconnect();
  b_ = std::make_unique<Node>(loop_);
  connect();
  EXPECT_EQ(b_->known("t"), 1u);
  // And after a link that only broke nothing is told anew.
  disconnect();
  b_->parts_in = a_->parts_in = 0;
  a_->put("t", "news", 1);
  connect();
  EXPECT_EQ(b_->parts_in, 1u);
  EXPECT_EQ(a_->parts_in, 0u);
}

TEST_F(PartLinkTest, SecretsGoOnlyWhereNobodyListens) {
  a_->put("secret/sessions", "id", 1);
  a_->put("secret/sessions", "id2", 1);
  a_->put("t", "k", 1);
  connect();
  EXPECT_EQ(a_->withheld, 1) << "told once";
  EXPECT_EQ(b_->withheld, 0);
  EXPECT_EQ(b_->known("secret/sessions"), 0u);
  EXPECT_EQ(b_->known("t"), 1u);
  disconnect();
  a_ = std::make_unique<Node>(loop_);
  a_->put("secret/sessions", "id", 2);
  a_->confidential = true;
  connect();
  EXPECT_EQ(b_->known("secret/sessions"), 0u) << "nor are they taken over a link where others listen";
  disconnect();
  b_ = std::make_unique<Node>(loop_);
  b_->confidential = true;
  connect();
  EXPECT_EQ(b_->known("secret/sessions"), 1u);
}

}  // namespace
}  // namespace replica
