// Handover: listening sockets from one process to the next, so that a client that waits in a socket's queue is served
// by whoever holds the socket, and none is lost at a reload.
//
// A socket travels under its key, which says what it listens on. The worker of a master gives its sockets to the
// master, which starts the next worker with them; -x asks an old process for them on its runtime socket (which must
// have `expose-fd listeners`). On the wire: descriptors as SCM_RIGHTS, their keys as lines of text, in the same order.
// Thread: main, control. Errors: Result; what is not handed over is opened anew.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "lbd/config/bind.h"

namespace lbd {

struct HandedSocket {
  std::string key;
  base::Fd fd;
};

// The sockets that a process got from its predecessor.
class ListenerStock {
 public:
  ListenerStock() = default;
  explicit ListenerStock(std::vector<HandedSocket> sockets) : sockets_(std::move(sockets)) {}
  // All of this key, none the second time.
  std::vector<base::Fd> take(std::string_view key);
  size_t size() const { return sockets_.size(); }

 private:
  std::vector<HandedSocket> sockets_;
};

// "" for addresses that are not handed over, because the process inherits them anyway.
std::string key_of(const config::Bind& bind, const config::BindAddress& address);

struct NamedSocket {
  std::string key;
  int fd;
};

// `prefix` starts the text of each message.
base::Status send_sockets(int to, std::string_view prefix, const std::vector<NamedSocket>& sockets);

// One received message: its text, and the descriptors that came with it. Empty and without descriptors: the end.
struct Parcel {
  std::string text;
  std::vector<base::Fd> fds;
};
base::Result<Parcel> receive_parcel(int from, int flags);

// -x: the sockets of the process whose runtime socket this is.
base::Result<std::vector<HandedSocket>> fetch_sockets(const std::string& path);

// -x: the way to everything else that this process has (lbd/heir), and its pid.
struct Predecessor {
  base::Fd fd;  // none: it has nothing to tell
  pid_t pid = 0;
};
Predecessor reach_predecessor(const std::string& path);

// The descriptor whose number stands in a variable of the environment, once; none where it does not.
base::Fd take_descriptor(const char* variable);

// Through an exec: the variable that names them, "key=fd" in lines, and what is found in it.
inline constexpr const char* kStockVariable = "TANDEM_LISTENERS";
std::string stock_variable(const std::vector<HandedSocket>& sockets);
std::vector<HandedSocket> stock_from_environment();

}  // namespace lbd
