#include "lbd/net/socket.h"

#include <fcntl.h>
#include <grp.h>
#include <netinet/tcp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "lbd/net/net_namespace.h"

namespace lbd::net {
namespace {

using base::Err;
using base::Error;
using base::Fd;

constexpr int kMostBacklog = 65535;  // the kernel cuts it to net.core.somaxconn
constexpr uint32_t kMostPortsTried = 256;
constexpr uint32_t kKeep = ~0u;  // chown(2): leave as it is

bool set(int fd, int level, int option, int value) {
  return ::setsockopt(fd, level, option, &value, sizeof value) == 0;
}

Error cannot(std::string_view what, const config::BindAddress& address, int err = errno) {
  return Error::from_errno(std::string(what) + " [" + address.text + "]", err);
}

int backlog_of(const config::Bind& bind) {
  if (bind.backlog) return static_cast<int>(bind.backlog);
  return bind.maxconn ? static_cast<int>(bind.maxconn) : kMostBacklog;
}

// IP_TRANSPARENT needs a right that we may not have. To bind an address that the other node holds, FREEBIND is
// enough, and it needs none.
bool set_transparent(int fd, int family) {
  if (family == AF_INET6) return set(fd, IPPROTO_IPV6, IPV6_TRANSPARENT, 1) || set(fd, IPPROTO_IPV6, IPV6_FREEBIND, 1);
  return set(fd, IPPROTO_IP, IP_TRANSPARENT, 1) || set(fd, IPPROTO_IP, IP_FREEBIND, 1);
}

// Not bound yet.
base::Result<Fd> make_ip(int type, const config::Bind& bind, const config::BindAddress& address) {
  int family = address.address.family();
  Fd fd = socket_in(bind.namespace_name, family, type);
  if (!fd) return Err(cannot("cannot create socket", address));
  int s = fd.get();
  set(s, SOL_SOCKET, SO_REUSEADDR, 1);
  set(s, SOL_SOCKET, SO_REUSEPORT, 1);
  if (family == AF_INET6) set(s, IPPROTO_IPV6, IPV6_V6ONLY, bind.v4v6 && !bind.v6only ? 0 : 1);
  if (bind.transparent && !set_transparent(s, family)) return Err(cannot("cannot make listener transparent", address));
  if (!bind.interface.empty() && ::setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, bind.interface.c_str(),
                                              static_cast<socklen_t>(bind.interface.size() + 1)) < 0)
    return Err(cannot("cannot bind to interface " + bind.interface + " for", address));
  return fd;
}

base::Result<Fd> open_ip(const config::Bind& bind, const config::BindAddress& address) {
  Fd fd = TRY(make_ip(SOCK_STREAM, bind, address));
  int s = fd.get();
  if (bind.mss) set(s, IPPROTO_TCP, TCP_MAXSEG, static_cast<int>(bind.mss));
  if (bind.tcp_user_timeout.count() > 0)
    set(s, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(bind.tcp_user_timeout.count()));
  if (bind.defer_accept) set(s, IPPROTO_TCP, TCP_DEFER_ACCEPT, 60);
  if (bind.tfo) set(s, IPPROTO_TCP, TCP_FASTOPEN, 1024);
  set(s, IPPROTO_TCP, TCP_NODELAY, 1);  // accepted sockets inherit it: saves a call per connection
  if (::bind(s, address.address.sa(), address.address.length()) < 0) return Err(cannot("cannot bind socket", address));
  return fd;
}

struct Owner {
  uint32_t uid = kKeep, gid = kKeep;
};

base::Result<Owner> owner_of(const config::Bind& bind) {
  Owner owner{bind.uid.value_or(kKeep), bind.gid.value_or(kKeep)};
  if (!bind.user.empty()) {
    const passwd* entry = ::getpwnam(bind.user.c_str());
    if (!entry) return Err("unknown user '" + bind.user + "'");
    owner.uid = entry->pw_uid;
  }
  if (!bind.group.empty()) {
    const group* entry = ::getgrnam(bind.group.c_str());
    if (!entry) return Err("unknown group '" + bind.group + "'");
    owner.gid = entry->gr_gid;
  }
  return owner;
}

// Mode and owner are right before the name appears: bound under a temporary name, then renamed over an old socket, so
// that a client finds either the old or the new listener.
base::Status bind_unix(int fd, int type, const config::Bind& bind, const config::BindAddress& address) {
  std::string path = address.address.path();
  std::string temporary = path + "." + std::to_string(::getpid()) + ".tmp";
  base::SockAddr at = base::SockAddr::unix_path(temporary);
  if (at.path() != temporary) return Err("cannot bind UNIX socket [" + address.text + "]: path too long");
  Owner owner = TRY(owner_of(bind));
  ::unlink(temporary.c_str());
  if (::bind(fd, at.sa(), at.length()) < 0) return Err(cannot("cannot bind UNIX socket", address));
  bool named = (owner.uid == kKeep && owner.gid == kKeep) || ::chown(temporary.c_str(), owner.uid, owner.gid) == 0;
  named = named && (!bind.mode || ::chmod(temporary.c_str(), *bind.mode) == 0);
  named = named && (type != SOCK_STREAM || ::listen(fd, backlog_of(bind)) == 0) &&
          ::rename(temporary.c_str(), path.c_str()) == 0;
  if (named) return {};
  Err err(cannot("cannot set up UNIX socket", address));
  ::unlink(temporary.c_str());
  return err;
}

base::Result<Fd> open_unix(int type, const config::Bind& bind, const config::BindAddress& address) {
  Fd fd(::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return Err(cannot("cannot create socket", address));
  if (address.kind == config::BindAddress::Kind::unix) {
    TRY(bind_unix(fd.get(), type, bind, address));
    return fd;
  }
  if (::bind(fd.get(), address.address.sa(), address.address.length()) < 0)
    return Err(cannot("cannot bind socket", address));
  return fd;
}

// A socket that somebody else opened; clients may be waiting in it already. We work on a duplicate.
base::Result<Fd> adopt(const config::BindAddress& address) {
  Fd fd(::fcntl(address.fd, F_DUPFD_CLOEXEC, 3));
  if (!fd) return Err(cannot("cannot use inherited socket", address));
  TRY(Fd::set_nonblock(fd.get()));
  if (base::SockAddr::local_of(fd.get()).is_ip()) set(fd.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  return fd;
}

}  // namespace

void listen_again(int fd, const config::Bind& bind) {
  (void)::listen(fd, backlog_of(bind));
}

base::Result<std::vector<Fd>> open_listeners(const config::Bind& bind, const config::BindAddress& address,
                                             size_t count) {
  using Kind = config::BindAddress::Kind;
  std::vector<Fd> fds;
  if (address.kind == Kind::ip) {
    config::BindAddress at = address;
    for (size_t i = 0; i < count; ++i) {
      fds.push_back(TRY(open_ip(bind, at)));
      // Port 0: the kernel chose one; the other workers share it.
      if (at.address.port() == 0) at.address.set_port(base::SockAddr::local_of(fds.back().get()).port());
    }
  } else {
    bool adopted = address.kind == Kind::fd || address.kind == Kind::sockpair;
    fds.push_back(adopted ? TRY(adopt(address)) : TRY(open_unix(SOCK_STREAM, bind, address)));
    while (fds.size() < count) fds.push_back(TRY(fds.front().dup()));
    if (address.kind == Kind::sockpair) return fds;
  }
  for (Fd& fd : fds)
    if (::listen(fd.get(), backlog_of(bind)) < 0) return Err(cannot("cannot listen to socket", address));
  return fds;
}

base::Result<Fd> open_datagrams(const config::Bind& bind, const config::BindAddress& address) {
  if (address.kind != config::BindAddress::Kind::ip) return open_unix(SOCK_DGRAM, bind, address);
  Fd fd = TRY(make_ip(SOCK_DGRAM, bind, address));
  if (::bind(fd.get(), address.address.sa(), address.address.length()) < 0)
    return Err(cannot("cannot bind socket", address));
  return fd;
}

namespace {

void apply(int fd, const SocketOptions& options) {
  if (options.keepalive) {
    set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    const config::Keepalive& probes = options.probes;
    if (probes.count) set(fd, IPPROTO_TCP, TCP_KEEPCNT, static_cast<int>(probes.count));
    if (probes.idle.count() > 0) set(fd, IPPROTO_TCP, TCP_KEEPIDLE, static_cast<int>(probes.idle.count()));
    if (probes.interval.count() > 0) set(fd, IPPROTO_TCP, TCP_KEEPINTVL, static_cast<int>(probes.interval.count()));
  }
  if (options.receive_buffer) set(fd, SOL_SOCKET, SO_RCVBUF, static_cast<int>(options.receive_buffer));
  if (options.send_buffer) set(fd, SOL_SOCKET, SO_SNDBUF, static_cast<int>(options.send_buffer));
  if (options.not_sent_low) set(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, static_cast<int>(options.not_sent_low));
  if (options.mark) set_mark(fd, *options.mark);
  if (options.tos) set_tos(fd, *options.tos);
  if (options.no_linger) {
    const linger none{1, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
  }
}

// Another family's address cannot be bound; the system chooses then. Without the right to be transparent, an address
// of this machine can be bound nevertheless, and bind(2) refuses the others.
base::Status bind_from(int fd, int family, const base::IpPort& address, bool transparent) {
  base::SockAddr from(address);
  if (from.family() != family) return {};
  if (transparent)
    family == AF_INET6 ? set(fd, IPPROTO_IPV6, IPV6_TRANSPARENT, 1) : set(fd, IPPROTO_IP, IP_TRANSPARENT, 1);
  set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (address.port == 0) set(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  if (::bind(fd, from.sa(), from.length()) < 0) return Err(Error::from_errno("bind to source address"));
  return {};
}

}  // namespace

bool sign_segments(int fd, const base::SockAddr& peer, const std::string& key) {
  tcp_md5sig signature{};
  if (key.size() > sizeof signature.tcpm_key) {
    errno = EINVAL;
    return false;
  }
  std::memcpy(&signature.tcpm_addr, peer.sa(), peer.length());
  signature.tcpm_keylen = static_cast<uint16_t>(key.size());
  key.copy(reinterpret_cast<char*>(signature.tcpm_key), key.size());
  return ::setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, &signature, sizeof signature) == 0;
}

namespace {

base::Result<Fd> connect_from(const base::SockAddr& to, const ConnectOptions& options, const base::IpPort* from) {
  Fd fd = options.net_namespace ? socket_in(*options.net_namespace, to.family(), SOCK_STREAM)
                                : Fd(::socket(to.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return Err(Error::from_errno("socket"));
  int s = fd.get();
  if (to.is_ip()) {
    set(s, IPPROTO_TCP, TCP_NODELAY, 1);
    apply(s, options.socket);
    if (options.signature && !sign_segments(s, to, *options.signature))
      return Err(Error::from_errno("sign the connection"));
    if (options.tcp_user_timeout.count() > 0)
      set(s, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(options.tcp_user_timeout.count()));
    if (options.source && !options.source->interface.empty())
      ::setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, options.source->interface.data(),
                   static_cast<socklen_t>(options.source->interface.size()));
    if (from) TRY(bind_from(s, to.family(), *from, from == options.shown));
  }
  if (::connect(s, to.sa(), to.length()) < 0 && errno != EINPROGRESS) return Err(Error::from_errno("connect"));
  return fd;
}

}  // namespace

base::Result<Fd> start_connect(const base::SockAddr& to, const ConnectOptions& options) {
  const config::Source* source = options.source;
  if (options.shown || !source || !source->last_port)
    return connect_from(to, options, options.shown ? options.shown : source ? &source->address : nullptr);
  // A range of ports: from any place on, the next one that is free towards this server.
  const uint32_t first = source->address.port, count = source->last_port - first + 1u;
  const auto start = static_cast<uint32_t>(base::mono_now().time_since_epoch().count() >> 10);
  base::Result<Fd> fd = Err("no port of the source's range is free");
  for (uint32_t i = 0; i < std::min(count, kMostPortsTried); ++i) {
    base::IpPort from{source->address.ip, static_cast<uint16_t>(first + (start + i) % count)};
    fd = connect_from(to, options, &from);
    if (fd || (fd.error().sys != EADDRINUSE && fd.error().sys != EADDRNOTAVAIL)) break;
  }
  return fd;
}

void tune_accepted(int fd, const SocketOptions& options) {
  apply(fd, options);
}

void set_mark(int fd, uint32_t mark) {
  set(fd, SOL_SOCKET, SO_MARK, static_cast<int>(mark));
}

// The one that is not of the socket's family is refused.
void set_tos(int fd, uint32_t tos) {
  set(fd, IPPROTO_IP, IP_TOS, static_cast<int>(tos));
  set(fd, IPPROTO_IPV6, IPV6_TCLASS, static_cast<int>(tos));
}

void make_silent(int fd, std::optional<uint8_t> ttl) {
  if (!ttl && set(fd, IPPROTO_TCP, TCP_REPAIR, 1)) return;
  set(fd, IPPROTO_IP, IP_TTL, ttl.value_or(1));
  set(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, ttl.value_or(1));
}

}  // namespace lbd::net
