#include "ipc/listener.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ipc {
namespace {

constexpr int kBacklog = 64;
constexpr base::Millis kNap{100};
constexpr int kAcceptsPerTurn = 64;

base::Error failed(const std::string& path) {
  return base::Error::from_errno(fmt::format("socket {}", path));
}

}  // namespace

pid_t serving_pid(const std::string& path) {
  if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path)) return 0;
  base::Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  base::SockAddr address = base::SockAddr::unix_path(path);
  if (!fd || (connect(fd.get(), address.sa(), address.length()) < 0 && errno != EAGAIN)) return 0;
  ucred who{};
  socklen_t length = sizeof who;
  return getsockopt(fd.get(), SOL_SOCKET, SO_PEERCRED, &who, &length) == 0 ? who.pid : 0;
}

base::Result<BoundUnix> bind_unix(const std::string& path, const SocketOwner& owner) {
  if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path) - 12)
    return base::Err(fmt::format("socket path '{}' is empty or too long", path));
  struct stat info {};
  if (lstat(path.c_str(), &info) == 0 && !S_ISSOCK(info.st_mode))
    return base::Err(fmt::format("{} exists and is no socket", path));
  size_t slash = path.rfind('/');
  std::string place = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  mkdir(place.c_str(), 0755);  // /run/tandem does not outlive a reboot
  base::Fd directory(open(place.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return base::Err(failed(path));
  std::string beside = fmt::format("{}.{}", path, getpid());
  base::Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return base::Err(failed(path));
  unlink(beside.c_str());
  base::SockAddr address = base::SockAddr::unix_path(beside);
  // Nobody but us until mode and owner are set.
  mode_t before = umask(0177);
  int bound = bind(fd.get(), address.sa(), address.length());
  umask(before);
  if (bound < 0) return base::Err(failed(path));
  auto give_up = [&] {
    base::Error error = failed(path);
    unlink(beside.c_str());
    return base::Err(std::move(error));
  };
  if ((owner.uid || owner.gid) &&
      chown(beside.c_str(), owner.uid.value_or(static_cast<uid_t>(-1)), owner.gid.value_or(static_cast<gid_t>(-1))) < 0)
    return give_up();
  if (chmod(beside.c_str(), owner.mode) < 0) return give_up();
  if (::listen(fd.get(), kBacklog) < 0) return give_up();
  if (stat(beside.c_str(), &info) < 0 || rename(beside.c_str(), path.c_str()) < 0) return give_up();
  return BoundUnix{std::move(fd), std::move(directory), path.substr(slash + 1), info.st_ino};
}

Listener::Listener(base::Loop& loop, ListenerEvents& events) : io_(loop), nap_(loop), events_(events) {
  io_.bind<&Listener::on_io>(this);
  nap_.bind<&Listener::on_nap_over>(this);
}

Listener::~Listener() {
  stop();
}

base::Status Listener::listen_unix(const std::string& path, const SocketOwner& owner) {
  listen(TRY(bind_unix(path, owner)));
  return {};
}

void Listener::listen(BoundUnix socket) {
  stop();
  unix_ = std::move(socket);
  fd_ = std::move(unix_.fd);
  // Once more, since whoever listens last is whom serving_pid() names: we may have gone to the background since.
  ::listen(fd_.get(), kBacklog);
  io_.start(fd_.get(), EV_READ);
}

base::Status Listener::listen_tcp(const base::SockAddr& address) {
  auto failure = [&] { return base::Err(base::Error::from_errno(fmt::format("listen {}", address.to_string()))); };
  base::Fd fd(socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return failure();
  int on = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address.family() == AF_INET6) setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  // The address may be one that the node gets later.
  setsockopt(fd.get(), IPPROTO_IP, IP_FREEBIND, &on, sizeof on);
  if (bind(fd.get(), address.sa(), address.length()) < 0 || ::listen(fd.get(), kBacklog) < 0) return failure();
  stop();
  fd_ = std::move(fd);
  io_.start(fd_.get(), EV_READ);
  return {};
}

base::Status Listener::listen_fd(int fd) {
  int listening = 0;
  socklen_t length = sizeof listening;
  if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) < 0 || !listening)
    return base::Err(fmt::format("descriptor {} is no listening socket", fd));
  TRY(base::Fd::set_nonblock(fd));
  TRY(base::Fd::set_cloexec(fd));
  stop();
  fd_ = base::Fd(fd);
  io_.start(fd_.get(), EV_READ);
  return {};
}

std::optional<ino_t> Listener::inode_at_our_place() const {
  struct stat info {};
  if (!unix_.directory || fstatat(unix_.directory.get(), unix_.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) < 0) return {};
  return info.st_ino;
}

bool Listener::replaced() const {
  auto inode = inode_at_our_place();
  return inode && *inode != unix_.inode;
}

void Listener::stop() {
  io_.stop();
  nap_.stop();
  if (inode_at_our_place() == unix_.inode) unlinkat(unix_.directory.get(), unix_.name.c_str(), 0);
  unix_ = {};
  fd_.reset();
}

void Listener::on_io() {
  for (int i = 0; i < kAcceptsPerTurn && fd_; ++i) {
    sockaddr_storage from{};
    socklen_t length = sizeof from;
    base::Fd fd(accept4(fd_.get(), reinterpret_cast<sockaddr*>(&from), &length, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno == EAGAIN) return;
      io_.stop();
      nap_.start_after(kNap);
      return;
    }
    if (from.ss_family != AF_UNIX) {
      int on = 1;
      setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    events_.on_accept(std::move(fd), base::SockAddr::from_raw(reinterpret_cast<sockaddr*>(&from), length));
  }
}

void Listener::on_nap_over() {
  if (fd_) io_.start(fd_.get(), EV_READ);
}

}  // namespace ipc
