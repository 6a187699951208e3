// Who may connect to the Unix socket of a daemon, and who has.
// Thread: any one. Errors: none; a peer whose user the kernel does not tell is nobody.
#pragma once

#include "ipc/listener.h"

namespace ipc {

// Where nothing else is configured: its own user, and, of a daemon of root, the group "haproxy" where there is one.
SocketOwner usual_owner();
// Root, or our own user: for what moves addresses, which not everybody may who may read.
bool is_trusted_user(int socket);

}  // namespace ipc
