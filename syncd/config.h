// The configuration of syncd: one small file, the same on both nodes.
//
//   node lb1                          # the name of this node; the host's name when left out
//   peer lb1 192.0.2.1:7890           # the line with our own name says where to listen
//   peer lb2 192.0.2.2:7890
//   secret-file /etc/tandem/secret    # or certificate, key, ca-file
//
// Lexed as haproxy.cfg is (quotes, variables, .if); each word is a row in words.cc. With neither only loopback
// addresses are accepted, unless the file says allow-unauthenticated-peers.
// Life: read once at start, then immutable. Thread: any. Errors: all of a file, into Diagnostics.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/addr.h"
#include "base/log.h"
#include "cfg/diag.h"
#include "ipc/listener.h"
#include "syncd/tls.h"

namespace syncd {

struct Config {
  struct Place {
    base::SockAddr address;
    int fd = -1;  // inherited and listening, instead of the address
    cfg::Location location;
  };
  struct Peer {
    std::string name;
    Place place;
    uint32_t shard = 0;  // of tables that are in several; 0: it has all of them
  };
  std::string node;
  bool node_given = false;  // otherwise the host's name, or that which lbd goes by
  std::vector<Place> listen;
  std::vector<Peer> peers;  // without ourselves
  std::string socket = "/run/tandem/syncd.sock";
  // Nothing said: for ourselves, and for the group that lbd usually runs as where there is one (ipc/rights.h).
  std::optional<mode_t> socket_mode;
  std::string socket_user, socket_group;
  std::string secret_file;
  cfg::Location secret_location;
  std::string secret;
  std::string certificate_file, key_file, ca_file;
  cfg::Location certificate_location;
  std::shared_ptr<TlsContext> tls;  // of these; null: none are given
  bool allow_unauthenticated = false;
  base::Millis heartbeat{1000};
  uint32_t entries = 65536;
  uint32_t table_entries = 4'000'000;
  std::string snapshot;            // "": none is kept
  base::Millis snapshot_every{0};  // 0: at the stop only
  std::vector<base::SyslogOptions> logs;
  std::string pidfile, user, group;
};

inline constexpr size_t kShortestSecret = 16;

// Reads the file and the secret; nothing when the diagnostics have errors.
std::optional<Config> load(cfg::SourceSet& sources, const std::string& path, cfg::Diagnostics& diagnostics);

// The words that the file may hold, one a line: word, TAB, what it is.
std::string word_list();

bool is_loopback(const base::SockAddr& address);

}  // namespace syncd
