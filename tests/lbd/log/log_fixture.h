// A Unix datagram socket that plays the syslog server, and a configuration whose lines go there.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "lbd/log/targets.h"

namespace lbd::log {

struct LogFixture {
  std::string path = testing::TempDir() + "log_test." + std::to_string(::getpid());
  base::Fd receiver;
  config::Config config;
  cfg::Diagnostics diagnostics;

  LogFixture() {
    ::unlink(path.c_str());
    receiver = base::Fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    base::SockAddr address = base::SockAddr::unix_path(path);
    EXPECT_EQ(::bind(receiver.get(), address.sa(), address.length()), 0);
    base::syslog_identity().pid = 42;
  }
  ~LogFixture() { ::unlink(path.c_str()); }

  config::LogTarget line(int level = 7) {
    config::LogTarget target;
    target.target = path;
    target.level = level;
    return target;
  }
  config::Proxy& proxy(std::string name) {
    config.proxies.push_back(std::make_unique<config::Proxy>());
    config.proxies.back()->name = std::move(name);
    config.proxies.back()->mode = config::Mode::http;
    return *config.proxies.back();
  }
  // Each line without its date: "<134>haproxy[42]: text".
  std::vector<std::string> received() {
    std::vector<std::string> lines;
    char bytes[65536];
    ssize_t got;
    while ((got = ::recv(receiver.get(), bytes, sizeof bytes, 0)) > 0) {
      std::string line(bytes, static_cast<size_t>(got));
      while (!line.empty() && line.back() == '\n') line.pop_back();
      size_t priority = line.find('>');
      lines.push_back(line.substr(0, priority + 1) + line.substr(priority + 1 + 16));
    }
    return lines;
  }
};

}  // namespace lbd::log
