#include "lbd/net/net_namespace.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>

#include <cerrno>
#include <map>

namespace lbd::net {
namespace {

struct Namespaces {
  base::Fd own;
  std::map<std::string, base::Fd> named;
};

Namespaces& namespaces() {
  static Namespaces all;
  return all;
}

base::Fd make(int family, int type) {
  return base::Fd(::socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

}  // namespace

base::Status open_namespace(const std::string& name) {
  Namespaces& all = namespaces();
  if (all.named.contains(name)) return {};
  if (!all.own) all.own = base::Fd(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  base::Fd fd(::open(("/run/netns/" + name).c_str(), O_RDONLY | O_CLOEXEC));
  if (!all.own || !fd) return base::Err(base::Error::from_errno("Cannot open namespace '" + name + "'"));
  all.named.emplace(name, std::move(fd));
  return {};
}

base::Fd socket_in(const std::string& name, int family, int type) {
  if (name.empty()) [[likely]]
    return make(family, type);
  const Namespaces& all = namespaces();
  const auto found = all.named.find(name);
  if (found == all.named.end()) {
    errno = ENOENT;
    return {};
  }
  if (::setns(found->second.get(), CLONE_NEWNET) < 0) return {};
  base::Fd fd = make(family, type);
  const int error = errno;
  // The thread would do everything else at the wrong place.
  CHECK(::setns(all.own.get(), CLONE_NEWNET) == 0);
  errno = error;
  return fd;
}

}  // namespace lbd::net
