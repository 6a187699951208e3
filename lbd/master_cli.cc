#include "lbd/master_cli.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <deque>

#include "lbd/cli/command.h"
#include "lbd/cli/framing.h"
#include "lbd/version_text.h"

namespace lbd {
namespace {

constexpr std::string_view kHelp =
    "  @!<pid>                                 : send a command to the <pid> process\n"
    "  @<relative pid>                         : send a command to the <relative pid> process\n"
    "  @master                                 : send a command to the master process\n"
    "  operator                                : lower the level of the current CLI session to operator\n"
    "  reload                                  : reload haproxy\n"
    "  show cli level                          : display the level of the current CLI session\n"
    "  show proc                               : show processes status\n"
    "  show startup-logs                       : show what the last worker said at its start\n"
    "  show version                            : show version of the current process\n"
    "  user                                    : lower the level of the current CLI session to user\n"
    "  help [<command>]                        : list matching or all commands\n"
    "  prompt                                  : toggle interactive mode with prompt\n"
    "  quit                                    : disconnect\n";

// The command as a line again.
std::string line_of(const cli::Command& command) {
  std::string line;
  for (const std::string& word : command.words) {
    if (!line.empty()) line += ' ';
    for (char c : word) {
      if (c == ';' || c == ' ' || c == '\t' || c == '\\') line += '\\';
      line += c;
    }
  }
  if (!command.payload.empty()) line += " <<\n" + command.payload;
  return line + "\n";
}

}  // namespace

class MasterCli::Listener {
 public:
  Listener(MasterCli& owner, base::Fd fd) : owner_(owner), fd_(std::move(fd)), io_(owner.loop_) {
    io_.bind<&Listener::on_readable>(this);
    io_.start(fd_.get(), EV_READ);
  }
  int fd() const { return fd_.get(); }

 private:
  void on_readable() {
    base::Fd client(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (client) owner_.accepted(std::move(client));
  }
  MasterCli& owner_;
  base::Fd fd_;
  base::IoWatcher io_;
};

class MasterCli::Session {
 public:
  Session(MasterCli& owner, base::Fd fd)
      : owner_(owner), fd_(std::move(fd)), io_(owner.loop_), worker_io_(owner.loop_) {
    io_.bind<&Session::on_io>(this);
    worker_io_.bind<&Session::on_worker>(this);
    io_.start(fd_.get(), EV_READ);
  }

 private:
  void on_io(int revents);
  void on_worker();
  bool read_input();
  // False: the session is over.
  bool go_on();
  bool flush();
  bool next_line();
  void run(cli::Command command);
  void run_in_worker(const std::string& target, const cli::Command& command);
  void run_here(const cli::Command& command);
  void answer(std::string_view text);
  void prompt();

