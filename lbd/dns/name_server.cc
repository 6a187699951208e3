#include "lbd/dns/name_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>

#include "lbd/dns/message.h"

namespace lbd::dns {
namespace {

// Questions that a TCP connection has not taken; a name server that is so far behind gets no more.
constexpr size_t kMaxWaiting = 256 * 1024;

}  // namespace

NameServer::NameServer(base::Loop& loop, const config::NameServer& config, Client& client)
    : config_(config), client_(client), udp_io_(loop), tcp_io_(loop) {
  udp_io_.bind<&NameServer::on_datagram>(this);
  tcp_io_.bind<&NameServer::on_stream>(this);
}

// Connected also when it is UDP: the kernel then keeps from us what others send.
base::Fd NameServer::open(int type) const {
  const base::SockAddr address(config_.address);
  base::Fd fd(::socket(address.family(), type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return {};
  if (::connect(fd.get(), address.sa(), address.length()) < 0 && errno != EINPROGRESS) return {};
  return fd;
}

bool NameServer::ask_over_udp(std::string_view query) {
  if (!udp_) {
    udp_ = open(SOCK_DGRAM);
    if (udp_) udp_io_.start(udp_.get(), EV_READ);
  }
  // The first send after an ICMP error only reports that.
  bool sent = false;
  for (int attempt = 0; attempt < 2 && udp_ && !sent; ++attempt)
    sent = ::send(udp_.get(), query.data(), query.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(query.size());
  ++(sent ? counters.sent : counters.send_errors);
  if (!sent) {
    udp_io_.stop();
    udp_.reset();
  }
  return sent;
}

void NameServer::on_datagram() {
  std::array<char, kMaxMessage> message;
  for (;;) {
    const ssize_t size = ::recv(udp_.get(), message.data(), message.size(), 0);
    if (size < 0 && (errno == EINTR || errno == ECONNREFUSED)) continue;
    if (size < 0) return;
    client_.answered(*this, {message.data(), static_cast<size_t>(size)}, false);
  }
}

bool NameServer::ask_over_stream(std::string_view query) {
  if (!tcp_) {
    tcp_ = open(SOCK_STREAM);
    if (!tcp_) {
      ++counters.send_errors;
      return false;
    }
    const int on = 1;
    ::setsockopt(tcp_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  if (out_.size() + query.size() > kMaxWaiting) {
    ++counters.send_errors;
    return false;
  }
  out_ += static_cast<char>(query.size() >> 8);
  out_ += static_cast<char>(query.size());
  out_ += query;
  ++counters.sent;
  tcp_io_.start(tcp_.get(), EV_READ | EV_WRITE);
  return true;
}

void NameServer::on_stream(int revents) {
  if ((revents & EV_WRITE) && !send_waiting()) return close_stream();
  if ((revents & EV_READ) && !receive()) return close_stream();
}

bool NameServer::send_waiting() {
  const ssize_t sent = ::send(tcp_.get(), out_.data(), out_.size(), MSG_NOSIGNAL);
  if (sent < 0) return errno == EAGAIN || errno == EINTR;
  out_.erase(0, static_cast<size_t>(sent));
  if (out_.empty()) tcp_io_.start(tcp_.get(), EV_READ);
  return true;
}

bool NameServer::receive() {
  std::array<char, 16384> piece;
  const ssize_t size = ::recv(tcp_.get(), piece.data(), piece.size(), 0);
  if (size < 0) return errno == EAGAIN || errno == EINTR;
  if (size == 0) return false;
  in_.append(piece.data(), static_cast<size_t>(size));
  size_t at = 0;
  while (in_.size() - at >= 2) {
    const size_t length = static_cast<size_t>(static_cast<uint8_t>(in_[at])) << 8 | static_cast<uint8_t>(in_[at + 1]);
    if (in_.size() - at - 2 < length) break;
    client_.answered(*this, std::string_view(in_).substr(at + 2, length), true);
    at += 2 + length;
  }
  in_.erase(0, at);
  return true;
}

void NameServer::close_stream() {
  tcp_io_.stop();
  tcp_.reset();
  out_.clear();
  in_.clear();
}

}  // namespace lbd::dns
