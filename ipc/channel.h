// Channel: one connection over which envelopes travel: framing, the hello, heartbeats, bounded queues, and between
// nodes TLS or a seal. What runs over it and who connects again is Client's and Server's business.
//
// Life: from a connected socket to on_closed(), which is the last call and may destroy the channel; close() ends it
// from this side without a call. Events never come from inside send() or close(). Thread: that of the loop.
// Errors: hostile or broken bytes (too long, no protobuf, no hello, wrong protocol, wrong seal) are counted in
// `malformed` and close the connection with a reason; silence beyond `silence` too; so does a peer that lets more than
// `queue_limit` bytes pile up. Who has much to say waits for on_writable() instead.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/ev.h"
#include "base/fd.h"
#include "base/lazy_timer.h"
#include "base/metric.h"
#include "ipc/frame.h"
#include "ipc/seal.h"
#include "ipc/wrap.h"
#include "proto/envelope.pb.h"

namespace ipc {

inline constexpr uint32_t kProtocol = 1;
// Hello.dialect: what is understood since when.
inline constexpr uint32_t kViewsDialect = 1;
inline constexpr uint32_t kChangesDialect = 2;
inline constexpr uint32_t kDialect = kChangesDialect;

struct LinkCounters {
  base::Counter connections, frames_in, frames_out, bytes_in, bytes_out, malformed, refused, silent;
};

struct ChannelOptions {
  size_t frame_limit = 1 << 20;
  size_t queue_limit = 16 << 20;
  base::Nanos heartbeat = base::Seconds(1);
  base::Nanos silence = base::Seconds(5);  // 0: no limit
  bool key_exchange = false;               // between nodes: the hello has the share of one
  const WrapMaker* wrap = nullptr;         // between nodes: TLS, which proves both before the hello
  bool accepts = false;                    // of the wrap: the peer connected to us
};

class Channel;

class ChannelEvents {
 public:
  // The reason to refuse the peer, "" to accept it.
  virtual std::string on_hello(Channel& channel, const tandem::Hello& hello) = 0;
  virtual void on_envelope(Channel& channel, const tandem::Envelope& envelope) = 0;
  // What was queued is with the kernel.
  virtual void on_writable(Channel&) {}
  virtual void on_closed(Channel& channel, const std::string& reason) = 0;

 protected:
  ~ChannelEvents() = default;
};

// The hello of this process; `generation` differs from start to start.
tandem::Hello make_hello(tandem::Role role, std::string_view version, std::string_view node = {});
std::string_view role_name(tandem::Role role);

class Channel {
 public:
  Channel(base::Loop& loop, base::Fd fd, const tandem::Hello& own, const ChannelOptions& options,
          LinkCounters& counters, ChannelEvents& events);
  ~Channel();

  void send(const tandem::Envelope& envelope);
  // A goodbye as far as the kernel takes it at once, then the end.
  void close(std::string_view reason, bool successor = false);
  // Ends it as a failure would: a goodbye, then on_closed() from the loop.
  void abort(const std::string& reason);
  bool open() const { return static_cast<bool>(fd_); }
  size_t queued() const { return out_.size() - written_; }

  // From the next frame on in that direction.
  void seal_outgoing(std::string key, SealKind kind = SealKind::mac) { seal_out_.emplace(std::move(key), kind); }
  void seal_incoming(std::string key, SealKind kind = SealKind::mac) { seal_in_.emplace(std::move(key), kind); }
  // Both ends can encrypt.
  bool may_encrypt() const { return exchange_ && peer_.seal() >= kEncryptingSeal; }
  const KeyExchange* exchange() const { return exchange_ ? &*exchange_ : nullptr; }
  // Null where there is none.
  const Wrap* wrap() const { return wrap_.get(); }
  void set_frame_limit(size_t limit) { decoder_.set_limit(limit); }
  // The hellos as the payloads of their frames.
  const std::string& own_hello() const { return own_hello_; }
  const std::string& peer_hello() const { return peer_hello_; }
  const tandem::Hello& peer() const { return peer_; }
  int fd() const { return fd_.get(); }

 private:
  void on_io(int revents);
  void on_heartbeat();
  void on_silence();
  bool read_some();
  bool unwrap(std::string_view bytes);
  bool take_all(std::string_view bytes);
  bool flush();
  bool take(std::string_view payload);
  bool fail(std::string reason);
  void tell_closed();
  bool malformed(std::string_view what);

  base::IoWatcher io_;
  base::Timer heartbeat_;
  base::LazyTimer silence_;
  base::Fd fd_;
  const ChannelOptions options_;
  LinkCounters& counters_;
  ChannelEvents& events_;
  FrameDecoder decoder_;
  std::optional<FrameSeal> seal_out_, seal_in_;
  std::optional<KeyExchange> exchange_;
  std::unique_ptr<Wrap> wrap_;
  tandem::Hello peer_;
  std::string own_hello_, peer_hello_;
  bool greeted_ = false;
  bool sent_since_heartbeat_ = false;
  std::string out_;
  size_t written_ = 0;
  std::string failure_;        // told from the loop
  std::string goodbye_;        // the peer's last words
  bool* destroyed_ = nullptr;  // set while an event handler runs
};

}  // namespace ipc
