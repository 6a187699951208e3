// Who may connect to the Unix socket of a daemon, and who has.
// Thread: any one. Errors: none; a peer whose user the kernel does not tell is nobody.
#pragma once

#include "ipc/listener.h"

namespace ipc {

// Where nothing else is configured: its own user, and the group in which the daemons meet: of "tandem" and "haproxy"
// the first that there is, and that it is in if it is not root's.
SocketOwner usual_owner();
// Root, or our own user: for what moves addresses, which not everybody may who may read.
bool is_trusted_user(int socket);

}  // namespace ipc
