#include "lbd/heir/channel.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

namespace lbd::heir {
namespace {

constexpr size_t kReadSize = 128 * 1024;
constexpr size_t kReadsPerTurn = 16;
constexpr size_t kMostUnsent = 4;       // pieces
constexpr size_t kMostOfMessage = 253;  // descriptors; the kernel's limit

}  // namespace

size_t descriptors_of(const tandem::Bequest& bequest) {
  if (bequest.body_case() != tandem::Bequest::kConnection) return 0;
  return bequest.connection().has_tunnel() ? 2 : 1;
}

Channel::Channel(base::Loop& loop, base::Fd fd, ChannelEvents& events)
    : io_(loop), fd_(std::move(fd)), events_(events) {
  io_.bind<&Channel::on_io>(this);
  io_.start(fd_.get(), EV_READ);
}

Channel::~Channel() {
  if (fd_ && failure_.empty()) (void)write();
}

void Channel::send(const tandem::Bequest& bequest, Descriptors fds) {
  if (!fd_ || !failure_.empty()) return;
  if (out_.empty() || !fds.empty() || out_.back().bytes.size() > kReadSize) out_.emplace_back();
  ipc::append_frame(out_.back().bytes, bequest.SerializeAsString());
  if (!fds.empty()) out_.back().fds = std::move(fds);
  io_.start(fd_.get(), EV_READ | EV_WRITE);
  // Who has much to say does not come back to the loop for long.
  if (out_.size() > kMostUnsent) (void)write();
}

void Channel::flush(base::Nanos most) {
  const base::MonoTime end = base::mono_now() + most;
  while (fd_ && write() && !out_.empty()) {
    const int64_t left = base::to_millis(end - base::mono_now());
    pollfd room{fd_.get(), POLLOUT, 0};
    if (left <= 0 || ::poll(&room, 1, static_cast<int>(left)) <= 0) return;
  }
}

// Told from the loop.
bool Channel::fail(std::string reason) {
  if (failure_.empty()) {
    failure_ = std::move(reason);
    io_.feed(EV_READ);
  }
  return false;
}

bool Channel::write() {
  while (!out_.empty()) {
    Piece& piece = out_.front();
    iovec bytes{piece.bytes.data() + piece.sent, piece.bytes.size() - piece.sent};
    msghdr message{};
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    alignas(cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))] = {};
    if (piece.sent == 0 && !piece.fds.empty()) {
      message.msg_control = control;
      message.msg_controllen = CMSG_SPACE(piece.fds.size() * sizeof(int));
      cmsghdr* header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN(piece.fds.size() * sizeof(int));
      for (size_t i = 0; i < piece.fds.size(); ++i) {
        const int number = piece.fds[i].get();
        std::memcpy(CMSG_DATA(header) + i * sizeof(int), &number, sizeof number);
      }
    }
    const ssize_t n = ::sendmsg(fd_.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    // Too many descriptors are on the way: the peer has to take some first.
    if (n < 0 && (errno == EAGAIN || errno == ETOOMANYREFS)) return true;
    if (n < 0) return fail(base::Error::from_errno("write").text);
    piece.fds.clear();
    piece.sent += static_cast<size_t>(n);
    if (piece.sent == piece.bytes.size()) out_.pop_front();
  }
  return true;
}

bool Channel::take() {
  for (;;) {
    auto payload = decoder_.next();
    if (!payload) return fail("malformed: " + payload.error().text);
    if (!*payload) return true;
    tandem::Bequest bequest;
    if (!bequest.ParseFromArray((*payload)->data(), static_cast<int>((*payload)->size())))
      return fail("malformed: no bequest");
    const size_t wanted = descriptors_of(bequest);
    if (came_.size() < wanted) return fail("malformed: descriptors are missing");
    Descriptors fds;
    for (size_t i = 0; i < wanted; ++i) {
      fds.push_back(std::move(came_.front()));
      came_.pop_front();
    }
    events_.on_bequest(bequest, std::move(fds));
    if (!failure_.empty()) return false;
  }
}

bool Channel::receive() {
  std::vector<char> bytes(kReadSize);
  for (size_t i = 0; i < kReadsPerTurn; ++i) {
    alignas(cmsghdr) char control[CMSG_SPACE(kMostOfMessage * sizeof(int))];
    iovec piece{bytes.data(), bytes.size()};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t n = ::recvmsg(fd_.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return true;
    if (n < 0) return fail(base::Error::from_errno("read").text);
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
      if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
      const size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      for (size_t at = 0; at < count; ++at) {
        int number;
        std::memcpy(&number, CMSG_DATA(header) + at * sizeof(int), sizeof number);
        came_.emplace_back(number);
      }
    }
    if (message.msg_flags & MSG_CTRUNC) return fail("no descriptors are left");
    if (n == 0) return fail("closed");
    if (came_.size() > kMostDescriptors) return fail("malformed: more descriptors than frames");
    decoder_.feed({bytes.data(), static_cast<size_t>(n)});
    if (!take()) return false;
  }
  return true;
}

void Channel::on_io(int revents) {
  if (failure_.empty() && (revents & EV_WRITE) && write() && out_.empty()) io_.start(fd_.get(), EV_READ);
  if (failure_.empty() && (revents & EV_READ)) (void)receive();
  if (failure_.empty()) return;
  io_.stop();
  fd_.reset();
  events_.on_closed(failure_);  // may destroy this
}

}  // namespace lbd::heir
