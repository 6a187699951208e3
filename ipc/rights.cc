#include "ipc/rights.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/process.h"

namespace ipc {
namespace {

constexpr const char* kUsualGroups[] = {"tandem", "haproxy"};

bool may_give_to(gid_t group) {
  return geteuid() == 0 || getegid() == group || group_member(group) != 0;
}

}  // namespace

SocketOwner usual_owner() {
  for (const char* name : kUsualGroups)
    if (const auto group = base::find_group(name); group && may_give_to(*group))
      return SocketOwner{.mode = 0660, .gid = *group};
  return {};
}

bool is_trusted_user(int socket) {
  ucred who{};
  socklen_t size = sizeof who;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return false;
  return who.uid == 0 || who.uid == geteuid();
}

}  // namespace ipc
