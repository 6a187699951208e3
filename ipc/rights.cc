#include "ipc/rights.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/process.h"

namespace ipc {
namespace {

constexpr const char* kUsualGroup = "haproxy";

}  // namespace

SocketOwner usual_owner() {
  if (geteuid() != 0) return {};
  const auto group = base::find_group(kUsualGroup);
  return group ? SocketOwner{.mode = 0660, .gid = *group} : SocketOwner();
}

bool is_trusted_user(int socket) {
  ucred who{};
  socklen_t size = sizeof who;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return false;
  return who.uid == 0 || who.uid == geteuid();
}

}  // namespace ipc
