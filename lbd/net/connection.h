// Connection: one socket with its watcher, its timer and what waits to be read and written. It knows bytes, not
// messages; what carries messages derives from it.
//
// Reading is watched all the time (no epoll_ctl per request): while nobody wants bytes, the watch is dropped only if
// bytes do come. Writing is tried at once and watched only when the socket is full. Activity stamps a deadline
// instead of re-arming a timer. An idle connection holds no buffer.
//
// Owner: derived classes say. Thread: its worker's. Life: close() ends the socket at once; the object goes through
// the graveyard. Errors: kept as state (wire_input(), output_failed()), looked at by the owner.
#pragma once

#include "base/fd.h"
#include "base/lazy_timer.h"
#include "lbd/net/io.h"
#include "lbd/net/transport.h"

namespace lbd::net {

class Connection : public Mortal {
 public:
  Connection(Io& io, base::Fd fd, Transport& transport);
  ~Connection() override;

  enum class Wire : uint8_t { open, end, failed };  // the direction towards us
  Wire wire_input() const { return input_; }
  bool output_failed() const { return output_failed_; }
  int last_errno() const { return errno_; }
  bool closed() const { return !fd_; }
  int fd() const { return fd_.get(); }
  size_t unsent() const { return tx_.size(); }
  // The socket was full and has not made room since.
  bool output_blocked() const { return (watch_.events() & EV_WRITE) != 0; }
  Io& io() const { return io_; }

  // Inactivity allowed from now on; zero or negative: any.
  void set_timeout(base::Nanos timeout) {
    if (timeout.count() <= 0) return clear_timeout();
    timeout_ = timeout;
    touch();
  }
  // A moment that activity does not move.
  void set_deadline(base::MonoTime when) {
    timeout_ = base::Nanos::zero();
    timer_.set(when);
  }
  void clear_timeout() {
    timeout_ = base::Nanos::zero();
    timer_.clear();
  }
  base::MonoTime deadline() const { return timer_.deadline(); }
  void touch() {
    if (timeout_.count() > 0) timer_.set(io_.loop.now() + timeout_);
  }

  void pause_reading() { paused_ = true; }
  void resume_reading() {
    paused_ = false;
    if (input_ != Wire::open || !fd_) return;
    if (!(watch_.events() & EV_READ)) watch(watch_.events() | EV_READ);
    if (more_at_hand_) read_again();
  }
  bool paused() const { return paused_; }

 protected:
  virtual void on_readable() = 0;
  virtual void on_writable() = 0;  // the socket has room, or is connected
  virtual void on_timeout() = 0;

  enum class Got : uint8_t { bytes, nothing, end, error };
  // One read to the end of rx_. Adapts the size of chunks to the flow.
  Got receive();
  // From now on through another transport, which the connection owns; handshake() before the first byte.
  void change_transport(Transport& transport);
  // Nothing: it goes on with on_readable(), or on_writable() if a write of its own had no room.
  Got handshake();
  // Sends tx_; what the socket does not take is watched for, and on_writable() comes when it has room.
  enum class Sent : uint8_t { all, blocked, error };
  Sent send(bool more = false);
  void watch(int events) { watch_.start(fd_.get(), events); }
  // on_readable() is called in this turn though nothing may have come: for bytes that wait in rx_.
  void read_again() { watch_.feed(EV_READ); }
  void shutdown_write();
  // Before a close() that is no surprise: the peer may then know that nothing was cut.
  void say_goodbye() {
    if (fd_ && !output_shut_ && !output_failed_) transport_->say_goodbye(fd_.get());
  }
  void close(bool reset = false);  // reset: RST instead of FIN
  // For another process: nobody here reads or writes it any more, and its peer learns nothing of that.
  base::Fd give_away();
  void input_ended(Wire how);
  void note_output_failed(int err) {
    output_failed_ = true;
    errno_ = err;
  }

  Io& io_;
  base::Fd fd_;
  Transport* transport_;
  base::Buffer rx_, tx_;

 private:
  void on_io(int revents);

  base::IoWatcher watch_;
  base::LazyTimer timer_;
  base::Nanos timeout_{0};
  int errno_ = 0;
  Wire input_ = Wire::open;
  bool output_failed_ = false;
  bool output_shut_ = false;
  bool paused_ = false;
  bool more_at_hand_ = false;     // read by the transport, and the socket will not announce it
  bool read_wants_room_ = false;  // to go on reading, the transport must write
  void learn_size(size_t got, size_t room);
  void wait_for_more(const IoResult& result);
  base::ChunkPool::Size read_size_ = base::ChunkPool::Size::usual;  // of the next chunk to read into
  uint8_t small_reads_ = 0;                                         // in a row
};

}  // namespace lbd::net
