#include "snmp/runtime_client.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

namespace snmp {

RuntimeClient::RuntimeClient(base::Loop& loop, std::string path, base::Nanos deadline)
    : path_(std::move(path)), deadline_(deadline), io_(loop), timer_(loop) {
  io_.bind<&RuntimeClient::on_io>(this);
  timer_.bind<&RuntimeClient::on_deadline>(this);
}

void RuntimeClient::ask(std::string command, Answer answer) {
  questions_.push_back({std::move(command) + "\n", std::move(answer)});
  if (questions_.size() == 1) timer_.start_after(base::Nanos(0));
}

// From the loop: the timer's first call connects, its second one is the deadline.
void RuntimeClient::begin() {
  text_.clear();
  written_ = 0;
  timer_.start_after(deadline_);
  fd_ = base::Fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd_) return finish(base::Err(base::Error::from_errno("socket")));
  const base::SockAddr to = base::SockAddr::unix_path(path_);
  // A Unix socket connects at once, or its backlog is full.
  if (::connect(fd_.get(), to.sa(), to.length()) < 0) return finish(base::Err(base::Error::from_errno(path_)));
  write();
}

void RuntimeClient::on_deadline() {
  if (!fd_) return begin();
  finish(base::Err(fmt::format("{}: no answer within {} s", path_, base::to_millis(deadline_) / 1000)));
}

void RuntimeClient::on_io(int revents) {
  if (revents & EV_WRITE)
    write();
  else
    read();
}

void RuntimeClient::write() {
  const std::string& command = questions_.front().command;
  const ssize_t n = send(fd_.get(), command.data() + written_, command.size() - written_, MSG_NOSIGNAL);
  if (n < 0 && errno != EAGAIN && errno != EINTR) return finish(base::Err(base::Error::from_errno(path_)));
  if (n > 0) written_ += static_cast<size_t>(n);
  if (written_ < command.size()) return io_.start(fd_.get(), EV_WRITE);
  shutdown(fd_.get(), SHUT_WR);
  io_.start(fd_.get(), EV_READ);
}

void RuntimeClient::read() {
  // A long answer comes in pieces, between which the loop has its turn.
  char bytes[65536];
  const ssize_t n = recv(fd_.get(), bytes, sizeof bytes, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n < 0) return finish(base::Err(base::Error::from_errno(path_)));
  if (n == 0) return finish(std::move(text_));
  text_.append(bytes, static_cast<size_t>(n));
  if (text_.size() > kLimit) finish(base::Err(fmt::format("{}: the answer is too long", path_)));
}

void RuntimeClient::finish(base::Result<std::string> result) {
  io_.stop();
  timer_.stop();
  fd_.reset();
  Question done = std::move(questions_.front());
  questions_.pop_front();
  if (!questions_.empty()) timer_.start_after(base::Nanos(0));
  done.answer(std::move(result));
}

}  // namespace snmp
