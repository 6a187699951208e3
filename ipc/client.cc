#include "ipc/client.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

namespace ipc {
namespace {

// A link that lasted so long was no refusal: its end is worth an attempt at once.
constexpr base::Seconds kSteady{1};

}  // namespace

Client::Client(base::Loop& loop, ClientOptions options, ClientEvents& events)
    : loop_(loop),
      options_(std::move(options)),
      events_(events),
      connecting_(loop),
      timer_(loop),
      backoff_(options_.first_delay, options_.most_delay) {
  connecting_.bind<&Client::on_connecting>(this);
  timer_.bind<&Client::on_timer>(this);
  std::string seed = random_bytes(sizeof random_);
  std::memcpy(&random_, seed.data(), sizeof random_);
}

Client::~Client() {
  stop();
}

void Client::start(base::Nanos delay) {
  if (running_) return;
  running_ = true;
  backoff_.reset();
  timer_.start_after(delay);
}

void Client::stop(std::string_view reason) {
  running_ = false;
  up_ = false;
  timer_.stop();
  connecting_.stop();
  fd_.reset();
  if (channel_) channel_->close(reason);
  channel_.reset();
}

void Client::restart(std::string_view reason) {
  stop(reason);
  running_ = true;
  last_error_ = reason;
  wait();
}

void Client::wait() {
  random_ = random_ * 1664525 + 1013904223;
  timer_.start_after(backoff_.next(random_ >> 16));
}

void Client::failed(base::Error why) {
  last_error_ = why.text;
  connecting_.stop();
  fd_.reset();
  wait();
  events_.on_failed(*this, why);
}

void Client::on_timer() {
  if (fd_)
    failed(base::Error::from_errno("connect", ETIMEDOUT));
  else
    connect();
}

void Client::connect() {
  fd_ = base::Fd(socket(options_.to.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd_) return failed(base::Error::from_errno("socket"));
  if (options_.to.is_ip()) {
    int on = 1;
    setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  int done =
      options_.directory >= 0 ? connect_in_directory() : ::connect(fd_.get(), options_.to.sa(), options_.to.length());
  if (done == 0) return connected();
  // A Unix socket whose backlog is full answers EAGAIN: there is nothing to wait for but time.
  if (errno != EINPROGRESS) return failed(base::Error::from_errno("connect"));
  connecting_.start(fd_.get(), EV_WRITE);
  timer_.start_after(options_.connect_timeout);
}

int Client::connect_in_directory() {
  base::Fd here(open(".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  // Without the way back there is none to go: a chroot may be closed to us.
  if (!here || fchdir(here.get()) < 0 || fchdir(options_.directory) < 0) return -1;
  std::string path = options_.to.path();
  base::SockAddr name = base::SockAddr::unix_path(path.substr(path.rfind('/') + 1));
  int done = ::connect(fd_.get(), name.sa(), name.length());
  int why = errno;
  CHECK(fchdir(here.get()) == 0);
  errno = why;
  return done;
}

void Client::on_connecting() {
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &length);
  if (error) return failed(base::Error::from_errno("connect", error));
  connecting_.stop();
  connected();
}

void Client::connected() {
  timer_.stop();
  channel_ = std::make_unique<Channel>(loop_, std::move(fd_), options_.hello, options_.channel, counters_, *this);
}

std::string Client::on_hello(Channel&, const tandem::Hello& hello) {
  std::string refusal = events_.on_up(*this, hello);
  up_ = refusal.empty() && channel_;
  up_since_ = base::mono_now();
  return refusal;
}

void Client::on_envelope(Channel&, const tandem::Envelope& envelope) {
  events_.on_envelope(*this, envelope);
}

void Client::on_writable(Channel&) {
  if (up_) events_.on_writable(*this);
}

void Client::on_closed(Channel&, const std::string& reason) {
  std::string why = reason;
  channel_.reset();
  last_error_ = why;
  base::Error error{base::Code::closed, base::Fault::server, base::Retry::yes, 0, why};
  if (!up_) return failed(std::move(error));
  up_ = false;
  if (base::mono_now() - up_since_ >= kSteady) {
    backoff_.reset();
    timer_.start_after(base::Nanos(0));
  } else {
    wait();
  }
  events_.on_down(*this, why);
}

}  // namespace ipc
