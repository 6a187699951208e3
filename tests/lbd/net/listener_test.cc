#include "lbd/net/listener.h"

#include <gtest/gtest.h>

#include <vector>

#include "lbd/net/socket.h"

namespace lbd::net {
namespace {

struct Door : AcceptHandler {
  bool accepted(base::Fd fd, const base::SockAddr&) override {
    clients.push_back(std::move(fd));
    if (pause_after && clients.size() == pause_after) listener->pause();
    return true;
  }
  std::vector<base::Fd> clients;
  size_t pause_after = 0;
  Listener* listener = nullptr;
};

struct Fixture {
  Fixture() {
    config::BindAddress at;
    at.address = base::SockAddr(base::IpPort{*base::IpAddr::parse("127.0.0.1"), 0});
    fds = std::move(*open_listeners(config::Bind{}, at, 1));
    address = base::SockAddr::local_of(fds[0].get());
  }
  void connect(int count) {
    for (int i = 0; i < count; ++i) outside.push_back(std::move(*start_connect(address, {})));
  }
  std::vector<base::Fd> fds, outside;
  base::SockAddr address;
  base::Loop loop;
  Door door;
};

TEST(Listener, TakesAFewATurn) {
  Fixture f;
  Listener listener(f.loop, std::move(f.fds[0]), f.door, 2);
  f.connect(5);
  f.loop.run_once();
  EXPECT_EQ(f.door.clients.size(), 2u);
  while (f.door.clients.size() < 5) f.loop.run_once();
}

TEST(Listener, PausedItLeavesClientsInTheQueue) {
  Fixture f;
  Listener listener(f.loop, std::move(f.fds[0]), f.door, 10);
  f.door.listener = &listener;
  f.door.pause_after = 1;
  f.connect(3);
  for (int i = 0; i < 3; ++i) f.loop.run_nowait();
  EXPECT_EQ(f.door.clients.size(), 1u);
  f.door.pause_after = 0;
  listener.resume();
  while (f.door.clients.size() < 3) f.loop.run_once();
}

}  // namespace
}  // namespace lbd::net
