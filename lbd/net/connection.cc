#include "lbd/net/connection.h"

#include <sys/socket.h>

namespace lbd::net {
namespace {

constexpr uint8_t kSmallReads = 4;

}  // namespace

Connection::Connection(Io& io, base::Fd fd, Transport& transport)
    : io_(io), fd_(std::move(fd)), transport_(&transport), watch_(io.loop), timer_(io.loop) {
  ++io_.sockets;
  watch_.bind<&Connection::on_io>(this);
  timer_.bind<&Connection::on_timeout>(this);
}

Connection::~Connection() {
  transport_->release();
  if (fd_) --io_.sockets;
}

void Connection::on_io(int revents) {
  if (revents & EV_WRITE) {
    on_writable();
    if (read_wants_room_ && fd_) {
      read_wants_room_ = false;
      revents |= EV_READ;
    }
  }
  if (!(revents & EV_READ) || !fd_) return;
  if (paused_ || input_ != Wire::open) {
    watch(watch_.events() & ~EV_READ);
    return;
  }
  on_readable();
}

// A read that fills its room asks for a larger chunk next time; several in a row that would have fitted easily into a
// smaller one ask for that. One alone says little: it may be the end of a message.
void Connection::learn_size(size_t got, size_t room) {
  using Size = base::ChunkPool::Size;
  if (got == room) {
    read_size_ = read_size_ == Size::usual ? Size::medium : Size::large;
    small_reads_ = 0;
    return;
  }
  if (read_size_ == Size::usual) return;
  size_t small = read_size_ == Size::large ? base::ChunkPool::kMedium / 2 : io_.chunks.chunk_size() / 2;
  if (got > small) {
    small_reads_ = 0;
  } else if (++small_reads_ == kSmallReads) {
    read_size_ = read_size_ == Size::large ? Size::medium : Size::usual;
    small_reads_ = 0;
  }
}

Connection::Got Connection::receive() {
  std::span<char> room = rx_.reserve(io_.chunks, 512, read_size_);
  IoResult result = transport_->read(fd_.get(), room);
  switch (result.state) {
    case IoResult::State::ok:
      rx_.commit(result.bytes);
      learn_size(result.bytes, room.size());
      more_at_hand_ = result.more;
      if (more_at_hand_) [[unlikely]]
        read_again();
      touch();
      return Got::bytes;
    case IoResult::State::blocked:
      rx_.release_unused();
      wait_for_more(result);
      return Got::nothing;
    case IoResult::State::end:
      rx_.release_unused();
      input_ended(Wire::end);
      return Got::end;
    case IoResult::State::error:
      break;
  }
  rx_.release_unused();
  errno_ = result.error;
  input_ended(Wire::failed);
  return Got::error;
}

// What a read that brought nothing leaves to be waited for.
void Connection::wait_for_more(const IoResult& result) {
  more_at_hand_ = false;
  read_wants_room_ = result.wants_room;
  if (read_wants_room_) watch(watch_.events() | EV_WRITE);
}

void Connection::change_transport(Transport& transport) {
  transport_->release();
  transport_ = &transport;
}

Connection::Got Connection::handshake() {
  IoResult result = transport_->handshake(fd_.get());
  switch (result.state) {
    case IoResult::State::ok:
      more_at_hand_ = result.more;
      if (more_at_hand_) read_again();
      return Got::bytes;
    case IoResult::State::blocked:
      wait_for_more(result);
      return Got::nothing;
    case IoResult::State::end:
      input_ended(Wire::end);
      return Got::end;
    case IoResult::State::error:
      break;
  }
  errno_ = result.error;
  input_ended(Wire::failed);
  return Got::error;
}

void Connection::input_ended(Wire how) {
  input_ = how;
  if (fd_) watch(watch_.events() & ~EV_READ);
}

Connection::Sent Connection::send(bool more) {
  while (!tx_.empty() && !output_failed_) {
    struct iovec pieces[16];
    size_t count = tx_.iovecs(pieces, 16);
    size_t offered = 0;
    for (size_t i = 0; i < count; ++i) offered += pieces[i].iov_len;
    IoResult result = transport_->write(fd_.get(), pieces, static_cast<int>(count), more);
    if (result.state == IoResult::State::ok) {
      tx_.consume(result.bytes);
      touch();
      if (result.bytes == offered) continue;
      result.state = IoResult::State::blocked;
    }
    if (result.state == IoResult::State::blocked) {
      watch(watch_.events() | EV_WRITE);
      return Sent::blocked;
    }
    note_output_failed(result.error);
    tx_.clear();
  }
  if (fd_ && watch_.events() & EV_WRITE) watch(watch_.events() & ~EV_WRITE);
  return output_failed_ ? Sent::error : Sent::all;
}

void Connection::shutdown_write() {
  if (output_shut_ || !fd_) return;
  output_shut_ = true;
  transport_->shutdown_write(fd_.get());
}

void Connection::close(bool reset) {
  if (!fd_) return;
  timeout_ = base::Nanos::zero();
  timer_.clear();
  watch_.stop();
  if (reset) {
    struct linger none = {1, 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &none, sizeof none);
  }
  fd_.reset();
  --io_.sockets;
  rx_.clear();
  tx_.clear();
}

base::Fd Connection::give_away() {
  timeout_ = base::Nanos::zero();
  timer_.clear();
  watch_.stop();
  rx_.clear();
  tx_.clear();
  if (fd_) --io_.sockets;
  return std::move(fd_);
}

}  // namespace lbd::net
