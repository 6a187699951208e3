#include "lbd/handover.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/addr.h"
#include "base/strings.h"

namespace lbd {
namespace {

constexpr size_t kMostPerMessage = 200;  // the kernel allows 253
constexpr int kPatienceMs = 3000;        // for an old process that does not answer

base::Result<base::Fd> ask(const std::string& path, std::string_view question) {
  base::SockAddr address = base::SockAddr::unix_path(path);
  base::Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd || ::connect(fd.get(), address.sa(), address.length()) < 0)
    return base::Err(base::Error::from_errno("connecting to " + path));
  if (::send(fd.get(), question.data(), question.size(), MSG_NOSIGNAL) < 0)
    return base::Err(base::Error::from_errno("asking " + path));
  return fd;
}

}  // namespace

std::vector<base::Fd> ListenerStock::take(std::string_view key) {
  std::vector<base::Fd> found;
  for (HandedSocket& socket : sockets_)
    if (socket.key == key && socket.fd) found.push_back(std::move(socket.fd));
  return found;
}

std::string key_of(const config::Bind& bind, const config::BindAddress& address) {
  switch (address.kind) {
    case config::BindAddress::Kind::ip:
      return fmt::format("{}{}{}{}", address.address.to_string(), bind.interface.empty() ? "" : "%" + bind.interface,
                         bind.v4v6 ? "+v4" : "", bind.namespace_name.empty() ? "" : " in " + bind.namespace_name);
    case config::BindAddress::Kind::unix:
    case config::BindAddress::Kind::abstract:
    case config::BindAddress::Kind::abstract_short:
      return address.text;
    case config::BindAddress::Kind::fd:
    case config::BindAddress::Kind::sockpair:
      break;
  }
  return {};
}

base::Status send_sockets(int to, std::string_view prefix, const std::vector<NamedSocket>& sockets) {
  for (size_t at = 0; at < sockets.size(); at += kMostPerMessage) {
    size_t count = std::min(kMostPerMessage, sockets.size() - at);
    std::string text(prefix);
    std::vector<int> fds;
    for (size_t i = at; i < at + count; ++i) {
      text += sockets[i].key + "\n";
      fds.push_back(sockets[i].fd);
    }
    std::vector<char> control(CMSG_SPACE(count * sizeof(int)));
    iovec piece{text.data(), text.size()};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    std::memcpy(CMSG_DATA(header), fds.data(), count * sizeof(int));
    if (::sendmsg(to, &message, MSG_NOSIGNAL) != static_cast<ssize_t>(text.size()))
      return base::Err(base::Error::from_errno("handing over listening sockets"));
  }
  return {};
}

base::Result<Parcel> receive_parcel(int from, int flags) {
  Parcel parcel;
  std::vector<char> text(65536);
  std::vector<char> control(CMSG_SPACE(253 * sizeof(int)));
  iovec piece{text.data(), text.size()};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t got = ::recvmsg(from, &message, flags | MSG_CMSG_CLOEXEC);
  if (got < 0) return base::Err(base::Error::from_errno("receiving listening sockets"));
  parcel.text.assign(text.data(), static_cast<size_t>(got));
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; ++i) {
      int fd;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
      parcel.fds.emplace_back(fd);
    }
  }
  return parcel;
}

base::Result<std::vector<HandedSocket>> fetch_sockets(const std::string& path) {
  base::Fd fd = TRY(ask(path, "_getsocks\n"));
  std::string text;
  std::vector<base::Fd> fds;
  while (true) {
    pollfd waiting{fd.get(), POLLIN, 0};
    if (::poll(&waiting, 1, kPatienceMs) <= 0) return base::Err(path + " does not answer");
    Parcel parcel = TRY(receive_parcel(fd.get(), 0));
    if (parcel.text.empty()) break;
    text += parcel.text;
    for (base::Fd& one : parcel.fds) fds.push_back(std::move(one));
  }
  std::vector<HandedSocket> sockets;
  for (std::string_view line : base::split(text, '\n')) {
    if (sockets.size() == fds.size()) break;
    sockets.push_back({std::string(line), std::move(fds[sockets.size()])});
  }
  if (sockets.empty()) return base::Err(path + " hands no sockets over (expose-fd listeners?)");
  return sockets;
}

// Other programs, and earlier versions, do not know the question.
Predecessor reach_predecessor(const std::string& path) {
  auto fd = ask(path, "_inherit\n");
  if (!fd) return {};
  pollfd waiting{fd->get(), POLLIN, 0};
  if (::poll(&waiting, 1, kPatienceMs) <= 0) return {};
  auto parcel = receive_parcel(fd->get(), 0);
  if (!parcel || parcel->fds.size() != 1) return {};
  const auto pid = base::parse_int<pid_t>(std::string_view(parcel->text).substr(0, parcel->text.find('\n')));
  return pid ? Predecessor{std::move(parcel->fds[0]), *pid} : Predecessor{};
}

base::Fd take_descriptor(const char* variable) {
  const char* number = ::getenv(variable);
  if (!number) return {};
  const auto fd = base::parse_int<int>(number);
  ::unsetenv(variable);
  if (!fd || ::fcntl(*fd, F_SETFD, FD_CLOEXEC) < 0) return {};
  return base::Fd(*fd);
}

std::string stock_variable(const std::vector<HandedSocket>& sockets) {
  std::string text = fmt::format("{}=", kStockVariable);
  for (const HandedSocket& socket : sockets) text += fmt::format("{}={}\n", socket.key, socket.fd.get());
  return text;
}

std::vector<HandedSocket> stock_from_environment() {
  std::vector<HandedSocket> sockets;
  const char* text = ::getenv(kStockVariable);
  if (!text) return sockets;
  for (std::string_view line : base::split(text, '\n')) {
    size_t equals = line.rfind('=');
    if (equals == std::string_view::npos) continue;
    auto fd = base::parse_int<int>(line.substr(equals + 1));
    if (fd && ::fcntl(*fd, F_SETFD, FD_CLOEXEC) == 0)
      sockets.push_back({std::string(line.substr(0, equals)), base::Fd(*fd)});
  }
  ::unsetenv(kStockVariable);
  return sockets;
}

}  // namespace lbd
