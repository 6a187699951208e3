#include "lbd/cli/session.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace lbd::cli {

Session::Session(base::Loop& loop, base::Fd fd, const Access& access, Services& services, SessionOwner& owner)
    : io_(loop), timeout_(loop), fd_(std::move(fd)), services_(services), owner_(owner) {
  state_.level = access.level;
  state_.exposes_listeners = access.exposes_listeners;
  state_.severity = access.severity;
  state_.socket = fd_.get();
  state_.timeout = services.config.global.stats_timeout;
  state_.begun = base::mono_now();
  self_ = std::make_shared<Session*>(this);
  services_.sessions.push_back(&state_);
  io_.bind<&Session::on_io>(this);
  timeout_.bind<&Session::on_timeout>(this);
  io_.start(fd_.get(), EV_READ);
  if (state_.timeout.count() > 0) timeout_.set_after(state_.timeout);
}

Session::~Session() {
  std::erase(services_.sessions, &state_);
  // Closing a TCP socket with unread bytes would reset it and take the answer away from the client.
  ::shutdown(fd_.get(), SHUT_WR);
  char rest[4096];
  while (::recv(fd_.get(), rest, sizeof rest, MSG_DONTWAIT) > 0) {
  }
}

void Session::on_timeout() {
  owner_.session_done(*this);
}

void Session::on_io(int revents) {
  bool alive = !(revents & EV_READ) || read_input();
  alive = alive && run_commands();
  if (!alive) return owner_.session_done(*this);
  // While an answer waits for its reader nothing more is read.
  if (!output_.empty() || (more_ && !waiting_))
    io_.start(fd_.get(), EV_WRITE);
  else if (waiting_ && input_ended_)
    io_.stop();
  else
    io_.start(fd_.get(), EV_READ);
  // It is us who is slow, or what is watched that does not happen.
  if (waiting_)
    timeout_.clear();
  else if (state_.timeout.count() > 0)
    timeout_.set_after(state_.timeout);
}

void Session::on_wake() {
  waiting_ = watching_ = false;
  on_io(0);
}

bool Session::read_input() {
  char bytes[4096];
  ssize_t got = ::recv(fd_.get(), bytes, sizeof bytes, 0);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (watching_) {
    // Whatever it is, it is not a command.
    input_ended_ = input_ended_ || got == 0;
    waiting_ = watching_ = false;
    end_answer();
    return true;
  }
  if (got == 0) {
    input_ended_ = true;
    return true;
  }
  if (!closing_) reader_.feed({bytes, static_cast<size_t>(got)});
  return true;
}

// Runs command after command as long as each answer goes out at once.
bool Session::run_commands() {
  while (true) {
    if (!write_output()) return false;
    if (!output_.empty()) return true;
    if (waiting_) return true;
    if (more_) {
      const More what = more_(output_);
      if (what == More::done) end_answer();
      waiting_ = what == More::waits || what == More::watches;
      watching_ = what == More::watches;
      if (!write_output()) return false;
      if (more_ || !output_.empty()) return true;
    }
    if (next_ < commands_.size()) {
      run(commands_[next_++]);
      continue;
    }
    if (closing_) return false;
    CommandReader::State state = reader_.next(commands_);
    next_ = state == CommandReader::State::command ? 0 : commands_.size();
    if (state_.interactive)
      for (size_t i = 0; i < reader_.continued_lines(); ++i) output_ += "+ ";
    switch (state) {
      case CommandReader::State::command:
        answered_ = true;
        break;
      case CommandReader::State::overflow:
        output_ += "Command too long.\n\n";
        closing_ = true;
        break;
      case CommandReader::State::need_payload:
        if (input_ended_) return false;
        // Behind the line there may be the payload already.
        if (reader_.continued_lines() == 0) return write_output();
        break;
      case CommandReader::State::need_more:
        // A line that was never ended is not executed.
        return !input_ended_ && (state_.interactive || !answered_);
    }
  }
}

void Session::run(Command& command) {
  const bool was_interactive = state_.interactive;
  Invocation invocation{services_, state_, std::move(command.words), std::move(command.payload), {}, 0};
  if (services_.home)
    invocation.wake = [self = std::weak_ptr(self_), home = services_.home] {
      home->post([self] {
        if (const auto session = self.lock()) (*session)->on_wake();
      });
    };
  execute(invocation);
  if (state_.quit) {
    next_ = commands_.size();
    closing_ = true;
    return;
  }
  if (was_interactive && !state_.interactive) closing_ = true;
  output_ += invocation.answer;
  more_ = std::move(invocation.more);
  if (!more_) end_answer();
}

void Session::end_answer() {
  more_ = nullptr;
  output_ += '\n';
  if (state_.interactive) output_ += "> ";
}

bool Session::write_output() {
  while (sent_ < output_.size()) {
    ssize_t put = ::send(fd_.get(), output_.data() + sent_, output_.size() - sent_, MSG_NOSIGNAL);
    if (put < 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN;
    }
    sent_ += static_cast<size_t>(put);
  }
  output_.clear();
  // What a long dump took is given back.
  output_.shrink_to_fit();
  sent_ = 0;
  return true;
}

}  // namespace lbd::cli
