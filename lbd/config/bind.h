// A `bind` line (and a `stats socket` line, which takes the same words), typed. One line may name several addresses
// and port ranges; each (address, port) becomes one BindAddress. Manual: section 5.1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/addr.h"
#include "base/time.h"
#include "cfg/statement.h"
#include "lbd/config/tls.h"

namespace lbd::config {

struct BindAddress {
  enum class Kind : uint8_t { ip, unix, abstract, abstract_short, fd, sockpair };
  Kind kind = Kind::ip;
  base::SockAddr address;  // ip: address and port; unix, abstract: path or name
  int fd = -1;             // fd@N, sockpair@N
  std::string host;        // a name that link() resolves into `address`, of `family` if it is given, with `port`
  base::Family family = base::Family::none;
  uint16_t port = 0;
  bool wildcard = false;  // '*' or nothing before the port
  uint32_t number = 0;    // of the listener in its proxy, from 1 on; set by link()
  std::string text;       // as written, for messages
};

enum class CliLevel : uint8_t { user, operator_, admin };

struct Bind {
  std::vector<BindAddress> addresses;
  cfg::Location location;
  std::string name;
  uint32_t id = 0;  // the number that was asked for; 0: none
  uint32_t maxconn = 0;
  uint32_t backlog = 0;
  int32_t nice = 0;
  int32_t mss = 0;  // negative: the offered size less so much
  base::Millis tcp_user_timeout{0};
  std::string interface;
  bool accept_proxy = false;
  bool transparent = false, v4v6 = false, v6only = false;
  bool defer_accept = false, tfo = false;
  std::optional<uint32_t> mode;  // of a Unix socket
  std::string user, group;
  std::optional<uint32_t> uid, gid;
  std::string shards, proto, severity_output, namespace_name, guid, label;
  uint64_t threads = 0;                   // that accept: bit 0 is the first; 0: all
  std::optional<uint32_t> netscaler_cip;  // accept-netscaler-cip: its magic number
  // stats socket
  CliLevel level = CliLevel::operator_;
  bool expose_listeners = false;
  bool ssl = false;
  BindTls tls;
};

}  // namespace lbd::config