  MasterCli& owner_;
  base::Fd fd_;
  base::IoWatcher io_;
  base::Fd worker_;
  base::IoWatcher worker_io_;
  cli::CommandReader reader_;
  std::deque<cli::Command> commands_;
  std::string output_;
  cli::Level level_ = cli::Level::admin;
  std::string target_;  // of commands that name none; "": the master
  pid_t target_pid_ = 0;
  bool interactive_ = false, busy_ = false, ended_ = false, answered_ = false, closing_ = false;
  // Callbacks of a reload may come after the session.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

void MasterCli::Session::on_io(int revents) {
  if ((revents & EV_READ) && !read_input()) return owner_.done(*this);
  if (!go_on()) owner_.done(*this);
}

bool MasterCli::Session::read_input() {
  char bytes[4096];
  ssize_t got = ::recv(fd_.get(), bytes, sizeof bytes, 0);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0) ended_ = true;
  reader_.feed({bytes, static_cast<size_t>(got)});
  return true;
}

bool MasterCli::Session::flush() {
  while (!output_.empty()) {
    ssize_t put = ::send(fd_.get(), output_.data(), output_.size(), MSG_NOSIGNAL);
    if (put < 0) return errno == EAGAIN;
    output_.erase(0, static_cast<size_t>(put));
  }
  return true;
}

bool MasterCli::Session::next_line() {
  std::vector<cli::Command> line;
  switch (reader_.next(line)) {
    case cli::CommandReader::State::command:
      for (cli::Command& command : line) commands_.push_back(std::move(command));
      return true;
    case cli::CommandReader::State::overflow:
      closing_ = true;
      return false;
    default:
      break;
  }
  if (ended_ || (answered_ && !interactive_)) closing_ = true;
  return false;
}

bool MasterCli::Session::go_on() {
  while (true) {
    if (!flush()) return false;
    if (!output_.empty()) {
      io_.start(fd_.get(), EV_WRITE);
      return true;
    }
    if (busy_) {
      // A client that has shut down its side reads the answer all the same.
      io_.start(fd_.get(), ended_ ? 0 : EV_READ);
      if (ended_) io_.stop();
      return true;
    }
    if (closing_ && commands_.empty()) return false;
    if (commands_.empty() && !next_line()) {
      if (closing_) continue;
      io_.start(fd_.get(), EV_READ);
      return true;
    }
    cli::Command command = std::move(commands_.front());
    commands_.pop_front();
    answered_ = true;
    run(std::move(command));
  }
}

void MasterCli::Session::answer(std::string_view text) {
  output_ += text;
  output_ += '\n';
  prompt();
}

void MasterCli::Session::prompt() {
  if (interactive_) output_ += target_.empty() ? std::string("master> ") : fmt::format("{}> ", target_pid_);
}

void MasterCli::Session::run(cli::Command command) {
  std::string target = target_;
  if (!command.words.empty() && command.words[0].starts_with('@')) {
    target = command.words[0].substr(1);
    if (target == "master" || target == "0") target.clear();
    command.words.erase(command.words.begin());
    if (command.words.empty()) {
      // Meant for what follows.
      auto session = target.empty() ? base::Result<base::Fd>(base::Fd()) : owner_.host_.talk_to(target, &target_pid_);
      if (!session) return answer(session.error().text + "\n");
      target_ = target;
      return prompt();
    }
  }
  if (!command.words.empty() && command.words[0] == "quit") {
    commands_.clear();
    closing_ = true;
    return;
  }
  if (target.empty()) return run_here(command);
  run_in_worker(target, command);
}

void MasterCli::Session::run_in_worker(const std::string& target, const cli::Command& command) {
  pid_t pid = 0;
  auto session = owner_.host_.talk_to(target, &pid);
  if (!session) return answer(session.error().text + "\n");
  worker_ = std::move(*session);
  // What this session has given up it has not there either.
  std::string line = level_ == cli::Level::admin ? "" : fmt::format("{}; ", cli::level_name(level_));
  line += line_of(command);
  if (::send(worker_.get(), line.data(), line.size(), MSG_NOSIGNAL) < 0) return answer("The worker does not answer.\n");
  busy_ = true;
  worker_io_.start(worker_.get(), EV_READ);
}

void MasterCli::Session::on_worker() {
  char bytes[16384];
  ssize_t got = ::recv(worker_.get(), bytes, sizeof bytes, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got > 0) {
    output_.append(bytes, static_cast<size_t>(got));
  } else {
    worker_io_.stop();
    worker_.reset();
    busy_ = false;
    prompt();
  }
  if (!go_on()) owner_.done(*this);
}

void MasterCli::Session::run_here(const cli::Command& command) {
  std::string text;
  for (const std::string& word : command.words) text += (text.empty() ? "" : " ") + word;
  if (text == "prompt") {
    interactive_ = !interactive_;
    if (!interactive_) closing_ = true;
    return prompt();
  }
  if (text == "show cli level") return answer(fmt::format("{}\n", cli::level_name(level_)));
  if (text == "operator" || text == "user") {
    level_ = std::min(level_, text == "user" ? cli::Level::user : cli::Level::operator_);
    return prompt();
  }
  if (text == "show startup-logs") return answer(owner_.host_.startup_log() + "\n");
  if (text == "reload" && level_ < cli::Level::operator_) return answer("Permission denied\n");
  if (text == "show proc" || text == "show proc debug") return answer(owner_.host_.process_table());
  if (text == "show version") return answer(version_number() + "\n");
  if (text.starts_with("help")) return answer("The following commands are valid at this level:\n" + std::string(kHelp));
  if (text == "reload") {
    busy_ = true;
    owner_.host_.reload([this, alive = std::weak_ptr(alive_)](bool success) {
      if (alive.expired()) return;
      busy_ = false;
      answer(fmt::format("Success={}\n--\n{}", success ? 1 : 0, owner_.host_.startup_log()));
      if (!go_on()) owner_.done(*this);
    });
    return;
  }
  answer("Unknown command. Please enter one of the following commands only:\n" + std::string(kHelp));
}

MasterCli::MasterCli(base::Loop& loop, MasterHost& host) : loop_(loop), host_(host) {}
MasterCli::~MasterCli() = default;

void MasterCli::add(base::Fd listener) {
  listeners_.push_back(std::make_unique<Listener>(*this, std::move(listener)));
}

std::vector<int> MasterCli::listeners() const {
  std::vector<int> fds;
  for (const auto& listener : listeners_) fds.push_back(listener->fd());
  return fds;
}

void MasterCli::accepted(base::Fd fd) {
  sessions_.push_back(std::make_unique<Session>(*this, std::move(fd)));
}

void MasterCli::done(Session& session) {
  std::erase_if(sessions_, [&](const auto& one) { return one.get() == &session; });
}

}  // namespace lbd
