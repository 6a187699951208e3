// Channel: frames with descriptors between an lbd that goes and the one that comes after it (proto/succession.proto).
//
// Life: from a connected stream socket of the Unix domain to on_closed(), which is the last call, comes from the loop
// and may destroy the channel. What is sent and not yet taken waits here; destroying it sends what goes at once.
// Thread: that of the loop. Errors: bytes that are no frame, a frame that is too large or lacks its descriptors, and a
// peer that closes end the channel with a reason.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/ev.h"
#include "base/fd.h"
#include "ipc/frame.h"
#include "proto/succession.pb.h"

namespace lbd::heir {

inline constexpr uint32_t kLanguage = 1;

using Descriptors = std::vector<base::Fd>;

// How many descriptors travel with a frame.
size_t descriptors_of(const tandem::Bequest& bequest);

class ChannelEvents {
 public:
  virtual void on_bequest(tandem::Bequest& bequest, Descriptors fds) = 0;
  virtual void on_closed(const std::string& reason) = 0;

 protected:
  ~ChannelEvents() = default;
};

class Channel {
 public:
  static constexpr size_t kFrameLimit = 4 << 20;
  static constexpr size_t kMostDescriptors = 1024;  // that have come and whose frames have not

  Channel(base::Loop& loop, base::Fd fd, ChannelEvents& events);
  ~Channel();
  void send(const tandem::Bequest& bequest, Descriptors fds = {});
  // Sends what waits, however long the peer takes, but not longer than `most`.
  void flush(base::Nanos most);
  bool open() const { return static_cast<bool>(fd_); }
  bool empty() const { return out_.empty(); }

 private:
  struct Piece {
    std::string bytes;
    Descriptors fds;  // travel with its first byte
    size_t sent = 0;
  };
  void on_io(int revents);
  bool receive();
  bool take();
  bool write();
  bool fail(std::string reason);

  base::IoWatcher io_;
  base::Fd fd_;
  ChannelEvents& events_;
  ipc::FrameDecoder decoder_{kFrameLimit};
  std::deque<base::Fd> came_;
  std::deque<Piece> out_;
  std::string failure_;
};

}  // namespace lbd::heir
