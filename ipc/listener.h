// Listener: a listening Unix or TCP socket that hands over accepted connections, non-blocking and close-on-exec.
//
// A Unix path is taken over atomically: the new socket is bound beside it and renamed onto it, so that during a reload
// there is no moment without a listener; a path that is in the way and no socket is left alone. Whether somebody may
// be displaced is for the caller to decide (serving_pid()). A missing directory is made. The file is removed again
// unless another process has taken it over meanwhile (replaced()).
// When descriptors run out, accepting pauses for 100 ms instead of spinning.
// Life: from listen() to destruction. Thread: that of the loop. Errors: Status from listen().
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>

#include "base/addr.h"
#include "base/ev.h"
#include "base/fd.h"
#include "base/result.h"

namespace ipc {

struct SocketOwner {
  mode_t mode = 0600;
  std::optional<uid_t> uid{};
  std::optional<gid_t> gid{};
};

// The process that listens at the path; 0 when nobody does.
pid_t serving_pid(const std::string& path);

// A listening Unix socket that nobody accepts from yet: opened while the process may still write to the directory. The
// directory stays open, so that it is found in a chroot as well.
struct BoundUnix {
  base::Fd fd, directory;
  std::string name;  // in the directory
  ino_t inode = 0;
};
base::Result<BoundUnix> bind_unix(const std::string& path, const SocketOwner& owner = {});

class ListenerEvents {
 public:
  virtual void on_accept(base::Fd fd, const base::SockAddr& peer) = 0;

 protected:
  ~ListenerEvents() = default;
};

class Listener {
 public:
  Listener(base::Loop& loop, ListenerEvents& events);
  ~Listener();
  base::Status listen_unix(const std::string& path, const SocketOwner& owner = {});
  void listen(BoundUnix socket);
  base::Status listen_tcp(const base::SockAddr& address);
  // A socket that was inherited, listening already.
  base::Status listen_fd(int fd);
  void stop();
  bool listening() const { return static_cast<bool>(fd_); }
  // Another process serves our path now.
  bool replaced() const;
  base::SockAddr address() const { return base::SockAddr::local_of(fd_.get()); }

 private:
  void on_io();
  void on_nap_over();
  std::optional<ino_t> inode_at_our_place() const;
  base::IoWatcher io_;
  base::Timer nap_;
  ListenerEvents& events_;
  base::Fd fd_;
  BoundUnix unix_;  // of a Unix socket: where it is; its fd is fd_
};

}  // namespace ipc
