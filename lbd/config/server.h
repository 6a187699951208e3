// A `server` line, `default-server` and `server-template`, typed. Manual: section 5.2.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/addr.h"
#include "base/time.h"
#include "cfg/statement.h"
#include "lbd/config/check_spec.h"
#include "lbd/config/tls.h"

namespace lbd::config {

struct ServerCheck {
  bool enabled = false;
  base::Millis inter{2000};
  std::optional<base::Millis> fastinter, downinter;
  uint32_t rise = 2, fall = 3;
  std::string address;  // `addr`
  uint16_t port = 0;    // `port`, 0: that of the server
  bool send_proxy = false, via_socks4 = false, ssl = false;
  std::string sni, alpn, proto, pool_conn_name, section;
  bool reuse_pool = false, sni_auto = false;
  const CheckSpec* spec = nullptr;  // that of `section`; null: that of the proxy
};

struct AgentCheck {
  base::Millis inter{0};  // 0: two seconds
  std::string address, send;
  uint16_t port = 0;
};

// `source`: where connections to servers come from.
struct Source {
  base::IpPort address;    // port 0: any
  uint16_t last_port = 0;  // of a range of ports that starts at address.port; 0: none
  std::string interface;
  // usesrc: what the server sees instead, bound transparently. `header`: the address in the occurrence-th value of a
  // request header, from the end if negative.
  enum class Shown : uint8_t { own, address, client, client_ip, header } shown = Shown::own;
  base::IpPort shown_address;
  std::string header;  // lower-case
  int32_t occurrence = -1;
};

// What a PROXY v2 header tells of the client's TLS.
struct ProxyTls {
  static constexpr uint8_t kTls = 1, kCommonName = 2, kKey = 4, kSignature = 8, kCipher = 16;
};

struct Server {
  std::string name;
  uint32_t id = 0;      // 0: numbered automatically (from 1)
  bool own_id = false;  // its line says so
  cfg::Location location, address_location;
  std::string address_text;                       // as written
  base::SockAddr address;                         // family AF_UNSPEC: `host` is still to be resolved
  std::string host;                               // a name, when it is not an address
  base::Family host_family = base::Family::none;  // what ipv4@ or ipv6@ before the name demands
  uint16_t port = 0;
  // `host` without port, or `:+100` and `:-100`: the client's port, shifted
  enum class PortMap : uint8_t { fixed, same, offset } port_map = PortMap::fixed;
  int32_t port_offset = 0;
  uint32_t weight = 1;
  uint32_t maxconn = 0, minconn = 0, maxqueue = 0;  // 0: no limit
  bool backup = false, disabled = false, non_stick = false, no_backup = false;
  std::string cookie, redir;
  base::Millis slowstart{0};
  uint8_t send_proxy = 0;                                      // 0, 1 (v1), 2 (v2)
  bool proxy_v2_checksum = false, proxy_v2_unique_id = false;  // proxy-v2-options
  uint8_t proxy_v2_tls = 0;                                    // likewise: bits of ProxyTls
  bool proxy_v2_authority = false;                             // likewise
  std::optional<Source> source;
  std::string init_addr, resolvers, track, proto, namespace_name, ws;
  int32_t pool_max_conn = -1;  // idle connections kept, -1: no limit
  uint32_t pool_low_conn = 0, max_reuse = ~0u;
  base::Millis pool_purge_delay{5000};
  base::Millis tcp_user_timeout{0};
  bool tfo = false;
  ServerCheck check;
  std::string observe, on_error, on_marked_down, on_marked_up;
  uint32_t error_limit = 10;
  bool agent_check = false;
  AgentCheck agent;
  base::Family resolve_prefer = base::Family::v6;
  std::vector<base::IpPrefix> resolve_net;  // whose addresses are preferred
  bool resolve_allow_dup = false;           // several servers of a name may have the same address
  bool resolve_ignore_weight = false;       // weights of SRV records do not count
  // The name is that of SRV records, which give names, ports and weights.
  bool srv() const { return host.starts_with('_') && !resolvers.empty(); }
  struct Socks4 {
    base::IpPort address;
    std::string host;  // a name that link() looks up for the address, of `family` if it is given
    base::Family family = base::Family::none;
  };
  std::optional<Socks4> socks4;  // through this proxy
  std::string log_proto, guid;
  enum class HashKey : uint8_t { id, address, address_port };
  HashKey hash_key = HashKey::id;
  std::string init_state, shard, tcp_md5sig;
  base::Millis idle_ping{0};
  uint32_t log_bufsize = 0;
  bool strict_maxconn = false;
  std::vector<cfg::Statement> expressions;  // pool-conn-name, set-proxy-v2-tlv-fmt(…): compiled by the rules
  bool from_template = false;
  bool ssl = false;
  ServerTls tls;
};

}  // namespace lbd::config
